"""From what a file says about a text to a document: one line a field, several authors several."""

import datetime
import math
import re
from collections.abc import Mapping
from typing import Any

import ftfy

from pipeline.errors import DocumentError
from pipeline.records import Document

# Thirty novels: what is longer is no text by an author, and would stand in memory whole.
MAX_TEXT_CHARACTERS = 20_000_000

FIELDS = ("id", "text", "author", "title", "date", "source", "language")

_LANGUAGE = re.compile(r"([a-z]{2,3})([-_]\w+)*", re.IGNORECASE)
# What behind a name says what somebody is, not who else wrote.
_ROLE = re.compile(
    r"\b(fellow|professor|lecturer|researcher|director|editor|correspondent|analyst|university|institut(e|ion)|ph\.?d)\b",
    re.IGNORECASE,
)


def document_of(record: Mapping[Any, Any], default_id: str, place: str, removed_share: float = 0.0) -> Document:
    """The document of a record with a key text and any of `FIELDS`, in any case; other keys are ignored.

    Raises: DocumentError if there is no text, or one of more than `MAX_TEXT_CHARACTERS`.
    """
    known = {name.strip().lower(): value for name, value in record.items() if isinstance(name, str)}
    text = known.get("text")
    if isinstance(text, str) and len(text) > MAX_TEXT_CHARACTERS:
        reason = f"a text of {len(text)} characters, more than {MAX_TEXT_CHARACTERS // 10**6} million"
        raise DocumentError(place, reason, "split it, or make it a table with a row for each text")
    if not isinstance(text, str) or not (text := ftfy.fix_text(text).strip()):
        raise DocumentError(place, "no text", "every record needs a key or column text that is not empty")
    return Document(
        id=one_line(known.get("id")) or default_id,
        text=text,
        title=one_line(known.get("title")),
        authors=_authors(known.get("author")),
        date=one_line(known.get("date")),
        source=one_line(known.get("source")),
        language=language_code(known.get("language")),
        place=place,
        removed_share=removed_share,
    )


def one_line(value: Any) -> str:
    """A field as text without line ends; "" for None and NaN, and of an object its name.

    Midnight is no time of day: such a date is a day.
    """
    if isinstance(value, dict):
        value = value.get("name")
    if value is None or isinstance(value, dict) or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return " ".join(ftfy.fix_text(str(value)).split())


def split_authors(value: str) -> list[str]:
    """The names in a line of authors, of a kind of file that has one line for all of them.

    >>> split_authors("Ann Lee, Bo Chen and Cy Diaz")
    ['Ann Lee', 'Bo Chen', 'Cy Diaz']
    >>> split_authors("Lee, Ann; Chen, Bo")
    ['Lee, Ann', 'Chen, Bo']
    >>> split_authors("Jane Doe, Senior Fellow")
    ['Jane Doe']
    """
    if ";" in value:
        return [name.strip() for name in value.split(";")]
    names = re.split(r"\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+", value)
    if any(map(_ROLE.search, names[1:])):
        # Behind "Professor of War and" comes no name: where more is left than the first, nothing is certain.
        return names[:1] if all(map(_ROLE.search, names[1:])) else [value]
    # "Lee, Ann" is one person, family name first.
    return names if all(len(name.split()) > 1 for name in names) else re.split(r"\s+(?:and|&)\s+", value)


def removed_share(kept: str, whole: str) -> float:
    """The share of the words of `whole` that is not in `kept`, between 0 and 1."""
    words = len(whole.split())
    return round(max(0.0, 1 - len(kept.split()) / words), 4) if words else 0.0


def language_code(value: Any) -> str:
    """The code in `en`, `en-GB` or `EN_us`; `en` for `eng` as well, and "" for anything else."""
    found = _LANGUAGE.fullmatch(one_line(value))
    code = found[1].lower() if found else ""
    return "en" if code == "eng" else code


def _authors(value: Any) -> tuple[str, ...]:
    """One author, a list of them, or several in one cell with a semicolon between two."""
    names = value if isinstance(value, list | tuple) else one_line(value).split(";")
    return tuple(name for name in map(one_line, names) if name)
