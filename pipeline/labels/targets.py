"""Labels as numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.frames import FRAMES, LABELS
from pipeline.records import Label, WrittenPassage


def targets(labels: Sequence[Label]) -> npt.NDArray[np.float32]:
    """Ones and zeros in the order of `LABELS`.

    Returns: shape (n_passages, 8).
    """
    return _rows(labels)


def smoothed_targets(passages: Sequence[WrittenPassage], smoothing: float) -> npt.NDArray[np.float32]:
    """The settled labels, moved by `smoothing` towards the share of the labelling passes that gave them.

    A tenth of a vote is added for and against, so that even passes that agree leave a doubt.

    Returns: shape (n_passages, 8), between 0 and 1.
    """
    settled = _rows([passage.label for passage in passages])
    votes = [(_rows(passage.annotations).sum(0), len(passage.annotations)) for passage in passages]
    said = np.array([(given + 0.1) / (count + 0.2) for given, count in votes])
    moved: npt.NDArray[np.float32] = (settled + smoothing * (said.reshape(settled.shape) - settled)).astype(np.float32)
    return moved


def _rows(labels: Sequence[Label]) -> npt.NDArray[np.float32]:
    rows = [[f in label.frames for f in FRAMES] + [f in label.contested for f in FRAMES] for label in labels]
    return np.array(rows, dtype=np.float32).reshape(len(labels), len(LABELS))
