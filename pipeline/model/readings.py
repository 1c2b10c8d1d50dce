"""Predictions and hand labels of a corpus side by side, as the later stages read them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.corpus.corpora import TEXTS_OF_PEOPLE, Member, load_corpus
from pipeline.errors import ModelError
from pipeline.model.calibration import load_calibrations
from pipeline.model.classify import PREDICTIONS, load_predictions
from pipeline.model.prediction import predictions
from pipeline.model.scores import SCORES, load_scores
from pipeline.model.store import CALIBRATION, MODEL, model_checksum
from pipeline.model.table import metadata, to_table
from pipeline.records import GoldPassage, Passage


@dataclass(frozen=True)
class ReadDocument:
    """A document with its predictions, a row a passage. `read` is text, notes or absent; `model` made the rows."""

    member: Member
    rows: tuple[dict[str, Any], ...]
    read: str
    model: str

    @property
    def byline(self) -> str:
        """The author or authors, as a profile names them."""
        return self.member.document.byline

    def gold(self, row: dict[str, Any]) -> GoldPassage | None:
        """The hand-labelled passage at the row's place."""
        places = {(gold.start, gold.end): gold for gold in self.member.gold}
        return places.get((row["start"], row["end"]))


def load_readings(corpus: str, folder: Path = PREDICTIONS) -> list[ReadDocument]:
    """Every document of a corpus; one without predictions has no rows and is read as absent."""
    documents = []
    for member in load_corpus(corpus):
        table = load_predictions(corpus, member.document.id, folder)
        if table is None:
            documents.append(ReadDocument(member, (), "absent", ""))
            continue
        about = metadata(table)
        documents.append(ReadDocument(member, tuple(table.to_pylist()), about["read"], about["model"]))
    return documents


def labelled_texts() -> list[ReadDocument]:
    """What people labelled of their own texts to test on, read with calibrations in which the authors had no say.

    Raises: ModelError if the calibration was fitted before they were labelled.
    """
    members = load_corpus(TEXTS_OF_PEOPLE)
    if not members:
        return []
    calibrations, weights = load_calibrations(MODEL / CALIBRATION)
    scored = {own.document: own.scores for own in load_scores(weights) if own.source == TEXTS_OF_PEOPLE}
    documents = []
    for member in members:
        scores, name = scored.get(member.document.id), member.document.id
        if scores is None or len(scores.logits) != len(member.gold):
            raise ModelError(
                f"{SCORES}: {name} was labelled since; make it anew: `dvc repro calibrate`. Where essays are absent, "
                f"their say is kept: add them (`framing essays add FILE...`), or remove {MODEL / CALIBRATION} first"
            )
        calibration = calibrations.for_author(member.document.byline)
        found = predictions(calibration.probabilities(scores), calibration, scores.distances)
        places = ("passage", "start", "end", "words", "sha256")
        passages = [Passage(document=name, **{key: getattr(gold, key) for key in places}) for gold in member.gold]
        table = to_table([(member.document, *both) for both in zip(passages, found, strict=True)])
        documents.append(ReadDocument(member, tuple(table.to_pylist()), "text", model_checksum(MODEL)))
    return documents
