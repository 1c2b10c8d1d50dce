"""Hand labels and decisions of the test sets, as arrays."""

from collections.abc import Sequence

import numpy as np

from pipeline.evaluation.evaluate import Scored
from pipeline.frames import LABELS, PROBABILITY_COLUMNS
from pipeline.labels.targets import targets
from pipeline.model.classifier import Classifier
from pipeline.model.readings import ReadDocument
from pipeline.records import Label, WrittenPassage


def scored_documents(documents: Sequence[ReadDocument]) -> Scored | None:
    """The hand-labelled passages of documents with predictions from their text; None where there are none."""
    rows, golds, bylines = [], [], []
    for document in documents:
        for row in document.rows if document.read == "text" else ():
            gold = document.gold(row)
            if gold is not None:
                rows.append(row)
                golds.append(gold)
                bylines.append(document.byline)
    if not rows:
        return None
    decided = [Label(frames=tuple(row["frames"]), contested=tuple(row["contested"])) for row in rows]
    return Scored(
        documents=tuple(row["document"] for row in rows),
        passages=tuple(row["passage"] for row in rows),
        authors=tuple(bylines),
        words=tuple(row["words"] for row in rows),
        truth=targets([gold.label for gold in golds]).astype(bool),
        probabilities=np.array([[row[column] for column in PROBABILITY_COLUMNS] for row in rows]),
        decided=targets(decided).astype(bool),
        uncertain=np.array([[label in row["uncertain"] for label in LABELS] for row in rows]),
        unfamiliar=np.array([row["unfamiliar"] for row in rows]),
        annotations=tuple(gold.annotations for gold in golds),
    )


def scored_written(passages: Sequence[WrittenPassage], classifier: Classifier) -> Scored:
    """The classifier on written passages; each stands for itself, `authors` names its voice."""
    calibration = classifier.calibrations.anybody
    scores = classifier.scores([passage.text for passage in passages])
    probabilities = calibration.probabilities(scores)
    return Scored(
        documents=tuple(passage.id for passage in passages),
        passages=(1,) * len(passages),
        authors=tuple(passage.voice for passage in passages),
        words=tuple(len(passage.text.split()) for passage in passages),
        truth=targets([passage.label for passage in passages]).astype(bool),
        probabilities=probabilities,
        decided=calibration.decide(probabilities),
        uncertain=calibration.doubt(probabilities),
        unfamiliar=scores.distances > calibration.familiar_up_to,
        annotations=tuple(passage.annotations for passage in passages),
    )
