"""What is advanced: a frame that is used and not contested. No output of the network; it follows from two of them."""

import numpy as np
import numpy.typing as npt

from pipeline.frames import FRAMES, LABELS

ADVANCED: tuple[str, ...] = tuple(f"advanced-{frame}" for frame in FRAMES)
# Everything that is measured against the labels.
MEASURED: tuple[str, ...] = (*LABELS, *ADVANCED)


def with_advanced(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Labels or decisions, shape (n_passages, 8), and beside them the four of `ADVANCED`: shape (n_passages, 12)."""
    n = len(FRAMES)
    return np.hstack([flags, flags[:, :n] & ~flags[:, n:]])
