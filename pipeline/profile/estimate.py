"""From decisions on passages to an author's share of a frame, corrected for the classifier's errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from pipeline.params import ProfileParams
from pipeline.resampling import Rows, cluster_resamples

Flags = npt.NDArray[np.bool_]

# Below this difference between hit rate and false-alarm rate a correction would divide by noise.
MIN_DISCRIMINATION = 0.2
# With fewer labelled passages on either side the rates would be guesses.
MIN_CALIBRATION_PASSAGES = 15


@dataclass(frozen=True)
class Share:
    """A share of passages with its interval, all between 0 and 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibrator:
    """Decisions of the classifier on passages of other authors whose true labels are known.

    `documents` names the document of each passage: resampling keeps neighbours together.
    """

    truth: Flags
    decided: Flags
    documents: tuple[str, ...]


def labelled_share(holds: Flags, documents: Sequence[str], params: ProfileParams) -> Share:
    """The share among hand-labelled passages; the interval holds what another sample of such text would show.

    It comes from resampling blocks of passages, and is never narrower than Wilson's: no share is 0 for certain.
    """
    rng = np.random.default_rng(params.seed)
    draws = [holds[rows].mean() for rows in _resamples(documents, params, rng)]
    return _share(float(holds.mean()), np.array(draws), params.interval_level, _wilson(holds, params.interval_level))


def corrected_share(
    decided: Flags, documents: Sequence[str], calibrator: Calibrator, params: ProfileParams
) -> Share | None:
    """The share that the decisions imply once the classifier's hit and false-alarm rates are taken into account.

    (decided share - false-alarm rate) / (hit rate - false-alarm rate), cut to 0-1 (Rogan and Gladen 1978). The
    interval comes from resampling the author's text and the calibration texts together, so it holds the sampling
    of passages and the uncertainty of the error rates.

    Returns None where the classifier tells the frame too poorly to correct for, or where too few calibration
    passages carry it, or lack it, to know how well it does.
    """
    positives = int(calibrator.truth.sum())
    if min(positives, len(calibrator.truth) - positives) < MIN_CALIBRATION_PASSAGES:
        return None
    value = _correct(decided.mean(), *_rates(calibrator.truth, calibrator.decided))
    if value is None:
        return None
    rng = np.random.default_rng(params.seed)
    own = _resamples(documents, params, rng)
    others = _resamples(calibrator.documents, params, rng)
    draws = []
    for mine, theirs in zip(own, others, strict=True):
        rates = _rates(calibrator.truth[theirs], calibrator.decided[theirs])
        # A draw in which the frame cannot be told at all says nothing: it may be any share.
        draw = _correct(decided[mine].mean(), *rates)
        draws.append(rng.random() if draw is None else draw)
    # Where nothing (or everything) was decided, every resample is alike: the rates carry over Wilson's bounds.
    rates = _rates(calibrator.truth, calibrator.decided)
    least = [_correct(bound, *rates) or 0.0 for bound in _wilson(decided, params.interval_level)]
    return _share(value, np.array(draws), params.interval_level, (least[0], least[1]))


def _wilson(holds: Flags, level: float) -> tuple[float, float]:
    """Wilson's interval of a share, as if passages were independent: the least that any interval must span."""
    low, high = binomtest(int(holds.sum()), len(holds)).proportion_ci(level, method="wilson")
    return float(low), float(high)


def _rates(truth: Flags, decided: Flags) -> tuple[float, float]:
    """Hit rate and false-alarm rate, half a passage added to each cell so that none is exactly 0 or 1."""
    hits, positives = (truth & decided).sum(), truth.sum()
    alarms, negatives = (~truth & decided).sum(), (~truth).sum()
    return float((hits + 0.5) / (positives + 1)), float((alarms + 0.5) / (negatives + 1))


def _correct(decided_share: float, hit_rate: float, false_alarm_rate: float) -> float | None:
    if hit_rate - false_alarm_rate < MIN_DISCRIMINATION:
        return None
    return float(np.clip((decided_share - false_alarm_rate) / (hit_rate - false_alarm_rate), 0, 1))


def _resamples(documents: Sequence[str], params: ProfileParams, rng: np.random.Generator) -> list[Rows]:
    return cluster_resamples(documents, params.resamples, params.block_passages, rng)


def _share(value: float, draws: npt.NDArray[np.float64], level: float, least: tuple[float, float]) -> Share:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    ends = min(float(low), value, least[0]), max(float(high), value, least[1])
    return Share(round(value, 4), round(ends[0], 4), round(ends[1], 4))
