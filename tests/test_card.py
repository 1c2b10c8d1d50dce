import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluation import repeats
from pipeline.evaluation.card import run_card
from pipeline.evaluation.repeats import figures_of, write_runs
from pipeline.params import Params, TrainParams


def test_the_card_says_when_what_stands_beside_the_model_is_of_an_earlier_one_and_does_without(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "models/framing", tmp_path / "models/framing")
    (tmp_path / "reports").mkdir()
    for name in ("metrics.json", "labels.json", "recipes.csv"):
        shutil.copyfile(root / "reports" / name, tmp_path / "reports" / name)
    monkeypatch.chdir(tmp_path)
    metrics = json.loads((tmp_path / "reports/metrics.json").read_text())
    runs = [{"encoder": "mpnet", "seed": seed, **figures_of(metrics, metrics)} for seed in (0, 1)]
    write_runs(runs, metrics["model"])
    page = run_card((1, 8), 0.95).read_text()
    assert "How much of it is luck" in page and "What was tried" in page and "Of an earlier model" not in page
    write_runs(runs, "another")
    assert "Of an earlier model" in run_card((1, 8), 0.95).read_text()
    (tmp_path / "reports/repeats.json").unlink()
    (tmp_path / "reports/recipes.csv").unlink()
    page = run_card((1, 8), 0.95).read_text()
    assert "luck" not in page and "What was tried" not in page and "## Limits" in page


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [
        ("mpnet", [("mpnet", 0), ("mpnet", 1), ("mpnet", 2), ("minilm", 0)]),
        ("minilm", [("minilm", n) for n in range(3)]),
    ],
)
def test_repeating_trains_each_run_once_and_goes_on_after_what_is_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: str, expected: list[tuple[str, int]]
) -> None:
    (tmp_path / "reports").mkdir()
    shutil.copyfile(root / "reports/metrics.json", tmp_path / "reports/metrics.json")
    monkeypatch.chdir(tmp_path)
    metrics = json.loads(Path("reports/metrics.json").read_text())
    params = Params(train=TrainParams(encoder=encoder, seed=0))
    trained: list[tuple[str, int]] = []

    def refit(_: object, __: object, own: Params, *___: object) -> Any:
        trained.append((own.train.encoder, own.train.seed))
        return metrics

    monkeypatch.setattr(repeats, "refit", refit)  # each would take minutes
    monkeypatch.setattr(repeats, "require_essays", lambda: None)
    monkeypatch.setattr(repeats, "fetch_encoder", lambda *_: None)
    going = repeats.repeat((), (), params)
    for _ in range(2):
        next(going)
    going.close()
    found = [(run["encoder"], run["seed"]) for run in repeats.repeat((), (), params)]
    assert found == expected and trained == expected[1:]
    kept = json.loads(Path("reports/repeats.json").read_text())
    assert [(run["encoder"], run["seed"]) for run in kept["runs"]] == expected
    write_runs(kept["runs"], "another")
    list(repeats.repeat((), (), params))
    assert trained == 2 * expected[1:]
