"""Plain text and markdown, and the encodings that they come in."""

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.corpus.encodings import one_byte_encoding, wide_encoding
from pipeline.corpus.fields import FIELDS, document_of, removed_share
from pipeline.corpus.sources import Source, printable
from pipeline.errors import DocumentError
from pipeline.records import Document

SAMPLE_BYTES = 200_000
MAX_LINE_CHARACTERS = 50_000_000

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)
_KEY = re.compile(r"\s*([\w-]*\s*:|#)")
_KEY_WORDS = 3
_HEADING = re.compile(r"^#{1,6}\s.*\n?", re.MULTILINE)
_MARKS = {  # UTF-32 first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ESCAPED = re.compile(r"[\udc80-\udcff]+")
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_SAVE = "save it as UTF-8"


def read_text(source: Source) -> Iterator[Document]:
    """The one document of a .txt.

    Raises: DocumentError if it is empty or no text.
    """
    yield document_of({"text": decode_bytes(source.stream.read(), source.place)}, source.stem, source.place)


def read_markdown(source: Source) -> Iterator[Document]:
    """The one document of a .md: its front matter says who wrote it, its headings are left out.

    Raises: DocumentError if it is empty or no text, or the front matter is broken.
    """
    text = decode_bytes(source.stream.read(), source.place)
    fields: dict[str, Any] = {}
    if (matter := _FRONT_MATTER.match(text)) and (found := _front_matter(matter[1], source.place)) is not None:
        fields = {str(key).strip().lower(): value for key, value in found.items()}
        text = text[matter.end() :]
    known = {key: value for key, value in fields.items() if key in FIELDS and key != "text"}
    kept = _HEADING.sub("", text)
    yield document_of({**known, "text": kept}, source.stem, source.place, removed_share(kept, text))


def decode(file: Path) -> str:
    """The text of a file, in whatever encoding.

    Raises: DocumentError if it is empty, cannot be read or is no text.
    """
    try:
        return decode_bytes(file.read_bytes(), printable(file))
    except OSError as error:
        raise DocumentError(printable(file), f"cannot be read: {error.strerror}") from None


def decode_bytes(raw: bytes, place: str, declared: str = "") -> str:
    """Text from bytes: by mark, as UTF-8, as `declared`, as UTF-16 without mark, else as detected.

    What is broken in UTF-8 is read as Windows' Western European, which is what such bytes mostly are.

    Raises: DocumentError if they are empty or no text.
    """
    if not raw or raw.isspace():
        raise DocumentError(place, "empty", "remove it or put its text there")
    encoding = _encoding(raw[:SAMPLE_BYTES], place, len(raw) <= SAMPLE_BYTES, declared)
    text = raw.decode(encoding, _on_error(encoding))
    if text.count("\ufffd") * 1000 > len(text):
        raise DocumentError(place, f"looks like {encoding}, but a part of it is not", _SAVE)
    return _checked(_mend(text), place)


def lines(source: Source) -> Iterator[str]:
    """The lines of a text with their ends, one at a time, in whatever encoding.

    Raises: DocumentError if it is empty, no text, or a line is longer than 50 million characters.
    """
    sample = source.stream.read(SAMPLE_BYTES)
    if not sample.strip():
        raise DocumentError(source.place, "empty", "remove it or put its text there")
    encoding = _encoding(sample, source.place, len(sample) < SAMPLE_BYTES)
    source.stream.seek(0)
    stream = io.TextIOWrapper(source.stream, encoding, _on_error(encoding), newline="")
    number = 0
    while line := stream.readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) == MAX_LINE_CHARACTERS:
            raise DocumentError(
                f"{source.place}:{number}",
                "a line of 50 million characters or more",
                "put every record on its own line",
            )
        yield _mend(line)


def _front_matter(matter: str, place: str) -> dict[Any, Any] | None:
    """What front matter says; None where it is none, but prose between two rules.

    Raises: DocumentError if it is not YAML though it begins as a key does.
    """
    try:
        fields = yaml.safe_load(matter) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if not _KEY.match(matter):
            return None
        raise DocumentError(place, f"front matter is not YAML: {' '.join(str(error).split())}") from None
    # A sentence with a colon in it is a mapping to YAML.
    keys = isinstance(fields, dict) and all(len(str(key).split()) <= _KEY_WORDS for key in fields)
    return fields if keys else None


def _encoding(sample: bytes, place: str, whole: bool, declared: str = "") -> str:
    """The encoding of a text by its beginning."""
    for mark, encoding in _MARKS.items():
        if sample.startswith(mark):
            return encoding
    plain = _is_utf8(sample, whole)
    # Control characters are among the bytes of wide letters alone; and what makes letters of UTF-8 is no UTF-16.
    if _CONTROL_BYTE.search(sample) and (sample.isascii() or not plain) and (wide := wide_encoding(sample)):
        return wide
    if b"\x00" in sample:
        raise DocumentError(place, "holds NUL bytes, so it is not plain text", "convert it to .txt in UTF-8")
    return "utf-8" if plain else _other_than_utf8(sample, place, declared)


def _is_utf8(sample: bytes, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _other_than_utf8(sample: bytes, place: str, declared: str) -> str:
    replaced = sample.decode("utf-8", "replace")
    broken = replaced.count("\ufffd")
    if broken * 1000 <= len(replaced) and broken * 10 <= sum(letter > "\x7f" for letter in replaced):
        return "utf-8"
    if declared and _fits(sample, declared):
        return declared
    if found := one_byte_encoding(sample):
        return found
    # Cut at a blank, so that no letter of two bytes is cut in half.
    sample = sample[: max(sample.rfind(b" "), sample.rfind(b"\n")) + 1] or sample
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_exclusion=["utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_7"]).best()
    if best is None:
        raise DocumentError(place, "neither UTF-8 nor text in any other known encoding", _SAVE)
    return best.encoding


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except (LookupError, ValueError):
        return False
    return True


def _checked(text: str, place: str) -> str:
    """The text, unless so many control characters stand in it that it is none."""
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise DocumentError(place, "holds NUL bytes, so it is not plain text", "convert it to .txt in UTF-8")
    beginning = text[:SAMPLE_BYTES]
    if len(_CONTROL.findall(beginning)) > 0.02 * len(beginning):
        raise DocumentError(place, "binary content, not text", "convert it to .txt in UTF-8")
    if not text or text.isspace():
        raise DocumentError(place, "empty", "remove it or put its text there")
    return text


def _on_error(encoding: str) -> str:
    return "surrogateescape" if encoding.startswith("utf-8") else "replace"


def _mend(text: str) -> str:
    """A text in UTF-8 with the bytes that were none read as Windows' Western European."""
    if text.isascii():
        return text
    return _ESCAPED.sub(lambda found: found[0].encode("ascii", "surrogateescape").decode("cp1252", "replace"), text)
