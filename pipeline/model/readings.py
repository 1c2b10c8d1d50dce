"""Predictions and hand labels of a corpus side by side, as the later stages read them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.corpus.corpora import Member, load_corpus
from pipeline.model.classify import PREDICTIONS, load_predictions
from pipeline.model.table import metadata
from pipeline.records import GoldPassage


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
