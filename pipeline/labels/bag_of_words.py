"""What a bag of words makes of the passages: a baseline, and the test of whether they are too easy."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]


def fit_tfidf(texts: Sequence[str], labels: npt.NDArray[np.floating]) -> Callable[[Sequence[str]], Array]:
    """TF-IDF of words and pairs, logistic regression per label.

    Args:
        labels: ones and zeros, shape (n_texts, n_labels).

    Returns: a function from texts to probabilities, shape (n, n_labels).
    """
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), strip_accents="unicode")
    predict = fit_regressions(vectorizer.fit_transform(texts), labels, strength=10.0)
    return lambda wanted: predict(vectorizer.transform(wanted))


def fit_regressions(rows: Any, labels: npt.NDArray[np.floating], strength: float) -> Callable[[Any], Array]:
    """Logistic regression per label, classes weighted to balance; a label that never varies gives its own share.

    Args:
        rows: features, dense or sparse, shape (n_rows, width).
        labels: ones and zeros, shape (n_rows, n_labels).

    Returns: a function from features to probabilities, shape (n, n_labels).
    """
    models = []
    for label in np.asarray(labels, dtype=int).T:
        if 0 < label.sum() < len(label):
            model = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
        else:
            model = DummyClassifier(strategy="constant", constant=int(label[0]))
        models.append(model.fit(rows, label))

    def predict(wanted: Any) -> Array:
        return np.column_stack(
            [
                model.predict_proba(wanted)[:, 1]
                if len(model.classes_) == 2
                else np.full(wanted.shape[0], float(model.classes_[0]))
                for model in models
            ]
        )

    return predict
