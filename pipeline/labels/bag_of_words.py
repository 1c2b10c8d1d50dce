"""What a bag of words makes of the passages: a baseline, and the test of whether they are too easy."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]


def tfidf_probabilities(train_texts: Sequence[str], labels: npt.NDArray[np.floating], texts: Sequence[str]) -> Array:
    """TF-IDF of words and pairs, logistic regression per label.

    *Shape:* labels (n_train, n_labels) -> (n_texts, n_labels)
    """
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), strip_accents="unicode")
    return regress(vectorizer.fit_transform(train_texts), labels, vectorizer.transform(texts), strength=10.0)


def regress(train, labels, rows, strength: float) -> Array:  # type: ignore[no-untyped-def]
    """Logistic regression per label, classes weighted to balance; a label that never varies gives its own share.

    *Shape:* train (n_train, width), labels (n_train, n_labels), rows (n, width) -> (n, n_labels)
    """
    columns = []
    for label in np.asarray(labels, dtype=int).T:
        varied = 0 < label.sum() < len(label)
        model = (
            LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
            if varied
            else DummyClassifier(strategy="prior")
        )
        probabilities = model.fit(train, label).predict_proba(rows)
        columns.append(probabilities[:, 1] if varied else np.full(probabilities.shape[0], float(label[0])))
    return np.column_stack(columns)
