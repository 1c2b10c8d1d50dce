"""Classify whole corpora and folders: the shell around `Classifier`, reading files and writing tables."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pipeline.corpus.corpora import load_corpus, load_segments, remove_others
from pipeline.corpus.readers import find_files, read_documents
from pipeline.corpus.segment import segment
from pipeline.errors import DocumentError, ModelError
from pipeline.model.classifier import load_classifier
from pipeline.model.classify import PREDICTIONS, classify_member, load_predictions
from pipeline.model.store import MODEL, model_checksum
from pipeline.model.table import check_output, metadata, to_table, write_table
from pipeline.params import SegmentParams
from pipeline.records import Document


class Bar(Protocol):
    """What shows progress: told the total, then how much is done."""

    def start(self, total: int) -> None:
        """There are so many passages."""

    def __call__(self, done: int) -> None:
        """So many are done."""


@dataclass(frozen=True)
class Batch:
    """What came of a batch: how much was read, in which precision, and what could not be read and why."""

    documents: int
    passages: int
    precision: str
    problems: tuple[str, ...]


def classify_paths(paths: list[Path], output: Path, params: SegmentParams, precision: str, bar: Bar) -> Batch:
    """Classify every document below `paths` and write one table.

    Documents that cannot be read are listed in the result; the rest is classified.

    Raises: OutputError if `output` cannot be written; DocumentError if nothing at all can be read.
    """
    check_output(output)
    documents, problems = _read_all([file for file in find_files(paths) if file.resolve() != output.resolve()])
    if not documents:
        raise DocumentError(", ".join(map(str, paths)), "nothing can be read", "; ".join(problems))
    classifier = load_classifier(precision=precision)
    places = [(document, passage) for document in documents for passage in segment(document, params)]
    bar.start(len(places))
    scores = classifier.scores([document.text[p.start : p.end] for document, p in places], bar)
    rows = [
        (document, passage, classifier.decide(scores.rows([i]), document.byline)[0])
        for i, (document, passage) in enumerate(places)
    ]
    table = to_table(rows, {"read": "text", "model": classifier.checksum, "precision": classifier.precision})
    write_table(table, output)
    return Batch(len(documents), len(rows), classifier.precision, tuple(problems))


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


def _read_all(files: list[Path]) -> tuple[list[Document], list[str]]:
    documents: list[Document] = []
    problems: list[str] = []
    for found in (found for file in files for found in read_documents(file)):
        if isinstance(found, DocumentError):
            problems.append(str(found))
        else:
            documents.append(found)
    return list(_distinct(documents)), problems


def _distinct(documents: list[Document]) -> Iterator[Document]:
    """The documents with a number behind an id that stood before: `letter`, `letter-2`."""
    seen: set[str] = set()
    for document in documents:
        name, count = document.id, 1
        while name in seen:
            count += 1
            name = f"{document.id}-{count}"
        seen.add(name)
        yield replace(document, id=name)


def _how(read: str, kept: bool, stale: bool, name: str) -> str:
    if not kept:
        return (
            "read in full" if read == "text" else f"read from notes; the text is absent: framing essays add {name}.txt"
        )
    state = "kept from an earlier model, stale" if stale else "kept as they stand"
    return f"{state}; the text is absent: framing essays add {name}.txt"
