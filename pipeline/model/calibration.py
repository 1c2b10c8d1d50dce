"""Probabilities that mean what they say, a threshold per label, and when a decision is uncertain.

Fitted on hand-labelled passages that trained nothing: the validation split and the documents labelled by hand. An
author's own texts are read with a calibration that was fitted without them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from pipeline.errors import ModelError
from pipeline.model.store import read_json
from pipeline.params import CalibrateParams

Array = npt.NDArray[np.float64]

_CANDIDATES = np.round(np.arange(0.2, 0.66, 0.01), 2)


@dataclass(frozen=True)
class Scores:
    """What is known of passages before calibration, shape (n_passages, 8), (n_passages, 8) and (n_passages,).

    The network's logits; how plainly each label is named (`pipeline.model.vocabulary`); how far a passage is from those
    trained on.
    """

    logits: Array
    naming: Array
    distances: Array

    def rows(self, chosen: Sequence[int]) -> "Scores":
        """The passages at these places."""
        return Scores(self.logits[list(chosen)], self.naming[list(chosen)], self.distances[list(chosen)])


@dataclass(frozen=True)
class Calibration:
    """Per label: probability = expit(slope * logit + worth * naming + intercept).

    A label is decided where its probability reaches the threshold. A decision is uncertain where it is right with a
    probability below `sure`. Passages at a greater distance than `familiar_up_to` are unfamiliar. In the fit a passage
    of real text counted `real_weight` times.
    """

    slope: tuple[float, ...]
    worth: tuple[float, ...]
    intercept: tuple[float, ...]
    threshold: tuple[float, ...]
    sure: float
    familiar_up_to: float
    real_weight: float = 1.0

    def probabilities(self, scores: Scores) -> Array:
        """Calibrated probabilities, shape (n_passages, n_labels)."""
        evidence = scores.logits * np.array(self.slope) + scores.naming * np.array(self.worth)
        calibrated: Array = expit(evidence + np.array(self.intercept))
        return calibrated

    def decide(self, probabilities: Array) -> npt.NDArray[np.bool_]:
        """Which labels hold. A frame that is contested is present: nobody argues against what is not there.

        *Shape:* (n_passages, n_labels) -> (n_passages, n_labels)
        """
        decided = probabilities >= np.array(self.threshold)
        half = decided.shape[1] // 2
        decided[:, :half] |= decided[:, half:]
        return decided

    def doubt(self, probabilities: Array) -> npt.NDArray[np.bool_]:
        """Which decisions are uncertain: those that are right with a probability below `sure`.

        *Shape:* (n_passages, n_labels) -> (n_passages, n_labels)
        """
        right = np.where(self.decide(probabilities), probabilities, 1 - probabilities)
        unsure: npt.NDArray[np.bool_] = right < self.sure
        return unsure


@dataclass(frozen=True)
class Calibrations:
    """The calibration for texts by anybody, and for each labelled author the one that was fitted without him or her."""

    anybody: Calibration
    without: Mapping[str, Calibration] = field(default_factory=dict)
    fitted_on: Mapping[str, int] = field(default_factory=dict)

    def for_author(self, byline: str) -> Calibration:
        """The calibration in which this author had no say; for several authors, in which the first known had none.

        Authors are known by their names as the labelled documents spell them.
        """
        known = [name for name in (byline, *byline.split(" and ")) if name in self.without]
        return self.without[known[0]] if known else self.anybody


def bare(logits: npt.NDArray[np.floating]) -> Scores:
    """Logits alone, shape (n_passages, n_labels): nothing named, nothing far."""
    return Scores(logits.astype(float), np.zeros(logits.shape), np.zeros(len(logits)))


def plain_calibration(n_labels: int) -> Calibration:
    """The network's own probabilities, thresholds of a half, no doubts."""
    return Calibration((1.0,) * n_labels, (0.0,) * n_labels, (0.0,) * n_labels, (0.5,) * n_labels, 0.5, float("inf"))


