"""From calibrated probabilities to what may be said of a passage."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.frames import FRAMES, LABELS, Frame
from pipeline.model.calibration import Array, Calibration


@dataclass(frozen=True)
class Prediction:
    """Calibrated probabilities in the order of `LABELS`, and what follows from them, most probable first.

    `uncertain` names the labels on which the decision is right with less than the stated probability;
    `unfamiliar` passages are too far from what was trained on for any of it to count.
    """

    probabilities: tuple[float, ...]
    frames: tuple[Frame, ...]
    contested: tuple[Frame, ...]
    uncertain: tuple[str, ...] = ()
    unfamiliar: bool = False


def predictions(
    probabilities: Array, calibration: Calibration, distances: npt.NDArray[np.floating] | None = None
) -> list[Prediction]:
    """What follows from calibrated probabilities, shape (n_passages, 8), and distances, shape (n_passages,)."""
    decided = calibration.decide(probabilities)
    doubtful = calibration.doubt(probabilities)
    far = np.zeros(len(probabilities), bool) if distances is None else distances > calibration.familiar_up_to
    found = []
    for row, holds, doubt, unfamiliar in zip(probabilities, decided, doubtful, far, strict=True):
        order = sorted(range(len(FRAMES)), key=lambda i: -row[i])
        found.append(
            Prediction(
                probabilities=tuple(round(float(p), 4) for p in row),
                frames=tuple(FRAMES[i] for i in order if holds[i]),
                contested=tuple(FRAMES[i] for i in order if holds[len(FRAMES) + i]),
                uncertain=tuple(label for label, unsure in zip(LABELS, doubt, strict=True) if unsure),
                unfamiliar=bool(unfamiliar),
            )
        )
    return found
