"""quapy's estimators of shares, as it defines them, to compare ours with."""

import warnings
from typing import Any, Literal, Self

import joblib
import numpy as np
import numpy.typing as npt
import quapy
from quapy.method.aggregative import EMQ, PACC
from quapy.method.confidence import AggregativeBootstrap
from sklearn.base import BaseEstimator

Array = npt.NDArray[np.float64]
Method = Literal["PACC", "EMQ"]
METHODS: tuple[Method, ...] = ("PACC", "EMQ")


class Quantifier:
    """One of quapy's estimators, fitted to one label's probabilities on texts whose labels are known.

    Args:
        probabilities: calibrated, shape (n_passages,); `truth` alike.
    """

    def __init__(self, method: Method, probabilities: Array, truth: npt.NDArray[np.bool_]) -> None:
        read = _Read()
        self._estimator: Any = (
            PACC(read, fit_classifier=False, val_split=None, solver="exact-cc")
            if method == "PACC"
            else EMQ(read, fit_classifier=False)
        )
        self._estimator.fit(_both(probabilities), truth.astype(int))

    def share(self, probabilities: Array) -> float:
        """The share of passages that carry the label."""
        with _quiet():
            return float(self._estimator.aggregate(_both(probabilities))[1])

    def interval(self, probabilities: Array, level: float, resamples: int, seed: int) -> tuple[float, float]:
        """quapy's own interval of it: the passages are resampled as if they were independent."""
        region = AggregativeBootstrap(
            self._estimator, n_test_samples=resamples, confidence_level=level, random_state=seed
        )
        region.quantifiers = [self._estimator]
        with _quiet(), joblib.parallel_config(backend="sequential"):
            _, found = region.aggregate_conf(_both(probabilities))
        return float(found.I_low[1]), float(found.I_high[1])


class _Read(BaseEstimator):  # type: ignore[misc]
    """A classifier that has read the passages already: it is given its own probabilities."""

    classes_ = np.array([0, 1])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, probabilities: Array, truth: npt.NDArray[np.int_]) -> Self:
        return self

    def predict_proba(self, probabilities: Array) -> Array:
        return probabilities


def _both(probabilities: Array) -> Array:
    return np.stack([1 - probabilities, probabilities], axis=1)


def _quiet() -> "warnings.catch_warnings[None]":
    """EMQ warns where it has not quite settled after a thousand rounds; what it found is what is compared."""
    assert quapy  # its environment must be set up before its methods are used
    return warnings.catch_warnings(action="ignore")
