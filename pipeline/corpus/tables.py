"""Tables and records: CSV and TSV, JSON Lines, JSON, Parquet."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from pipeline.corpus.fields import FIELDS, document_of
from pipeline.corpus.plain import decode_bytes, lines
from pipeline.corpus.sources import Source, printable
from pipeline.errors import DocumentError, did_you_mean
from pipeline.records import Document

MAX_CELL_CHARACTERS = 50_000_000
BATCH_ROWS = 16
BUFFER_BYTES = 1 << 20
# A cell that stands in a Parquet file once may be the text of a million rows.
MAX_RATIO = 200
SMALL_CHARACTERS = 20_000_000

_ONE_BY_ONE = "save each text once, without the rows that repeat it"
_ABOUT_FILES = "a table about files is named with --metadata, or stands as metadata.csv in the folder that you name"
_FLAT = "every record must be a flat object with a key text"


def read_csv(source: Source) -> Iterator[Document | DocumentError]:
    """The documents of a .csv or .tsv, one a row; commas, semicolons or tabs between the cells.

    Raises: DocumentError if there is no column text.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    for place, number, row in read_rows(source, "text"):
        if isinstance(row, DocumentError):
            yield row
            continue
        try:
            yield document_of(row, f"{source.stem}-{number}", place)
        except DocumentError as error:
            yield error


def read_rows(source: Source, needed: str) -> Iterator[tuple[str, int, dict[str, str] | DocumentError]]:
    """The rows of a table by column name in lower case, each with its place and its line's number.

    A row with cells missing at its end has "" there; one with too many cells is yielded as its error.

    Raises: DocumentError if the column `needed` is not there.
    """
    text = lines(source)
    above, header = next((found for found in enumerate(text, start=1) if found[1].strip()), (0, ""))
    delimiter, names = _columns(header, "\t,;" if source.suffix == ".tsv" else ",;\t", needed, source.place)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        # Where the row begins: its cells may hold lines of their own.
        number = rows.line_num + above + 1
        place = f"{source.place}:{number}"
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, number, DocumentError(place, str(error), "mend its quotes")
            continue
        if len(cells) > len(names):
            yield place, number, DocumentError(place, "more cells than columns", "quote cells that hold commas")
        elif cells:
            yield place, number, dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=True))


def read_jsonl(source: Source) -> Iterator[Document | DocumentError]:
    """The documents of a .jsonl, one a line."""
    for number, line in enumerate(lines(source), start=1):
        if not line.strip():
            continue
        place = f"{source.place}:{number}"
        try:
            yield document_of(_record(_parse(line, place), place), f"{source.stem}-{number}", place)
        except DocumentError as error:
            yield error


def read_json(source: Source) -> Iterator[Document | DocumentError]:
    """The documents of a .json: an object with a text, a list of such, or an object with one list of such.

    Raises: DocumentError if it is of another shape.
    """
    found = _parse(decode_bytes(source.stream.read(), source.place), source.place)
    if isinstance(found, dict) and any(isinstance(key, str) and key.strip().lower() == "text" for key in found):
        yield document_of(found, source.stem, source.place)
        return
    for number, record in enumerate(_list_in(found, source.place), start=1):
        place = f"{source.place}:{number}"
        try:
            yield document_of(_record(record, place), f"{source.stem}-{number}", place)
        except DocumentError as error:
            yield error


def read_parquet(source: Source) -> Iterator[Document | DocumentError]:
    """The documents of a .parquet, one a row.

    Raises: DocumentError if it is none, has no column text, or becomes very much larger when it is read.
    """
    import pyarrow
    from pyarrow.parquet import ParquetFile

    file_bytes = source.stream.seek(0, io.SEEK_END)
    source.stream.seek(0)
    try:
        # Columns piece by piece: a table of gigabytes may be a single group of rows.
        file = ParquetFile(source.stream, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except pyarrow.ArrowInvalid as error:
        raise DocumentError(source.place, f"no Parquet file: {_first_line(error)}", "write it anew") from None
    names = file.schema_arrow.names
    wanted = [name for name in names if name.strip().lower() in FIELDS]
    if "text" not in [name.strip().lower() for name in wanted]:
        raise _no_column("text", names, source.place)
    number = characters = 0
    # Single-threaded: a process for reading has little memory, and another one classifies meanwhile.
    for batch in file.iter_batches(BATCH_ROWS, columns=wanted, use_threads=False):
        for row in range(batch.num_rows):
            [record] = batch.slice(row, 1).to_pylist()
            number += 1
            place = f"{source.place}:{number}"
            characters += sum(len(value) for value in record.values() if isinstance(value, str))
            if characters > max(SMALL_CHARACTERS, MAX_RATIO * file_bytes):
                raise DocumentError(place, f"the file becomes more than {MAX_RATIO} times as large", _ONE_BY_ONE)
            try:
                yield document_of(record, f"{source.stem}-{number}", place)
            except DocumentError as error:
                yield error


def _columns(header: str, delimiters: str, needed: str, place: str) -> tuple[str, list[str]]:
    """The delimiter by which the column `needed` stands in a header, and the names of all columns."""
    splits = [(delimiter, _split(header, delimiter)) for delimiter in delimiters]
    for delimiter, names in splits:
        if needed in names:
            return delimiter, names
    raise _no_column(needed, max((names for _, names in splits), key=len), f"{place}:1")


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _no_column(needed: str, names: list[str], place: str) -> DocumentError:
    shown = printable(", ".join(names)[:200])
    if needed == "text" and "file" in names:
        return DocumentError(place, f"no column text among {shown}", _ABOUT_FILES)
    return DocumentError(place, f"no column {needed} among {shown}", printable(did_you_mean(needed, names[:20])[:200]))


def _parse(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(place, f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        raise DocumentError(place, "not a flat object with a key text", _FLAT) from None


def _record(found: Any, place: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise DocumentError(place, f"must be an object with a key text, got {type(found).__name__}", _FLAT)
    return found


def _list_in(found: Any, place: str) -> list[Any]:
    if isinstance(found, list):
        return found
    lists = [value for value in found.values() if isinstance(value, list)] if isinstance(found, dict) else []
    if len(lists) == 1:
        return lists[0]
    got = f"an object with keys {', '.join(map(str, found))}"[:200] if isinstance(found, dict) else type(found).__name__
    raise DocumentError(place, f"no text or one list of texts in it, got {printable(got)}", _FLAT)


def _first_line(error: Exception) -> str:
    return printable(str(error).split("\n", 1)[0][:200])
