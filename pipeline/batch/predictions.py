"""What `framing classify` wrote, read back: the documents of a report."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.output import TEXT
from pipeline.corpus.corpora import Member
from pipeline.errors import DocumentError, did_you_mean
from pipeline.frames import FRAMES, LABELS
from pipeline.model.readings import ReadDocument
from pipeline.model.table import SCHEMA, metadata
from pipeline.profile.cells import unmarked
from pipeline.records import Document

_LISTS = {"frames": FRAMES, "contested": FRAMES, "uncertain": LABELS}


def read_predictions(path: Path, model: str) -> tuple[list[ReadDocument], bool]:
    """The documents in a table of predictions; and whether it says which model made it, as Parquet does.

    Args:
        model: taken for the one that made the predictions where they do not say.

    Raises: DocumentError if the file is none of the three kinds, lacks a column or holds what cannot be.
    """
    rows = read_rows(path)
    about = metadata(pq.read_schema(path).empty_table()) if path.suffix.lower() == ".parquet" else {}
    return documents(rows, about.get("model", model)), "model" in about


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a table of predictions, one a passage, the same from all three kinds; `text` is None where it lacks.

    Raises: DocumentError as `read_predictions` does.
    """
    if path.suffix.lower() not in READERS:
        raise DocumentError(str(path), f'cannot read "{path.suffix}"', did_you_mean(path.suffix, READERS))
    if not path.is_file():
        raise DocumentError(str(path), "no such file", f"make it: framing classify PATH... -o {path}")
    try:
        rows = list(READERS[path.suffix.lower()](path))
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error, pa.ArrowInvalid, OSError) as error:
        raise DocumentError(str(path), f"cannot be read: {' '.join(str(error).split())}", _ANEW) from None
    if not rows:
        raise DocumentError(str(path), "holds no passage", "nothing was classified")
    return list(_checked(rows, path))


def documents(rows: Iterable[dict[str, Any]], model: str) -> list[ReadDocument]:
    """Rows of passages as documents, as far as a report needs them: passages at their places, blanks between them."""
    of: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of.setdefault(row["document"], []).append(row)
    return [_document(name, own, model) for name, own in of.items()]


# No text that a person wrote is longer.
_MOST_CHARACTERS = 10_000_000
_ANEW = "classify the texts anew: framing classify PATH... -o OUT"


def _document(name: str, rows: list[dict[str, Any]], model: str) -> ReadDocument:
    rows = sorted(rows, key=lambda row: row["start"])
    pieces, end = [], 0
    for row in rows:
        said = row.get("text") or ""
        # A text that was changed since is not at its place any more, and is not quoted.
        if len(said) == row["end"] - row["start"] and row["start"] >= end:
            pieces += [" " * (row["start"] - end), said]
            end = row["end"]
    first = rows[0]
    authors = tuple(author for author in (first["author"] or "").split("; ") if author)
    document = Document(
        name, "".join(pieces), first["title"] or "", authors, first["date"] or "", first["source"] or ""
    )
    return ReadDocument(Member(document, present=bool(pieces), quotable=True), tuple(rows), "text", model)


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    return iter(pq.read_table(path).to_pylist())


def _jsonl_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(2**31 - 1)  # a passage may be one very long word
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {name: _cell(name, cell) for name, cell in row.items() if name is not None}


# By suffix, what `framing classify` writes.
READERS = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".parquet": _parquet_rows}


def _cell(name: str, cell: str) -> Any:
    if name in _LISTS:
        return [label for label in (cell or "").split(";") if label]
    return unmarked(cell or "")


def _checked(rows: list[dict[str, Any]], path: Path) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        place = f"{path}: passage {number}"
        absent = [name for name in SCHEMA.names if name not in row] if isinstance(row, dict) else SCHEMA.names
        if absent:
            raise DocumentError(place, f"has no {', '.join(absent)}", _ANEW)
        try:
            found = {field.name: _value(field, row[field.name]) for field in SCHEMA}
            _check_place(found["start"], found["end"])
            yield {**found, TEXT.name: row.get("text")}
        except (TypeError, ValueError) as error:
            raise DocumentError(place, str(error), _ANEW) from None


def _value(field: pa.Field, value: Any) -> Any:
    if field.name in _LISTS:
        unknown = [label for label in value if label not in _LISTS[field.name]]
        if unknown:
            raise ValueError(
                f'unknown {field.name} "{unknown[0]}"; {did_you_mean(str(unknown[0]), _LISTS[field.name])}'
            )
        return list(value)
    if field.type == pa.bool_():
        if value not in (True, False, "True", "False"):
            raise ValueError(f'{field.name} must be True or False, got "{value}"')
        return value in (True, "True")
    if field.type == pa.int64():
        return int(value)
    if field.type == pa.float64():
        return _probability(field.name, float(value))
    return "" if value is None else str(value)


def _check_place(start: int, end: int) -> None:
    if not 0 <= start < end <= _MOST_CHARACTERS:
        raise ValueError(f"start and end must be places in a text, got {start} and {end}")


def _probability(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be between 0 and 1, got {value}")
    return value
