import json
import shutil
from pathlib import Path

import pytest

from pipeline.evaluation.card import run_card
from pipeline.evaluation.repeats import figures_of, write_runs


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
    page = run_card().read_text()
    assert "How much of it is luck" in page and "What was tried" in page and "Of an earlier model" not in page
    write_runs(runs, "another")
    assert "Of an earlier model" in run_card().read_text()
    (tmp_path / "reports/repeats.json").unlink()
    (tmp_path / "reports/recipes.csv").unlink()
    page = run_card().read_text()
    assert "luck" not in page and "What was tried" not in page and "## Limits" in page
