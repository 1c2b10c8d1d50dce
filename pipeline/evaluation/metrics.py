"""Figures of a classifier against hand labels, with bootstrap intervals that respect documents."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

from pipeline.frames import FRAMES, LABELS

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Figures = dict[str, Any]

_BINS = 10


def figures(truth: Labels, probabilities: Floats, decided: Labels) -> Figures:
    """Micro and macro F1 over the frames, exact match, and per label precision, recall, F1, PR-AUC, ROC-AUC, ECE.

    *Shape:* (n_passages, 8) three times. A figure that the labels do not allow (no positive passage, say) is None.
    """
    n = len(FRAMES)
    return {
        "passages": len(truth),
        "micro_f1": micro_f1(truth, decided),
        "macro_f1": _round(f1_score(truth[:, :n], decided[:, :n], average="macro", zero_division=0)),
        "exact_match": _round((truth[:, :n] == decided[:, :n]).all(1).mean()),
        "labels": {
            label: _label_figures(truth[:, i], probabilities[:, i], decided[:, i]) for i, label in enumerate(LABELS)
        },
    }


def micro_f1(truth: Labels, decided: Labels) -> float:
    """Positive-class F1 over the four frames, all passages and frames pooled."""
    n = len(FRAMES)
    return _round(f1_score(truth[:, :n], decided[:, :n], average="micro", zero_division=0))


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


def _label_figures(truth: npt.NDArray[np.bool_], probability: Floats, decided: npt.NDArray[np.bool_]) -> Figures:
    both = 0 < truth.sum() < len(truth)
    return {
        "support": int(truth.sum()),
        "precision": _round(precision_score(truth, decided, zero_division=0)),
        "recall": _round(recall_score(truth, decided, zero_division=0)),
        "f1": _round(f1_score(truth, decided, zero_division=0)),
        "pr_auc": _round(average_precision_score(truth, probability)) if both else None,
        "roc_auc": _round(roc_auc_score(truth, probability)) if both else None,
        "calibration_error": _round(expected_calibration_error(truth, probability)),
    }


def _round(value: float) -> float:
    return round(float(value), 4)
