"""Whether a frame that an author contests is told from the same frame in another voice: on the contrast set."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.metrics import Floats, Labels, interval
from pipeline.frames import LABELS
from pipeline.labels.contrast import Pair
from pipeline.params import EvaluateParams


def told_apart(pairs: Sequence[Pair], probabilities: Floats, decided: Labels, params: EvaluateParams) -> dict[str, Any]:
    """How often only the contesting passage of a pair is decided so, and how often it has the higher probability.

    Chance ranks half of the pairs, and two probabilities alike count as half. `both` and `neither` are the shares of
    pairs in which the same was decided of both passages. Intervals resample pairs.

    *Shape:* (2 * n_pairs, 8) twice, the two passages of a pair after one another.
    """
    places = [LABELS.index(pair.label) for pair in pairs]
    rows = np.arange(len(pairs))
    given: Labels = decided.reshape(len(pairs), 2, -1)[rows, :, places]
    found: Floats = probabilities.reshape(len(pairs), 2, -1)[rows, :, places]
    shares: dict[str, npt.NDArray[Any]] = {
        "told_apart": given[:, 0] & ~given[:, 1],
        "ranked": (found[:, 0] > found[:, 1]) + 0.5 * (found[:, 0] == found[:, 1]),
        "both": given[:, 0] & given[:, 1],
        "neither": ~given[:, 0] & ~given[:, 1],
    }
    rng = np.random.default_rng(params.seed)
    resamples = [rng.integers(0, len(pairs), len(pairs)) for _ in range(params.resamples)]
    return {
        "pairs": len(pairs),
        **{
            name: {
                "share": round(float(held.mean()), 4),
                "interval": interval(partial(_mean, held), resamples, params.interval_level),
            }
            for name, held in shares.items()
        },
        "labels": {
            label: {
                "pairs": len(own),
                "told_apart": int(shares["told_apart"][own].sum()),
                "ranked": float(shares["ranked"][own].sum()),
            }
            for label in dict.fromkeys(pair.label for pair in pairs)
            if len(own := np.array([i for i, pair in enumerate(pairs) if pair.label == label]))
        },
    }


def _mean(held: npt.NDArray[Any], rows: npt.NDArray[np.int_]) -> float:
    return float(held[rows].mean())
