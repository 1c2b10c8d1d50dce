import shutil
from pathlib import Path

import pytest

from pipeline.evaluation.card import run_card


def test_the_card_says_when_what_stands_beside_the_model_is_of_an_earlier_one_and_does_without(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "models/framing", tmp_path / "models/framing")
    (tmp_path / "reports").mkdir()
    for name in ("metrics.json", "labels.json", "repeats.json", "recipes.csv"):
        shutil.copyfile(root / "reports" / name, tmp_path / "reports" / name)
    monkeypatch.chdir(tmp_path)
    assert "Of an earlier model" not in run_card().read_text()
    repeats = tmp_path / "reports/repeats.json"
    repeats.write_text(repeats.read_text().replace('"model": "', '"model": "x', 1))
    assert "Of an earlier model" in run_card().read_text()
    repeats.unlink()
    (tmp_path / "reports/recipes.csv").unlink()
    page = run_card().read_text()
    assert "luck" not in page and "What was tried" not in page and "## Limits" in page
