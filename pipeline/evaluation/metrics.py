"""Figures of a classifier against the labels, per label and over the frames."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score

from pipeline.evaluation.advanced import MEASURED, with_advanced
from pipeline.frames import FRAMES, LABELS

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Figures = dict[str, Any]

_BINS = 10


def figures(truth: Labels, probabilities: Floats, decided: Labels) -> Figures:
    """Micro and macro F1 over the frames, exact match, and per label precision, recall, F1, PR-AUC, ROC-AUC, ECE.

    Beside the labels stand the four of `ADVANCED`, which have no probability of their own: what needs one is None. So
    is a figure that the labels do not allow: all of them where no passage has the label.

    *Shape:* (n_passages, 8) three times.
    """
    every_truth, every_decided = with_advanced(truth), with_advanced(decided)
    return {
        "passages": len(truth),
        "micro_f1": micro_f1(truth, decided),
        "macro_f1": macro_f1(truth, decided),
        "exact_match": exact_match(truth, decided),
        "labels": {
            label: _label_figures(every_truth[:, i], every_decided[:, i])
            | _probability_figures(every_truth[:, i], probabilities[:, i] if i < len(LABELS) else None)
            for i, label in enumerate(MEASURED)
        },
    }


def micro_f1(truth: Labels, decided: Labels) -> float:
    """Positive-class F1 over the four frames, all passages and frames pooled; 0 where there is no positive."""
    n = len(FRAMES)
    found = truth[:, :n].sum() + decided[:, :n].sum()
    return _round(2 * (truth[:, :n] & decided[:, :n]).sum() / found) if found else 0.0


def macro_f1(truth: Labels, decided: Labels) -> float:
    """Mean F1 of those of the four frames that the labels give to any passage; 0 where they give none."""
    n = len(FRAMES)
    known = truth[:, :n].any(0)
    return _round(f1_scores(truth[:, :n], decided[:, :n])[known].mean()) if known.any() else 0.0


def exact_match(truth: Labels, decided: Labels) -> float:
    """Share of passages whose whole set of frames is right."""
    n = len(FRAMES)
    return _round((truth[:, :n] == decided[:, :n]).all(1).mean())


def f1_scores(truth: Labels, decided: Labels) -> Floats:
    """F1 of each column, nan where no passage has the label. *Shape:* (n_passages, n) twice, then (n,)."""
    support = truth.sum(0)
    both, either = (truth & decided).sum(0), support + decided.sum(0)
    return np.where(support > 0, 2 * both / np.maximum(either, 1), np.nan)


def expected_calibration_error(truth: npt.NDArray[np.bool_], probability: Floats) -> float:
    """Mean distance between probability and share of positives over ten bins of equal width, weighted by size."""
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(probability[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean()
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def reliability(truth: npt.NDArray[np.bool_], probability: Floats) -> list[dict[str, float]]:
    """Points of the reliability diagram: mean probability, share of positives and number of passages per bin."""
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    return [
        {
            "probability": _round(probability[bins == b].mean()),
            "share": _round(truth[bins == b].mean()),
            "passages": int((bins == b).sum()),
        }
        for b in range(_BINS)
        if (bins == b).any()
    ]


def interval(
    statistic: Callable[[npt.NDArray[np.int_]], float], resamples: Sequence[npt.NDArray[np.int_]], level: float
) -> list[float]:
    """Percentile interval of a statistic of row indices."""
    values = [statistic(rows) for rows in resamples]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return [_round(low), _round(high)]


def _label_figures(truth: npt.NDArray[np.bool_], decided: npt.NDArray[np.bool_]) -> Figures:
    if not truth.any():
        return {"support": 0, "precision": None, "recall": None, "f1": None}
    return {
        "support": int(truth.sum()),
        "precision": _round(precision_score(truth, decided, zero_division=0)),
        "recall": _round(recall_score(truth, decided)),
        "f1": _round(f1_scores(truth[:, None], decided[:, None])[0]),
    }


def _probability_figures(truth: npt.NDArray[np.bool_], probability: Floats | None) -> Figures:
    if probability is None:
        return {"pr_auc": None, "roc_auc": None, "calibration_error": None}
    both = 0 < truth.sum() < len(truth)
    return {
        "pr_auc": _round(average_precision_score(truth, probability)) if both else None,
        "roc_auc": _round(roc_auc_score(truth, probability)) if both else None,
        "calibration_error": _round(expected_calibration_error(truth, probability)),
    }


def _round(value: float) -> float:
    return round(float(value), 4)
