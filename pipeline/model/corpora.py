"""Classify the project's own corpora: the shell around `Classifier`, reading files and writing tables."""

from typing import Protocol

from pipeline.corpus.corpora import load_corpus, load_segments, remove_others
from pipeline.errors import ModelError
from pipeline.model.classifier import load_classifier
from pipeline.model.classify import PREDICTIONS, classify_member, load_predictions
from pipeline.model.store import MODEL, model_checksum
from pipeline.model.table import metadata, write_table


class Bar(Protocol):
    """What shows progress: told the total, then how much is done."""

    def start(self, total: int) -> None:
        """There are so many passages."""

    def __call__(self, done: int) -> None:
        """So many are done."""


def classify_corpus(corpus: str, precision: str, bar: Bar) -> list[str]:
    """Classify the essays or the op-eds into data/predictions/; return a line for each document."""
    members = load_corpus(corpus)
    classifier = load_classifier(precision=precision)
    segments = {member.document.id: load_segments(corpus, member.document.id) for member in members}
    bar.start(sum(map(len, segments.values())))
    lines, done = [], 0
    for member in members:
        name = member.document.id
        passages = segments[name]
        reading = classify_member(
            member,
            passages,
            classifier,
            load_predictions(corpus, name),
            lambda n, before=done: bar(before + n),  # type: ignore[misc]
        )
        done += len(passages)
        path = PREDICTIONS / corpus / f"{name}.parquet"
        if reading.table is None:
            lines.append(f"{name}: absent, and nobody wrote notes on it; add it with `framing essays add {name}.txt`")
            continue
        if not reading.kept:
            write_table(reading.table, path)
        stale = metadata(reading.table)["model"] != classifier.checksum
        lines.append(f"{name}: {len(passages)} passages, {_how(reading.read, reading.kept, stale, name)}")
    remove_others(PREDICTIONS / corpus, {member.document.id for member in members})
    return lines


def forget_stale(corpus: str, document_id: str) -> bool:
    """Remove predictions that were made from notes or by another model, so that `dvc repro` makes them anew."""
    table = load_predictions(corpus, document_id)
    if table is None:
        return False
    about = metadata(table)
    try:
        current = model_checksum(MODEL)
    except (FileNotFoundError, ModelError):
        current = about["model"]
    if about["read"] == "text" and about["model"] == current:
        return False
    (PREDICTIONS / corpus / f"{document_id}.parquet").unlink()
    return True


def _how(read: str, kept: bool, stale: bool, name: str) -> str:
    if not kept:
        return (
            "read in full" if read == "text" else f"read from notes; the text is absent: framing essays add {name}.txt"
        )
    state = "kept from an earlier model, stale" if stale else "kept as they stand"
    return f"{state}; the text is absent: framing essays add {name}.txt"
