"""The parts of a batch put together: one table of predictions, and what became of every input beside it."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.account import Entry, Problem, csv_text, to_csv
from pipeline.batch.parts import Parts, unwritable
from pipeline.errors import OutputError, did_you_mean
from pipeline.model.table import SCHEMA

TEXT = pa.field("text", pa.string())
# What a part holds: the columns of the output, and the passage itself.
PART_SCHEMA = SCHEMA.append(TEXT)


def beside(output: Path) -> tuple[Path, Path]:
    """The accounts of `OUT.csv`: `OUT.documents.csv` and `OUT.errors.csv`."""
    return output.with_suffix(".documents.csv"), output.with_suffix(".errors.csv")


def check_output(path: Path) -> None:
    """Refuse an output that could not be written in the end, before any work is done.

    Raises: OutputError with the place and the remedy.
    """
    if path.suffix.lower() not in _WRITERS:
        raise OutputError(f'{path}: cannot write "{path.suffix}"; {did_you_mean(path.suffix, _WRITERS)}')
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file in it, {path / 'predictions.csv'} say")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.with_name(f".{path.name}.partial")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; choose another place with -o") from None


def write_output(
    parts: Parts, output: Path, about: dict[str, str], warnings: Iterable[Problem] = (), *, with_text: bool
) -> None:
    """Write predictions, documents and errors, each of them whole or not at all; memory stays flat.

    Args:
        about: kept with a Parquet table, under these keys.
        warnings: written after the problems of the parts.
        with_text: a last column with the passage itself.

    Raises: OutputError with the place and the remedy.
    """
    schema = (PART_SCHEMA if with_text else SCHEMA).with_metadata(about)
    tables = (part.table.select(schema.names) for part in parts)
    documents, errors = beside(output)
    accounts = list(parts.accounts())
    _whole(output, lambda stream: _WRITERS[output.suffix.lower()](tables, schema, stream))
    entries = to_csv(Entry, [found for part in accounts for found in part.entries])
    _whole(documents, lambda stream: stream.write(entries.encode()))
    problems = to_csv(Problem, [*(found for part in accounts for found in part.problems), *warnings])
    _whole(errors, lambda stream: stream.write(problems.encode()))


def _write_parquet(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[bytes]) -> None:
    with pq.ParquetWriter(stream, schema) as writer:
        for table in tables:
            writer.write_table(table.cast(schema))


def _write_csv(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[bytes]) -> None:
    stream.write(csv_text(schema.names, []).encode())
    for table in tables:
        rows = ([_joined(cell) for cell in row.values()] for row in table.to_pylist())
        stream.write("".join(csv_text(schema.names, rows).partition("\n")[2:]).encode())


def _write_jsonl(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[bytes]) -> None:
    for table in tables:
        stream.writelines((json.dumps(row, ensure_ascii=False) + "\n").encode() for row in table.to_pylist())


_WRITERS = {".parquet": _write_parquet, ".csv": _write_csv, ".jsonl": _write_jsonl}


def _joined(cell: Any) -> Any:
    return ";".join(cell) if isinstance(cell, list) else cell


def _whole(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as stream:
            write(stream)
        partial.replace(path)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        partial.unlink(missing_ok=True)
