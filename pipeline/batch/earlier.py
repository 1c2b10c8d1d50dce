"""What earlier runs wrote, told from texts: in a folder of texts it must not come in as texts again.

Nothing is parsed, for a file that only looks like a result may be hostile: names of columns are looked for as bytes.
"""

import io
import re
from dataclasses import fields
from pathlib import Path

from pipeline.batch.account import Entry, Problem
from pipeline.frames import PROBABILITY_COLUMNS

_BEGINNING_BYTES = 1 << 16
_ACCOUNTS = [frozenset(field.name for field in fields(kind)) for kind in (Entry, Problem)]
_REPORT = re.compile(r"framing\.(html|md)|(profiles|groups|comparisons)\.(csv|json)")


def is_earlier_result(file: Path) -> bool:
    """Whether a file is what `framing classify` writes: a table with all probabilities, an account, part of a report.

    False where it cannot be read.
    """
    try:
        return _is_result(file)
    except OSError:
        return False


def _is_result(file: Path) -> bool:
    match file.suffix.lower():
        case ".csv":
            names = _header(file)
            return names.issuperset(PROBABILITY_COLUMNS) or names in _ACCOUNTS or _is_of_report(file)
        case ".jsonl":
            with file.open("rb") as stream:
                line = stream.readline(_BEGINNING_BYTES)
            return all(f'"{name}":'.encode() in line for name in PROBABILITY_COLUMNS)
        case ".parquet":
            schema = _beginning_of_footer(file)
            return all(name.encode() in schema for name in PROBABILITY_COLUMNS)
        case _:
            return _is_of_report(file)


def _header(file: Path) -> frozenset[str]:
    with file.open("rb") as stream:
        line = stream.readline(_BEGINNING_BYTES).decode("utf-8-sig", "replace")
    return frozenset(name.strip().strip('"') for name in re.split("[,;\t]", line))


def _beginning_of_footer(file: Path) -> bytes:
    """Of a Parquet file: its schema stands there, uncompressed."""
    with file.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 8))
        footer_bytes = int.from_bytes(stream.read(4), "little")
        stream.seek(max(0, size - 8 - footer_bytes))
        return stream.read(min(footer_bytes, _BEGINNING_BYTES))


def _is_of_report(file: Path) -> bool:
    """Whether a report wrote it; texts of somebody's own may stand beside it."""
    if file.parent.name == "authors" and file.suffix == ".html":
        return _holds_report(file.parent.parent)
    return bool(_REPORT.fullmatch(file.name)) and _holds_report(file.parent)


def _holds_report(folder: Path) -> bool:
    return (folder / "framing.html").is_file() and (folder / "profiles.json").is_file()
