"""From decisions on passages to an author's share of a frame, corrected for the classifier's errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from pipeline.params import ProfileParams
from pipeline.resampling import cluster_resamples

Array = npt.NDArray[np.float64]
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
    own, _, _ = _drawn(tuple(documents), (), params)
    draws = own @ holds / own.sum(1)
    return _share(float(holds.mean()), draws, params.interval_level, _wilson(holds, params.interval_level))


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
    value = float(_correct(decided.mean(), *_rates(calibrator)))
    if np.isnan(value):
        return None
    own, others, rng = _drawn(tuple(documents), calibrator.documents, params)
    draws = _correct(own @ decided / own.sum(1), *_rates(calibrator, others))
    # A draw in which the frame cannot be told at all says nothing: it may be any share.
    unknown = np.isnan(draws)
    draws[unknown] = rng.random(int(unknown.sum()))
    # Where nothing (or everything) was decided, every resample is alike: the rates carry over Wilson's bounds.
    low, high = (float(_correct(bound, *_rates(calibrator))) for bound in _wilson(decided, params.interval_level))
    return _share(value, draws, params.interval_level, (low, high))


def _wilson(holds: Flags, level: float) -> tuple[float, float]:
    """Wilson's interval of a share, as if passages were independent: the least that any interval must span."""
    low, high = binomtest(int(holds.sum()), len(holds)).proportion_ci(level, method="wilson")
    return float(low), float(high)


def _rates(calibrator: Calibrator, weights: Array | None = None) -> tuple[Array, Array]:
    """Hit rate and false-alarm rate, half a passage added to each cell so that none is exactly 0 or 1.

    Args:
        weights: how often each passage counts in each resample, shape (n_resamples, n_passages).
    """
    weights = np.ones(len(calibrator.truth)) if weights is None else weights
    truth, decided = calibrator.truth, calibrator.decided
    hits, positives = weights @ (truth & decided), weights @ truth
    alarms, negatives = weights @ (~truth & decided), weights @ ~truth
    return (hits + 0.5) / (positives + 1), (alarms + 0.5) / (negatives + 1)


def _correct(decided_share: Array | float, hit_rate: Array, false_alarm_rate: Array) -> Array:
    """The share that was meant; no number where the frame cannot be told."""
    told = hit_rate - false_alarm_rate
    known = told >= MIN_DISCRIMINATION
    shares = np.clip((decided_share - false_alarm_rate) / np.where(known, told, 1.0), 0, 1)
    return np.where(known, shares, np.nan)


def _drawn(
    own: tuple[str, ...], others: tuple[str, ...], params: ProfileParams
) -> tuple[Array, Array, np.random.Generator]:
    """The weights of an author's passages and of others' in each resample, and chance as it stands after them."""
    mine, theirs, state = _counts(own, others, params)
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    return mine, theirs, rng


# All shares of an author rest on the same resamples: to draw them takes longer than all the rest.
@lru_cache(maxsize=2)
def _counts(
    own: tuple[str, ...], others: tuple[str, ...], params: ProfileParams
) -> tuple[Array, Array, Mapping[str, Any]]:
    rng = np.random.default_rng(params.seed)
    return _weights(own, params, rng), _weights(others, params, rng), rng.bit_generator.state


def _weights(documents: tuple[str, ...], params: ProfileParams, rng: np.random.Generator) -> Array:
    """How often each passage counts in each resample, shape (n_resamples, n_passages)."""
    if not documents:
        return np.empty((params.resamples, 0))
    samples = cluster_resamples(documents, params.resamples, params.block_passages, rng)
    return np.array([np.bincount(rows, minlength=len(documents)) for rows in samples], dtype=np.float64)


def _share(value: float, draws: Array, level: float, least: tuple[float, float]) -> Share:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    ends = min(float(low), value, least[0]), max(float(high), value, least[1])
    return Share(round(value, 4), round(ends[0], 4), round(ends[1], 4))
