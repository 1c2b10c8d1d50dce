"""How the classifier errs on labelled text of authors, and what a share that it counted should be.

Rogan and Gladen (1978) turn a counted share into the one that was meant, from the rate of hits and of false alarms:
(counted - false alarms) / (hits - false alarms). That holds where every author is misread at the same rates. On real
texts they are not: an author who never speaks of status gives few occasions to see it by mistake. So the correction is
made only as far as it would have helped: each labelled author is corrected by the others, and `weight`, between 0 and
1, is the part of the correction that brings their counts nearest to their hand labels, less what is no more than chance
(the positive part of James and Stein's estimator). What remains between the two is how far off the next author may be.

No number here was chosen by looking at the texts that the coverage is measured on.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from pipeline.params import ProfileParams
from pipeline.profile.resamples import Array, Flags, resamples

# Below this difference between hit rate and false-alarm rate a correction would divide by noise.
MIN_DISCRIMINATION = 0.2
# With fewer labelled passages with (or without) a label the rates would be guesses.
MIN_CALIBRATION_PASSAGES = 15
# With fewer authors nobody knows how far they differ.
MIN_CALIBRATION_AUTHORS = 3


@dataclass(frozen=True)
class Calibration:
    """Decisions on passages of authors whose true labels are known; those of a document stand together.

    *Shape:* `truth` and `decided` (n_passages, n_frames); `documents` and `authors` one a passage.
    """

    truth: Flags
    decided: Flags
    documents: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True)
class Rates:
    """Hit and false-alarm rates, any shape whose last axis is the frames."""

    hits: Array
    alarms: Array

    def correct(self, counted: Array) -> Array:
        """The shares that were meant, by Rogan and Gladen, cut to 0-1; as counted where the frame cannot be told."""
        told = self.hits - self.alarms
        known = told >= MIN_DISCRIMINATION
        return np.asarray(np.where(known, np.clip((counted - self.alarms) / np.where(known, told, 1.0), 0, 1), counted))


@dataclass(frozen=True)
class Correction:
    """What turns counted shares into corrected ones, and how sure that is.

    Attributes:
        known: frames with enough labelled passages to say anything, shape (n_frames,).
        rates: over all labelled authors; `drawn_rates` in each resample, shape (n_resamples, n_frames).
        weight: of Rogan and Gladen's correction; `drawn_weights` in each resample, shape (n_resamples, 1).
        spread: by how much corrected shares of labelled authors were off, each corrected by the others: the root mean
            square, shape (n_frames,).
        reach: half the interval that another author's error has by that spread, shape (n_frames,).
    """

    known: Flags
    rates: Rates
    drawn_rates: Rates
    weight: float
    drawn_weights: Array
    spread: Array
    reach: Array

    def apply(self, counted: Array) -> Array:
        """Corrected shares, shape (n_frames,)."""
        return counted + self.weight * (self.rates.correct(counted) - counted)

    def apply_drawn(self, counted: Array) -> Array:
        """Corrected shares in each resample, shape (n_resamples, n_frames)."""
        return counted + self.drawn_weights * (self.drawn_rates.correct(counted) - counted)


def fit_correction(calibration: Calibration, params: ProfileParams) -> Correction | None:
    """Measure how the classifier errs; None with fewer than `MIN_CALIBRATION_AUTHORS` authors."""
    truth, decided = calibration.truth, calibration.decided
    names = np.array(calibration.authors)
    authors = [names == name for name in dict.fromkeys(calibration.authors)]
    if len(authors) < MIN_CALIBRATION_AUTHORS:
        return None
    drawn = resamples(
        calibration.documents, params.resamples, params.block_passages, np.random.default_rng(params.seed)
    )
    offsets = np.array([truth[own].mean(0) - decided[own].mean(0) for own in authors])
    steps = np.array([_step(truth[~own], decided[~own], decided[own]) for own in authors])
    sizes = np.array([own.sum() for own in authors], float)
    # Errors of frames are made comparable by how often a passage is misread.
    scale = np.sqrt(((truth != decided).sum(0) + 0.5) / (len(truth) + 1))
    known = np.minimum(truth.sum(0), (~truth).sum(0)) >= MIN_CALIBRATION_PASSAGES
    weigh = sizes[:, None] * known / scale**2
    gain, size = (weigh * offsets * steps).sum(1), (weigh * steps**2).sum(1)
    beyond_chance = _beyond_chance(gain, size)
    weight = float(beyond_chance * _weight(gain, size, np.ones(len(authors))))
    drawn_weights = beyond_chance * _weight(gain, size, drawn.totals(np.stack(authors, axis=1)) / sizes)
    left = ((offsets - weight * steps) / scale) ** 2
    pooled = np.sqrt((left * sizes[:, None] * known).sum() / max((sizes[:, None] * known).sum(), 1.0))
    level = student.ppf((1 + params.interval_level) / 2, len(authors))
    return Correction(
        known=known,
        rates=_rates(truth, decided),
        drawn_rates=Rates(
            _rate(drawn.totals(truth & decided), drawn.totals(truth)),
            _rate(drawn.totals(~truth & decided), drawn.totals(~truth)),
        ),
        weight=weight,
        drawn_weights=drawn_weights[:, None],
        spread=scale * pooled,
        reach=scale * pooled * level,
    )


def _step(truth: Flags, decided: Flags, own: Flags) -> Array:
    """By how much Rogan and Gladen would move an author's counted shares, with the rates of the others."""
    counted = own.mean(0)
    return np.asarray(_rates(truth, decided).correct(counted) - counted)


def _weight(gain: Array, size: Array, authors: Array) -> Array:
    """Least squares of what should have moved on what the correction moved, 0 to 1; `authors` (..., n_authors)."""
    below = authors @ size
    return np.asarray(np.clip(np.where(below > 0, authors @ gain / np.where(below > 0, below, 1.0), 0.0), 0, 1))


def _beyond_chance(gain: Array, size: Array) -> float:
    """The part of the weight that is not chance: 1 - (its error / itself)^2, or none; the error by the jackknife."""
    if gain.sum() <= 0:
        return 0.0
    without = (gain.sum() - gain) / np.maximum(size.sum() - size, 1e-12)
    error = (len(gain) - 1) * without.var()
    return float(max(0.0, 1 - error / (gain.sum() / size.sum()) ** 2))


def _rates(truth: Flags, decided: Flags) -> Rates:
    return Rates(_rate((truth & decided).sum(0), truth.sum(0)), _rate((~truth & decided).sum(0), (~truth).sum(0)))


def _rate(count: Array | npt.NDArray[np.int_], of: Array | npt.NDArray[np.int_]) -> Array:
    """Half a passage added to each cell, so that no rate is exactly 0 or 1."""
    return np.asarray((count + 0.5) / (of + 1.0))
