from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.model.familiarity import fit_familiarity, load_familiarity

RNG = np.random.default_rng(0)


def features(n: int, centre: float = 0.0) -> np.ndarray:
    """Few strong directions and weak noise, as mean-pooled states have."""
    mixing = np.random.default_rng(1).normal(size=(10, 96))
    return (centre + RNG.normal(size=(n, 10)) @ mixing + 0.1 * RNG.normal(size=(n, 96))).astype(np.float32)


def test_what_was_trained_on_is_near_and_what_lies_elsewhere_is_far() -> None:
    familiarity = fit_familiarity(features(500))
    near, far = familiarity.distance(features(200)), familiarity.distance(features(200, centre=1.0))
    assert 0.8 < near.mean() < 1.2
    assert far.min() > near.max()


def test_what_is_saved_measures_as_what_was_fitted(tmp_path: Path) -> None:
    familiarity = fit_familiarity(features(500))
    familiarity.save(tmp_path / "familiarity.safetensors")
    loaded = load_familiarity(tmp_path / "familiarity.safetensors")
    wanted = features(50)
    assert loaded.distance(wanted) == pytest.approx(familiarity.distance(wanted), rel=1e-6)


def test_a_broken_file_says_how_to_restore_it(tmp_path: Path) -> None:
    (tmp_path / "familiarity.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="git checkout"):
        load_familiarity(tmp_path / "familiarity.safetensors")
