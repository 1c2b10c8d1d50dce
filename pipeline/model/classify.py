"""Classify the documents of a corpus, keeping what was read from a text that is no longer there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.corpus.corpora import Member
from pipeline.model.table import SCHEMA, metadata, read_table, to_table
from pipeline.records import Passage

if TYPE_CHECKING:  # it brings torch, which reading a table does not need
    from pipeline.model.classifier import Classifier, Progress

PREDICTIONS = Path("data/predictions")


@dataclass(frozen=True)
class Reading:
    """What was read for a document: its `text`, its reading `notes`, or nothing (`absent`); `kept` from before."""

    document: str
    read: str
    kept: bool = False
    table: pa.Table | None = None


def classify_member(
    member: Member,
    passages: Sequence[Passage],
    classifier: "Classifier",
    earlier: pa.Table | None,
    progress: "Progress" = lambda done: None,
) -> Reading:
    """Classify the passages from the text; without it keep `earlier` if that read it, else read the notes."""
    identity = member.document.id
    if member.present:
        texts = [member.document.text[passage.start : passage.end] for passage in passages]
        return Reading(identity, "text", table=_table(member, passages, texts, classifier, "text", progress))
    if earlier is not None and metadata(earlier).get("read") == "text" and _same_passages(earlier, passages):
        return Reading(identity, "text", kept=True, table=earlier)
    notes = [gold.note for gold in member.gold]
    if notes and all(notes):
        return Reading(identity, "notes", table=_table(member, passages, notes, classifier, "notes", progress))
    return Reading(identity, "absent")


def load_predictions(corpus: str, document_id: str, folder: Path = PREDICTIONS) -> pa.Table | None:
    """The predictions that `framing classify` wrote for a document of a corpus."""
    path = folder / corpus / f"{document_id}.parquet"
    return read_table(path) if path.exists() else None


def _table(member, passages, texts, classifier, read, progress) -> pa.Table:  # type: ignore[no-untyped-def]
    found = classifier.classify(texts, progress, member.document.byline)
    rows = [(member.document, passage, prediction) for passage, prediction in zip(passages, found, strict=True)]
    return to_table(rows, {"read": read, "model": classifier.checksum, "precision": classifier.precision})


def _same_passages(table: pa.Table, passages: Sequence[Passage]) -> bool:
    places = list(zip(table["start"].to_pylist(), table["end"].to_pylist(), strict=True))
    return table.schema.names == SCHEMA.names and places == [(passage.start, passage.end) for passage in passages]
