import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import recipes
from pipeline.evaluation.recipes import Trial, try_recipes
from pipeline.params import EvaluateParams, Params, TrainParams
from pipeline.records import WrittenPassage

PARAMS = Params(
    train=TrainParams(epochs=1, tuned_layers=2, lora_rank=2, max_tokens=64, precision="fp32"),
    evaluate=EvaluateParams(resamples=20),
)


@pytest.fixture
def tiny(tiny_encoder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The encoder of the trials, in a folder that holds what they are scored on."""
    shutil.copytree(root / "data/op-eds", tmp_path / "data/op-eds")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recipes, "START", {"seed": 0, "epochs": 1, "tuned_layers": 2})
    return str(tiny_encoder)


def test_trials_are_compared_with_their_start_and_not_trained_twice(
    passages: list[WrittenPassage], tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = (Trial(tiny, "start"), Trial(tiny, "faster", {"epochs": 4, "learning_rate": 0.05}), Trial(tiny, "again"))
    monkeypatch.setattr(recipes, "ALL", trials)
    rows = list(try_recipes(passages[:40], passages[40:60], PARAMS))
    assert [row["recipe"] for row in rows] == ["start", "faster", "again"]
    assert rows[0]["difference"] == 0
    one, other = (np.load(path) for path in recipes.TRIALS.iterdir())  # the third is the first over again
    assert not np.array_equal(one, other)
    assert rows[2] == rows[0] | {"recipe": "again"}
    assert Path("reports/recipes.csv").read_text().count("\n") == 4

    monkeypatch.setattr(recipes, "fit", None)  # would fail if called
    assert list(try_recipes(passages[:40], passages[40:60], PARAMS)) == rows
    with pytest.raises(TypeError):
        list(try_recipes(passages[:41], passages[40:60], PARAMS))


def test_trials_on_all_passages_are_compared_with_their_own_start(
    passages: list[WrittenPassage], tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "FEW", 16)
    faster = {"epochs": 4, "learning_rate": 0.05}
    trials = (Trial(tiny, "part"), Trial(tiny, "all", faster, whole=True))
    monkeypatch.setattr(recipes, "ALL", trials)
    part, whole = try_recipes(passages[:40], passages[40:60], PARAMS)
    assert (part["passages"], whole["passages"]) == (16, 40)
    one, other = (np.load(path) for path in recipes.TRIALS.iterdir())
    assert not np.array_equal(one, other)
    assert part["difference"] == whole["difference"] == 0
