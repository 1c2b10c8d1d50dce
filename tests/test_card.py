import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluation import repeats
from pipeline.evaluation.card import run_card
from pipeline.evaluation.repeats import figures_of, write_runs
from pipeline.params import Params, TrainParams


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the committed model and its figures."""
    shutil.copytree(root / "models/framing", tmp_path / "models/framing")
    (tmp_path / "reports").mkdir()
    for name in ("metrics.json", "labels.json", "recipes.csv"):
        shutil.copyfile(root / "reports" / name, tmp_path / "reports" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_card_says_when_what_stands_beside_the_model_is_of_an_earlier_one_and_does_without(project: Path) -> None:
    metrics = json.loads((project / "reports/metrics.json").read_text())
    runs = [{"encoder": "mpnet", "seed": seed, **figures_of(metrics, metrics)} for seed in (0, 1)]
    write_runs(runs, metrics["model"])
    page = run_card((1, 8), 0.95).read_text()
    assert "How much of it is luck" in page and "What was tried" in page and "Of an earlier model" not in page
    write_runs(runs, "another")
    assert "Of an earlier model" in run_card((1, 8), 0.95).read_text()
    (project / "reports/repeats.json").unlink()
    (project / "reports/recipes.csv").unlink()
    page = run_card((1, 8), 0.95).read_text()
    assert "luck" not in page and "What was tried" not in page and "## Limits" in page


def test_the_card_shows_intervals_marks_and_counts_and_no_minus_before_nothing(project: Path) -> None:
    metrics = json.loads(Path("reports/metrics.json").read_text())
    labels = metrics["essays"]["labels"]
    labels["realist"] |= {"f1_interval": [0.641, 0.884], "certain_for_right": 0.6}
    labels["realist"] |= {"certain_for_right_count": 3, "certain_for_count": 5}
    labels["contested-status"] |= {"precision": None, "recall": None, "f1": None, "f1_interval": None}
    unknown = dict.fromkeys(labels["realist"])
    labels["advanced-realist"] = unknown | {"support": 70, "precision": 0.5, "recall": 0.7, "f1": 0.591}
    labels["advanced-realist"]["f1_interval"] = [0.41, 0.73]
    metrics["tiers"] |= {"realist": "solid", "identity": "solid", "advanced-realist": "usable"}
    metrics["tier_unsure"] = ["realist", "advanced-realist"]
    metrics["written_test"]["robustness"]["OCR noise"] |= {"drop": -0.0022, "drop_interval": [-0.021, 0.004]}
    metrics["unfamiliar"]["poem"] = {"texts": 20, "unfamiliar_share": 0.45, "unfamiliar_or_no_frame_share": 0.9}
    Path("reports/metrics.json").write_text(json.dumps(metrics))
    page = run_card((1, 8), 0.95).read_text()
    rows = {line.split(" | ")[0].strip("| "): line for line in page.partition("### Essays")[2].splitlines()[::-1]}
    assert "| 0.78 (0.64 to 0.88) |" in rows["realist"] and "| 3 of 5 |" in rows["realist"]
    assert rows["realist"].endswith("| solid, perhaps less |") and rows["identity"].endswith("| solid |")
    assert rows["advanced-realist"].startswith(
        "| advanced-realist | 70 | 0.50 | 0.70 | 0.59 (0.41 to 0.73) | - | - | - |"
    )
    assert rows["advanced-realist"].endswith("| - | usable, perhaps less |")
    assert rows["contested-status"].startswith("| contested-status | 0 | - | - | - |")
    assert "(drop 0.00, -0.02 to 0.00)" in page and "-0.00)" not in page and "-0.00 " not in page
    assert "poem: unfamiliar 9 of 20, unfamiliar or without frame 18 of 20" in page


def test_the_card_says_what_the_correction_and_the_calibration_came_to(project: Path) -> None:
    page = " ".join(run_card((1, 8), 0.95).read_text().split())
    assert "the largest that was offered" in page and "plain counts" not in page  # nobody measured the correction
    assert "offered" not in run_card((1, 8, 16), 0.95).read_text()
    for weight, said in (
        (0.0, "at present plain counts."),
        (0.4, "corrected for them with the weight 0.40 (present),"),
    ):
        parts = {part: {"weight": weight, "frames": {"realist": {}}} for part in ("present", "advanced")}
        Path("reports/coverage.json").write_text(json.dumps({"correction": parts}))
        assert f"the shares themselves are {said}" in " ".join(run_card((1, 8), 0.95).read_text().split())


def test_means_over_seeds_have_no_more_digits_than_they_bear_and_none_where_a_run_has_no_value(project: Path) -> None:
    metrics = json.loads(Path("reports/metrics.json").read_text())
    runs = [{"encoder": "mpnet", "seed": seed, **figures_of(metrics, metrics)} for seed in (0, 1)]
    runs[1]["essays"]["macro_f1"] += 0.004
    runs[1]["essays"]["status_f1"] = None
    write_runs(runs, metrics["model"])
    page = run_card((1, 8), 0.95).read_text()
    assert "| macro f1 | 0.82 | under 0.01 |" in page and "| status f1 | - | - |" in page
    assert "calibration error, worst of the four frames" in page and "of 2 seeds on the same essays" in page


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
