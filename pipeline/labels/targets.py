"""Labels as numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.frames import FRAMES, LABELS
from pipeline.records import Label


def targets(labels: Sequence[Label]) -> npt.NDArray[np.float32]:
    """Ones and zeros in the order of `LABELS`.

    Returns: shape (n_passages, 8).
    """
    rows = [[f in label.frames for f in FRAMES] + [f in label.contested for f in FRAMES] for label in labels]
    return np.array(rows, dtype=np.float32).reshape(len(labels), len(LABELS))
