"""How far a passage is from the passages that the classifier was trained on.

What the frozen layers make of a passage does not depend on the labels. A Gaussian over it, of the training passages,
gives a distance (Lee et al. 2018, with one class): another language, a recipe or source code lies far out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from pipeline.errors import ModelError

Array = npt.NDArray[np.float32]

# Directions kept; what lies outside them counts by its length alone.
_DIRECTIONS = 64


@dataclass(frozen=True)
class Familiarity:
    """A Gaussian with `_DIRECTIONS` principal directions of its own and one variance for all the others.

    *Shapes:* mean (width,), directions (n_directions, width), spread (n_directions,), rest (1,): standard deviations.
    """

    mean: Array
    directions: Array
    spread: Array
    rest: Array

    def distance(self, features: Array) -> Array:
        """Mahalanobis distance per dimension: about 1 for a passage like those trained on.

        *Shape:* (n_passages, width) -> (n_passages,)
        """
        centred = np.asarray(features, dtype=np.float32) - self.mean
        along = centred @ self.directions.T
        outside = np.maximum((centred**2).sum(1) - (along**2).sum(1), 0)
        squared = ((along / self.spread) ** 2).sum(1) + outside / self.rest[0] ** 2
        distance: Array = np.sqrt(squared / centred.shape[1]).astype(np.float32)
        return distance

    def save(self, path: Path) -> None:
        """Write it as safetensors."""
        save_file({name: np.ascontiguousarray(value) for name, value in vars(self).items()}, path)


def load_familiarity(path: Path) -> Familiarity:
    """What `save` wrote.

    Raises: ModelError if it is absent or broken.
    """
    try:
        return Familiarity(**load_file(path))
    except (OSError, SafetensorError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; restore it with `git checkout {path.parent}`") from None


def fit_familiarity(features: Array) -> Familiarity:
    """The Gaussian of these passages.

    *Shape:* (n_passages, width)
    """
    mean = features.mean(0)
    centred = features - mean
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    kept = min(_DIRECTIONS, len(lengths) - 1)
    variances = lengths**2 / len(features)
    rest = np.sqrt(max(variances[kept:].sum() / max(centred.shape[1] - kept, 1), 1e-12))
    spread = np.maximum(np.sqrt(variances[:kept]), rest)
    return Familiarity(
        mean.astype(np.float32),
        directions[:kept].astype(np.float32),
        spread.astype(np.float32),
        np.array([rest], dtype=np.float32),
    )
