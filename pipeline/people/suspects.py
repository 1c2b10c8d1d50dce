"""Labels that may be errors: what a reader that did not learn from them would never have given. A list to re-read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import numpy.typing as npt
from cleanlab.filter import find_label_issues
from sklearn.model_selection import GroupKFold

from pipeline.batch.account import csv_text
from pipeline.corpus.corpora import CORPORA, TEXTS_OF_PEOPLE
from pipeline.frames import FRAMES, LABELS, PROBABILITY_COLUMNS
from pipeline.labels.bag_of_words import fit_tfidf
from pipeline.labels.splits import PREPARED, SPLITS
from pipeline.labels.targets import targets
from pipeline.model.readings import ReadDocument, labelled_texts, load_readings
from pipeline.records import Label, WrittenPassage, read_jsonl

Array = npt.NDArray[np.float64]
_FOLDS = 5


@dataclass(frozen=True)
class Suspect:
    """A label in doubt: what was `given`, and the `probability` of the label by a reader that did not learn from it.

    `by`: who doubts, a bag of words or the classifier. The less the probability of what was given, the more doubtful.
    """

    corpus: str
    document: str
    passage: int
    label: str
    given: bool
    probability: float
    by: str
    frames: str
    contested: str

    @property
    def doubtful(self) -> float:
        """The probability of what was given: the label, or its absence."""
        return self.probability if self.given else 1 - self.probability


def prepared_passages() -> list[WrittenPassage]:
    """The written passages with the labels that count now."""
    return [passage for split in SPLITS for passage in read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage)]


def find_suspects(passages: Sequence[WrittenPassage]) -> list[Suspect]:
    """Suspects among all hand labels: these written passages, the essays, the op-eds, people's own texts that test.

    Raises: ModelError if people labelled texts of their own since the calibration was fitted.
    """
    readings = {**{corpus: load_readings(corpus) for corpus in CORPORA}, TEXTS_OF_PEOPLE: labelled_texts()}
    found = suspects_among_written(passages)
    return found + [one for corpus, read in readings.items() for one in suspects_among_documents(corpus, read)]


def suspects_among_written(passages: Sequence[WrittenPassage]) -> list[Suspect]:
    """Suspects among the written passages, by a bag of words that learned from the other batches."""
    labels = [passage.label for passage in passages]
    probabilities = out_of_fold([passage.text for passage in passages], labels, [p.batch for p in passages])
    places = [("written", passage.id, 1) for passage in passages]
    return _suspects(places, labels, probabilities, "bag of words")


def suspects_among_documents(corpus: str, documents: Sequence[ReadDocument]) -> list[Suspect]:
    """Suspects among hand-labelled passages of documents, by the classifier: it learned from none of them.

    Each is read with a calibration in which its author had no say.
    """
    found = [
        (row, gold.label)
        for document in documents
        for row in (document.rows if document.read == "text" else ())
        if (gold := document.gold(row)) is not None
    ]
    if not found:
        return []
    places = [(corpus, str(row["document"]), int(row["passage"])) for row, _ in found]
    probabilities = np.array([[row[column] for column in PROBABILITY_COLUMNS] for row, _ in found])
    return _suspects(places, [label for _, label in found], probabilities, "classifier")


def out_of_fold(texts: Sequence[str], labels: Sequence[Label], groups: Sequence[str]) -> Array:
    """Probabilities of passages by a bag of words that learned from other groups alone, shape (n_texts, 8)."""
    truth = targets(labels)
    found = np.zeros(truth.shape)
    for learned, held_out in GroupKFold(min(_FOLDS, len(set(groups)))).split(texts, groups=groups):
        predict = fit_tfidf([texts[i] for i in learned], truth[learned])
        found[held_out] = predict([texts[i] for i in held_out])
    return found


def known_doubts(found: Sequence[Suspect], passages: Sequence[WrittenPassage]) -> str:
    """Whether the list is worth its reading: how many of the passages on which the two passes differed stand on it."""
    listed = {one.document for one in found if one.corpus == "written"}
    differed = {p.id for p in passages if len(p.annotations) > 1 and not p.annotations[0].same_sets(p.annotations[1])}
    return (
        f"On the list are {len(differed & listed)} of the {len(differed)} written passages on which the two passes "
        f"differed, and {len(listed)} of all {len(passages)}."
    )


def suspects_table(found: Sequence[Suspect], shown: int) -> str:
    """How many there are, and the most doubtful of each corpus, as Markdown."""
    lines = ["| Corpus | Passage | Labelled | In doubt | Probability of it | By |", "|---|---|---|---|---|---|"]
    for corpus in dict.fromkeys(one.corpus for one in found):
        for one in [one for one in found if one.corpus == corpus][:shown]:
            place = one.document if corpus == "written" else f"{one.document}, passage {one.passage}"
            contested = f"; contested {one.contested.replace(';', ', ')}" if one.contested else ""
            label = (one.frames.replace(";", ", ") or "none") + contested
            doubt = one.label if one.given else f"no {one.label}"
            lines.append(f"| {corpus} | {place} | {label} | {doubt} | {one.doubtful:.2f} | {one.by} |")
    passages = len({(one.corpus, one.document, one.passage) for one in found})
    return "\n".join([*lines, "", f"{len(found)} labels of {passages} passages to re-read."])


def suspects_csv(found: Sequence[Suspect]) -> str:
    """The list as CSV, the most doubtful first."""
    return csv_text([field.name for field in fields(Suspect)], (asdict(one).values() for one in found))


def _suspects(
    places: Sequence[tuple[str, str, int]], labels: Sequence[Label], probabilities: Array, by: str
) -> list[Suspect]:
    truth = targets(labels).astype(int)
    found = []
    for column, label in enumerate(LABELS):
        given, p = truth[:, column], np.clip(probabilities[:, column], 1e-6, 1 - 1e-6)
        if not 0 < given.sum() < len(given):
            continue
        for i in find_label_issues(
            given, np.column_stack([1 - p, p]), return_indices_ranked_by="self_confidence", n_jobs=1
        ):
            own, (corpus, document, passage) = labels[i], places[i]
            contested = ";".join(frame for frame in FRAMES if frame in own.contested)
            found.append(
                Suspect(
                    corpus,
                    document,
                    passage,
                    label,
                    bool(given[i]),
                    round(float(p[i]), 4),
                    by,
                    ";".join(own.frames),
                    contested,
                )
            )
    return sorted(found, key=lambda one: (one.doubtful, one.document))
