import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import recipes
from pipeline.evaluation.recipes import Trial, try_recipes
from pipeline.params import EvaluateParams, Params, TrainParams
from pipeline.records import WrittenPassage


def test_trials_are_compared_with_their_start_and_not_trained_twice(
    passages: list[WrittenPassage], tiny_encoder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "data/op-eds", tmp_path / "data/op-eds")
    monkeypatch.chdir(tmp_path)
    tiny = str(tiny_encoder)
    trials = (Trial(tiny, "start"), Trial(tiny, "faster", {"epochs": 4, "learning_rate": 0.05}), Trial(tiny, "again"))
    monkeypatch.setattr(recipes, "ALL", trials)
    monkeypatch.setattr(recipes, "START", {"seed": 0, "epochs": 1, "tuned_layers": 2})
    params = Params(
        train=TrainParams(epochs=1, tuned_layers=2, lora_rank=2, max_tokens=64, precision="fp32"),
        evaluate=EvaluateParams(resamples=20),
    )
    rows = list(try_recipes(passages[:40], passages[40:60], params))
    assert [row["recipe"] for row in rows] == ["start", "faster", "again"]
    assert rows[0]["difference"] == 0
    one, other = (np.load(path) for path in recipes.TRIALS.iterdir())  # the third is the first over again
    assert not np.array_equal(one, other)
    assert rows[2] == rows[0] | {"recipe": "again"}
    assert Path("reports/recipes.csv").read_text().count("\n") == 4

    monkeypatch.setattr(recipes, "fit", None)  # would fail if called
    assert list(try_recipes(passages[:40], passages[40:60], params)) == rows
    with pytest.raises(TypeError):
        list(try_recipes(passages[:41], passages[40:60], params))


def test_trials_on_all_passages_are_compared_with_their_own_start(
    passages: list[WrittenPassage], tiny_encoder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "data/op-eds", tmp_path / "data/op-eds")
    monkeypatch.chdir(tmp_path)
    tiny = str(tiny_encoder)
    monkeypatch.setattr(recipes, "FEW", 16)
    monkeypatch.setattr(recipes, "START", {"seed": 0, "epochs": 1, "tuned_layers": 2})
    faster = {"epochs": 4, "learning_rate": 0.05}
    trials = (Trial(tiny, "part"), Trial(tiny, "all", faster, whole=True))
    monkeypatch.setattr(recipes, "ALL", trials)
    params = Params(
        train=TrainParams(epochs=1, tuned_layers=2, lora_rank=2, max_tokens=64, precision="fp32"),
        evaluate=EvaluateParams(resamples=20),
    )
    part, whole = try_recipes(passages[:40], passages[40:60], params)
    assert (part["passages"], whole["passages"]) == (16, 40)
    one, other = (np.load(path) for path in recipes.TRIALS.iterdir())
    assert not np.array_equal(one, other)
    assert part["difference"] == whole["difference"] == 0
