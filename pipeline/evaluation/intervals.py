"""Intervals of all F1 figures of a test set at once, from one bootstrap of documents and blocks of passages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.advanced import MEASURED, with_advanced
from pipeline.evaluation.metrics import Floats, Labels, exact_match, f1_scores, macro_f1, micro_f1
from pipeline.resampling import Rows

Interval = list[float] | None


@dataclass(frozen=True)
class Intervals:
    """Intervals of the figures over all frames, and of F1 by label and `advanced-` label, None where untold."""

    micro_f1: Interval
    macro_f1: Interval
    exact_match: Interval
    f1: dict[str, Interval]


def intervals(truth: Labels, decided: Labels, resamples: Sequence[Rows], level: float) -> Intervals:
    """Percentile intervals of what `figures` says of the same labels and decisions, shape (n_passages, 8) each."""
    over_all = (micro_f1, macro_f1, exact_match)
    drawn = [np.array([figure(truth[rows], decided[rows]) for rows in resamples]) for figure in over_all]
    micro, macro, exact = (
        percentiles(figure(truth, decided), values, level) for figure, values in zip(over_all, drawn, strict=True)
    )
    truth, decided = with_advanced(truth), with_advanced(decided)
    points = f1_scores(truth, decided)
    by_label = np.array([f1_scores(truth[rows], decided[rows]) for rows in resamples])
    f1 = {label: _varied(percentiles(points[i], by_label[:, i], level)) for i, label in enumerate(MEASURED)}
    return Intervals(micro, macro, exact, f1)


def percentiles(point: float, drawn: Floats, level: float) -> Interval:
    """The interval of a figure from its values in resamples; it holds the figure itself.

    None where the figure has no value, and where so many resamples give none (they hold no passage with the label)
    that these alone, all on one side, would move an end: figures on a label that stands in one or two documents.
    """
    missing: npt.NDArray[np.bool_] = np.isnan(drawn)
    if np.isnan(point) or missing.mean() > 1 - level:
        return None
    low, high = np.quantile(drawn[~missing], [(1 - level) / 2, (1 + level) / 2])
    return [round(float(min(low, point)), 4), round(float(max(high, point)), 4)]


def _varied(found: Interval) -> Interval:
    """None where all resamples agree: few passages, all read rightly, do not show that none ever is misread."""
    return found if found and found[0] < found[1] else None
