"""Krippendorff's alpha of two readers, with an interval.

`pipeline.labels.agreement` leaves the figure itself to nltk; thousands of resamples need it in one product of
matrices. A test holds the two against each other.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from nltk.metrics.distance import binary_distance, masi_distance

from pipeline.frames import LABELS
from pipeline.labels.agreement import contested_set, frame_set, holds
from pipeline.params import EvaluateParams
from pipeline.profile.estimate import wilson
from pipeline.records import Label
from pipeline.resampling import cluster_resamples

Array = npt.NDArray[np.float64]
FRAME_SETS, CONTESTED_SETS = "set of frames (MASI)", "set of contested frames (MASI)"


@dataclass(frozen=True)
class Alpha:
    """Agreement on a label, or on whole sets: alpha and its interval, none where nothing varies; share labelled alike.

    `first` and `second`: how many passages each reader gave the label.
    """

    what: str
    alpha: float | None
    low: float | None
    high: float | None
    alike: float
    first: int
    second: int


def alphas(
    first: Sequence[Label], second: Sequence[Label], documents: Sequence[str], params: EvaluateParams
) -> list[Alpha]:
    """Agreement per label (nominal) and for the sets of frames and of contested frames (MASI distance).

    Args:
        documents: of each passage: the intervals resample documents, then blocks of passages within them; none is
            narrower than Wilson's for the disagreement.
    """
    rng = np.random.default_rng(params.seed)
    samples = cluster_resamples(documents, params.resamples, params.block_passages, rng)
    weights = np.array([np.bincount(rows, minlength=len(documents)) for rows in samples], dtype=np.float64)
    level = params.interval_level
    rows = []
    for label in LABELS:
        a, b = ([holds(label, one) for one in labels] for labels in (first, second))
        rows.append(_row(label, a, b, binary_distance, weights, level, sum(a), sum(b)))
    for what, chosen in ((FRAME_SETS, frame_set), (CONTESTED_SETS, contested_set)):
        sets_a, sets_b = ([chosen(one) for one in labels] for labels in (first, second))
        rows.append(_row(what, sets_a, sets_b, masi_distance, weights, level, len(first), len(second)))
    return rows


def _row(what, a, b, distance, weights, level, positives_a, positives_b) -> Alpha:  # type: ignore[no-untyped-def]
    alike = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    observed, expected = (float(found[0]) for found in _disagreement(a, b, distance, np.ones((1, len(a)))))
    if not expected:
        return Alpha(what, None, None, None, alike, positives_a, positives_b)
    value = 1 - observed / expected
    observed_in, expected_in = _disagreement(a, b, distance, weights)
    # Where a resample holds the label nowhere, or everywhere, it says nothing.
    varies = expected_in > 0
    low, high = np.quantile(1 - observed_in[varies] / expected_in[varies], [(1 - level) / 2, (1 + level) / 2])
    least, most = _as_wilson(observed, expected, len(a), level)
    return Alpha(what, value, min(float(low), least), max(float(high), most), alike, positives_a, positives_b)


def _as_wilson(observed: float, expected: float, passages: int, level: float) -> tuple[float, float]:
    """Alpha at the ends of Wilson's interval for the disagreement, with as much expected by chance.

    Readers who agree throughout agree in every resample, too; of few passages that is no certainty.
    """
    low, high = (float(end[0]) for end in wilson(np.array([observed]), passages, level))
    return max(-1.0, 1 - high / expected), 1 - low / expected


def _disagreement(a: Sequence[Hashable], b: Sequence[Hashable], distance, weights: Array) -> tuple[Array, Array]:  # type: ignore[no-untyped-def]
    """Observed and expected disagreement, for each row of weights; nothing is expected where nothing varies.

    *Shape:* weights (n_resamples, n_passages) -> (n_resamples,), (n_resamples,)
    """
    values = list(dict.fromkeys([*a, *b]))
    apart = np.array([[distance(x, y) for y in values] for x in values], dtype=np.float64)
    first, second = (np.array([values.index(x) for x in given]) for given in (a, b))
    observed = weights @ apart[first, second] / weights.sum(1)
    one_hot = np.eye(len(values))
    counts = weights @ (one_hot[first] + one_hot[second])
    total = counts.sum(1)
    return observed, np.einsum("ri,ij,rj->r", counts, apart, counts) / (total * (total - 1))
