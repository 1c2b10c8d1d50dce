"""Probabilities that mean what they say, and a threshold per label, from passages that trained nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

Array = npt.NDArray[np.float64]

# Thresholds outside this range would rest on a handful of passages.
_CANDIDATES = np.round(np.arange(0.25, 0.66, 0.01), 2)


@dataclass(frozen=True)
class Calibration:
    """Per label: probability = expit(slope * logit + intercept); decided where it reaches the threshold."""

    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    threshold: tuple[float, ...]

    def probabilities(self, logits: npt.NDArray[np.floating]) -> Array:
        """Calibrated probabilities.

        *Shape:* (n_passages, n_labels) -> (n_passages, n_labels)
        """
        calibrated: Array = expit(np.asarray(logits) * np.array(self.slope) + np.array(self.intercept))
        return calibrated

    def decide(self, probabilities: Array) -> npt.NDArray[np.bool_]:
        """Which labels hold. A frame is contested only where it is present.

        *Shape:* (n_passages, n_labels) -> (n_passages, n_labels)
        """
        decided = probabilities >= np.array(self.threshold)
        half = decided.shape[1] // 2
        decided[:, half:] &= decided[:, :half]
        return decided


def calibrate(logits: npt.NDArray[np.floating], labels: npt.NDArray[np.floating]) -> Calibration:
    """Platt scaling per label, then the threshold with the best F1, the one nearest to a half among equals.

    Args:
        logits: shape (n_passages, n_labels), of passages that the network was not trained on.
        labels: ones and zeros, the same shape.

    A label that never or always holds keeps the network's own probability and a threshold of a half.
    """
    slopes, intercepts, thresholds = [], [], []
    for logit, label in zip(np.asarray(logits, dtype=float).T, np.asarray(labels, dtype=int).T, strict=True):
        slope, intercept, threshold = 1.0, 0.0, 0.5
        if 0 < label.sum() < len(label):
            fitted = LogisticRegression(C=1.0).fit(logit[:, None], label)
            slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
            threshold = _best_threshold(expit(slope * logit + intercept), label)
        slopes.append(round(slope, 6))
        intercepts.append(round(intercept, 6))
        thresholds.append(threshold)
    return Calibration(tuple(slopes), tuple(intercepts), tuple(thresholds))


def _best_threshold(probability: Array, label: npt.NDArray[np.int_]) -> float:
    scores = np.array([f1_score(label, probability >= t, zero_division=0) for t in _CANDIDATES])
    best = _CANDIDATES[scores >= scores.max() - 1e-9]
    return float(best[np.argmin(np.abs(best - 0.5))])
