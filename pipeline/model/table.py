"""Predictions as a table: one row a passage, the columns that every output has."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputError, did_you_mean
from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.model.prediction import Prediction
from pipeline.records import Document, Passage

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("document", "author", "title", "date", "source")),
        *((name, pa.int64()) for name in ("passage", "start", "end", "words")),
        *((name, pa.float64()) for name in PROBABILITY_COLUMNS),
        ("frames", pa.list_(pa.string())),
        ("contested", pa.list_(pa.string())),
        ("uncertain", pa.list_(pa.string())),
        ("unfamiliar", pa.bool_()),
    ]
)
SUFFIXES = (".jsonl", ".csv", ".parquet")


def to_table(rows: Sequence[tuple[Document, Passage, Prediction]], metadata: dict[str, str] | None = None) -> pa.Table:
    """One row a passage. Several authors stand in one cell, a semicolon between two.

    Args:
        metadata: kept with the table in Parquet, under these keys.
    """
    records = [
        {
            "document": document.id,
            "author": "; ".join(document.authors),
            "title": document.title,
            "date": document.date,
            "source": document.source,
            "passage": passage.passage,
            "start": passage.start,
            "end": passage.end,
            "words": passage.words,
            **dict(zip(PROBABILITY_COLUMNS, prediction.probabilities, strict=True)),
            "frames": list(prediction.frames),
            "contested": list(prediction.contested),
            "uncertain": list(prediction.uncertain),
            "unfamiliar": prediction.unfamiliar,
        }
        for document, passage, prediction in rows
    ]
    return pa.Table.from_pylist(records, schema=SCHEMA).replace_schema_metadata(metadata)


def check_output(path: Path) -> None:
    """Refuse an output that could not be written in the end, before any work is done.

    Raises: OutputError with the place and the remedy.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f'{path}: cannot write "{path.suffix}"; {did_you_mean(path.suffix, SUFFIXES)}')
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it, {path / 'predictions.csv'} say")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.with_name(f".{path.name}.partial")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; choose another place with -o") from None


def write_table(table: pa.Table, path: Path) -> None:
    """Write JSON Lines, CSV or Parquet, by the suffix; the file appears whole or not at all.

    Raises: OutputError with the place and the remedy.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        match path.suffix.lower():
            case ".parquet":
                pq.write_table(table, partial)
            case ".csv":
                partial.write_text(_csv(table), encoding="utf-8", newline="")
            case _:
                lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())
                partial.write_text("".join(lines), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; choose another place with -o") from None
    finally:
        partial.unlink(missing_ok=True)


def read_table(path: Path) -> pa.Table:
    """A Parquet table with its metadata."""
    return pq.read_table(path)


def metadata(table: pa.Table) -> dict[str, str]:
    """What `to_table` kept with the table."""
    return {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}


def _csv(table: pa.Table) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow(";".join(cell) if isinstance(cell, list) else cell for cell in row.values())
    return text.getvalue()
