"""Predictions as a table: one row a passage, the columns that every output has."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputError
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


def write_table(table: pa.Table, path: Path) -> None:
    """Write Parquet; the file appears whole or not at all.

    Raises: OutputError with the place and the remedy.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, partial)
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; make room or mend its rights") from None
    finally:
        partial.unlink(missing_ok=True)


def read_table(path: Path) -> pa.Table:
    """A Parquet table with its metadata."""
    return pq.read_table(path)


def metadata(table: pa.Table) -> dict[str, str]:
    """What `to_table` kept with the table."""
    return {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