def calibrate(
    scores: Scores,
    labels: npt.NDArray[np.floating],
    params: CalibrateParams,
    real: npt.NDArray[np.bool_] | None = None,
    real_weight: float = 1.0,
) -> Calibration:
    """Logistic regression per label on logit and naming, then the threshold with the best F1 to be expected.

    Without naming that is Platt scaling.

    Args:
        scores: of passages that the network was not trained on.
        labels: ones and zeros, shape (n_passages, n_labels).
        real: which passages count `real_weight` times, shape (n_passages,).

    A label that never or always holds keeps the network's own probability and a threshold of a half.
    """
    weights = np.where(np.zeros(len(labels), bool) if real is None else real, real_weight, 1.0)
    columns: dict[str, list[float]] = {name: [] for name in ("slope", "worth", "intercept", "threshold")}
    for logit, naming, label in zip(scores.logits.T, scores.naming.T, np.asarray(labels, dtype=bool).T, strict=True):
        slope, worth, intercept, threshold = 1.0, 0.0, 0.0, 0.5
        if 0 < label.sum() < len(label):
            slope, worth, intercept = _weigh(logit, naming, label, weights)
            threshold = _best_threshold(expit(slope * logit + worth * naming + intercept), weights)
        for name, value in zip(columns, (slope, worth, intercept, threshold), strict=True):
            columns[name].append(value)
    far = round(float(np.quantile(scores.distances, params.familiar_share)), 4)
    return Calibration(
        **{name: tuple(values) for name, values in columns.items()},
        sure=params.sure,
        familiar_up_to=far,
        real_weight=real_weight,
    )


def log_losses(probabilities: Array, labels: npt.NDArray[np.floating]) -> Array:
    """Log loss of each passage, the mean over its labels.

    *Shape:* (n_passages, n_labels) twice -> (n_passages,)
    """
    right = np.where(labels > 0, probabilities, 1 - probabilities)
    losses: Array = -np.log(np.clip(right, 1e-6, 1)).mean(1)
    return losses


def save_calibrations(path: Path, calibrations: Calibrations, weights: str) -> None:
    """Put the calibrations beside the weights (of this checksum) that they were fitted for."""
    path.write_text(json.dumps({"weights": weights, **asdict(calibrations)}, indent=2) + "\n", encoding="utf-8")


def load_calibrations(path: Path) -> tuple[Calibrations, str]:
    """What `save_calibrations` wrote, and the checksum of the weights that it was fitted for.

    Raises: ModelError if it is absent or broken.
    """
    values = read_json(path)
    weights = str(values.pop("weights", ""))
    try:
        return TypeAdapter(Calibrations).validate_python(values), weights
    except ValidationError:
        raise ModelError(f"{path}: not of this version; make it anew: `dvc repro calibrate`") from None


def _weigh(logit: Array, naming: Array, label: npt.NDArray[np.bool_], weights: Array) -> tuple[float, float, float]:
    """Slope, worth of naming and intercept. Naming a thing never speaks against it: below nothing it counts nothing."""
    fitted = LogisticRegression(C=1.0).fit(np.column_stack([logit, naming]), label, weights)
    slope, worth = fitted.coef_[0]
    if worth < 0:
        fitted = LogisticRegression(C=1.0).fit(logit[:, None], label, weights)
        slope, worth = fitted.coef_[0, 0], 0.0
    return round(float(slope), 6), round(float(worth), 6), round(float(fitted.intercept_[0]), 6)


def _best_threshold(probability: Array, weights: Array) -> float:
    """The threshold with the best F1 that the probabilities promise.

    The one with the best F1 on the labels themselves leaps about with a handful of passages.
    """
    hits = weights * probability
    above = [probability >= t for t in _CANDIDATES]
    scores = [2 * hits[chosen].sum() / (hits.sum() + weights[chosen].sum()) for chosen in above]
    return float(_CANDIDATES[int(np.argmax(scores))])
