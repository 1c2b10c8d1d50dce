"""From the parts of a batch to profiles and the framing report of those texts."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.batch.account import Entry
from pipeline.batch.parts import Part
from pipeline.corpus.corpora import Member
from pipeline.errors import ModelError
from pipeline.evaluation.results import METRICS
from pipeline.evaluation.tiers import known_tiers
from pipeline.model.readings import ReadDocument, load_readings
from pipeline.params import Params
from pipeline.profile.gather import labelled_essays, profile_all
from pipeline.profile.run import write_profiled
from pipeline.records import Document
from pipeline.report.render import corpus_section, write_report

CORPUS = "texts"


def report_parts(parts: Iterable[Part], model: str, params: Params, folder: Path) -> Path:
    """Write profiles, groups, comparisons and the report into a folder; return the HTML file's path.

    The classifier's errors are those that it makes on the hand-labelled essays, by `reports/metrics.json` and
    `data/predictions/`.

    Raises: ModelError if those are absent, or there is nothing to report on.
    """
    if not METRICS.exists():
        raise ModelError(f"{METRICS}: no such file; make it with `dvc repro evaluate`")
    documents = [document for part in parts for document in _documents(part, model)]
    if not documents:
        raise ModelError(f"{folder}: nothing to report on, for no document was classified")
    metrics: dict[str, Any] = json.loads(METRICS.read_text(encoding="utf-8"))
    real = labelled_essays(load_readings("essays"), model)
    found = profile_all({CORPUS: documents}, real, model, params.profile, known_tiers(metrics))
    write_profiled(found, folder)
    section = corpus_section(CORPUS, documents, found.profiles[CORPUS], params.report.evidence_passages)
    return write_report([section], metrics, model, params, folder)


def _documents(part: Part, model: str) -> list[ReadDocument]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in part.table.to_pylist():
        rows.setdefault(row["document"], []).append(row)
    return [_document(entry, rows[entry.document], model) for entry in part.entries if entry.document in rows]


def _document(entry: Entry, rows: list[dict[str, Any]], model: str) -> ReadDocument:
    """The document as far as a report needs it: its passages at their places, blanks between them."""
    text = ""
    for row in rows:
        text = text.ljust(row["start"]) + row["text"]
    authors = tuple(name for name in entry.author.split("; ") if name)
    document = Document(entry.document, text, entry.title, authors, entry.date, entry.source, entry.language)
    return ReadDocument(Member(document, present=True, quotable=True), tuple(rows), "text", model)
