"""Documents from files: .txt, .md with front matter, .jsonl and .csv."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ftfy
import yaml

from pipeline.errors import DocumentError, did_you_mean
from pipeline.records import Document

SUFFIXES = (".txt", ".md", ".jsonl", ".csv")
MAX_CELL_CHARACTERS = 50_000_000
FIELDS = ("id", "text", "author", "title", "date", "source")

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s.*\n?", re.MULTILINE)


def find_files(paths: list[Path]) -> list[Path]:
    """The readable files among paths and, in folders, below them; sorted within a folder.

    Raises: DocumentError for a path that does not exist or a file of another kind.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        elif not path.exists():
            raise DocumentError(f"{path}: no such file or folder")
        elif path.suffix.lower() not in SUFFIXES:
            raise DocumentError(
                f"{path}: cannot read {path.suffix or 'a file without suffix'}; known: {', '.join(SUFFIXES)}"
            )
        else:
            files.append(path)
    if not files:
        raise DocumentError(f"{', '.join(map(str, paths))}: nothing to read; known kinds: {', '.join(SUFFIXES)}")
    return files


def read_documents(file: Path) -> Iterator[Document | DocumentError]:
    """The documents of one file: one for .txt and .md, one a record for .jsonl and .csv.

    What cannot be read is yielded as its error, with the place and the remedy, and the rest goes on.
    """
    try:
        yield from _read(file)
    except DocumentError as error:
        yield error


def _read(file: Path) -> Iterator[Document | DocumentError]:
    match file.suffix.lower():
        case ".jsonl":
            yield from _from_jsonl(file)
        case ".csv":
            yield from _from_csv(file)
        case ".md":
            yield _from_markdown(file)
        case _:
            yield _document({"text": decode(file)}, file.stem, str(file))


def decode(file: Path) -> str:
    """The text of a file in UTF-8.

    Raises: DocumentError if it is empty, not text, or in another encoding.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DocumentError(f"{file}: cannot be read: {error.strerror}") from None
    if not raw.strip():
        raise DocumentError(f"{file}: empty; remove it or put its text there")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{file}: not UTF-8 at byte {error.start} ({raw[error.start]:#04x}); save it as UTF-8"
        ) from None
    if "\x00" in text:
        raise DocumentError(f"{file}: holds NUL bytes, so it is not plain text; convert it to .txt in UTF-8")
    return text


def _from_markdown(file: Path) -> Document:
    text = decode(file)
    fields: dict[str, Any] = {}
    if matter := _FRONT_MATTER.match(text):
        try:
            fields = yaml.safe_load(matter[1]) or {}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise DocumentError(f"{file}: front matter is not YAML: {' '.join(str(error).split())}") from None
        if not isinstance(fields, dict):
            raise DocumentError(f"{file}: front matter must be `key: value` lines")
        text = text[matter.end() :]
    known = {key: value for key, value in fields.items() if key in FIELDS and key != "text"}
    return _document({**known, "text": _HEADING.sub("", text)}, file.stem, str(file))


def _from_jsonl(file: Path) -> Iterator[Document | DocumentError]:
    for number, line in enumerate(decode(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _from_json_line(line, file, number)
        except DocumentError as error:
            yield error


def _from_json_line(line: str, file: Path, number: int) -> Document:
    place = f"{file}:{number}"
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{place}: not JSON: {error.msg} at column {error.colno}") from None
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        raise DocumentError(f"{place}: not a flat object with a key text") from None
    if not isinstance(record, dict):
        raise DocumentError(f"{place}: a line must be an object with a key text, got {type(record).__name__}")
    return _document(record, f"{file.stem}-{number}", place)


def _from_csv(file: Path) -> Iterator[Document | DocumentError]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    rows = csv.DictReader(io.StringIO(decode(file), newline=""), strict=True)
    if "text" not in (rows.fieldnames or []):
        columns = rows.fieldnames or []
        raise DocumentError(f"{file}:1: no column text among {', '.join(columns)}; {did_you_mean('text', columns)}")
    try:
        for row in rows:
            place = f"{file}:{rows.line_num}"
            try:
                if None in row:
                    raise DocumentError(f"{place}: more cells than columns; quote cells that hold commas")
                yield _document(row, f"{file.stem}-{rows.line_num}", place)
            except DocumentError as error:
                yield error
    except csv.Error as error:
        raise DocumentError(f"{file}:{rows.line_num}: {error}") from None


def _document(record: dict[str, Any], default_id: str, place: str) -> Document:
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise DocumentError(f"{place}: no text; every record needs a key or column text that is not empty")
    return Document(
        id=_one_line(record.get("id")) or default_id,
        text=ftfy.fix_text(text).strip(),
        title=_one_line(record.get("title")),
        authors=_authors(record.get("author")),
        date=_one_line(record.get("date")),
        source=_one_line(record.get("source")),
    )


def _authors(value: Any) -> tuple[str, ...]:
    """One author, a list of them, or several in one cell with a semicolon between two."""
    names = value if isinstance(value, list) else _one_line(value).split(";")
    return tuple(name for name in map(_one_line, names) if name)


def _one_line(value: Any) -> str:
    return "" if value is None else " ".join(ftfy.fix_text(str(value)).split())
