"""An author's shares of passages with their intervals: by hand, by the classifier corrected, or by both.

An interval holds what another sample of such text would show: documents and blocks of passages are resampled, and it
is never narrower than Wilson's, for no share is 0 for certain. Where the share rests on the classifier it also holds
how the classifier errs on other authors.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pipeline.profile.correction import Correction
from pipeline.profile.resamples import Array, Flags, Resamples


@dataclass(frozen=True)
class Share:
    """A share of passages with its interval, all between 0 and 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Shares:
    """Shares with their intervals, arrays of one shape, (n_frames,) where nothing else is said."""

    value: Array
    low: Array
    high: Array

    def at(self, place: int) -> Share:
        """One of them, rounded; the interval holds the value and stays between 0 and 1."""
        value, low, high = (float(np.clip(found[place], 0, 1)) for found in (self.value, self.low, self.high))
        return Share(round(value, 4), round(min(low, value), 4), round(max(high, value), 4))


def labelled_shares(holds: Flags, own: Resamples, level: float) -> Shares:
    """Shares of hand-labelled passages; `holds` (n_passages, n_frames)."""
    value = holds.mean(0)
    return _spanning(value, own.shares(holds), level, *wilson(value, len(holds), level))


def corrected_shares(decided: Flags, own: Resamples, correction: Correction, level: float) -> Shares:
    """Shares that the decisions imply; `decided` (n_passages, n_frames).

    The author's text and the calibration texts are resampled together; how far off the corrected shares of labelled
    authors were is added to either side as an independent error. A frame that is not `correction.known` has no
    meaning here.
    """
    counted = decided.mean(0)
    value = correction.apply(counted)
    least = (correction.apply(bound) for bound in wilson(counted, len(decided), level))
    sampled = _spanning(value, correction.apply_drawn(own.shares(decided)), level, *least)
    return Shares(
        value,
        value - np.hypot(value - sampled.low, correction.reach),
        value + np.hypot(sampled.high - value, correction.reach),
    )


def partly_labelled_shares(
    holds: Flags, read: Flags, others: Flags, own: Resamples, own_others: Resamples, level: float
) -> Shares:
    """Shares of text of which some passages are labelled by hand: the difference estimator, or PPI++.

    Decisions on the unlabelled passages, put right by the difference between labels and decisions on the labelled
    ones (Angelopoulos, Duchi and Zrnic 2023), which are taken for a sample of the whole.

    *Shape:* `holds` and `read`, labels and decisions on the labelled passages, (n_labelled, n_frames), with their
    resamples `own`; `others`, decisions on the rest, (n_others, n_frames), with `own_others`.
    """
    power = _power(holds, read, others)
    value = np.clip(power * others.mean(0) + (holds - power * read).mean(0), 0, 1)
    draws = power * own_others.shares(others) + own.shares(holds - power * read)
    return _spanning(value, draws, level, *wilson(value, _worth(holds, power * read, power * others), level))


def wilson(share: Array, passages: Array | int, level: float) -> tuple[Array, Array]:
    """Wilson's interval of shares, as if passages were independent: the least that any interval must span."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z**2 / (2 * passages)) / (1 + z**2 / passages)
    arm = z * np.sqrt(share * (1 - share) / passages + z**2 / (4 * passages**2)) / (1 + z**2 / passages)
    return np.maximum(middle - arm, 0), np.minimum(middle + arm, 1)


def _power(holds: Flags, decided: Flags, others: Flags) -> Array:
    """How much weight decisions get beside labels, 0 to 1, so that the estimate varies least (PPI++)."""
    together = (holds * 1.0 * decided).mean(0) - holds.mean(0) * decided.mean(0)
    spread = np.concatenate([decided, others]).var(0, ddof=1) * (1 + len(holds) / len(others))
    return np.clip(np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 0.0), 0, 1)


def _worth(holds: Flags, read: Array, others: Array) -> Array:
    """How many labelled passages would say as much as the labelled and the others together."""
    error = (holds - read).var(0) / len(holds) + others.var(0) / len(others)
    spread = holds.var(0)
    found = np.where((error > 0) & (spread > 0), spread / np.where(error > 0, error, 1.0), len(holds))
    return np.clip(found, len(holds), len(holds) + len(others))


def _spanning(value: Array, draws: Array, level: float, least_low: Array, least_high: Array) -> Shares:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Shares(value, np.minimum.reduce([low, value, least_low]), np.maximum.reduce([high, value, least_high]))
