"""From a conversion of a PDF or web page to the author's running prose alone."""

import hashlib
import re
from collections.abc import Iterable, Mapping

import ftfy

_FOOTNOTE = re.compile(r"^\s*(<sup>\s*\w{1,3}\s*</sup>|[¹²³⁰⁴-⁹]+|\[\^?\d+\]:?)\s+\S")
_RULE = re.compile(r"^\W*$")
_LINK_ONLY = re.compile(r"^(<https?://\S+>|https?://\S+|\[[^\]]*\]\([^)]*\))$")
_FURNITURE = re.compile(
    r"^(©|\(c\) \d{4}|to cite this article|to link to this article|view crossmark|✉|contact \S+ \S+ ✉|keywords?$"
    r"|abstract$)",
    re.IGNORECASE,
)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = rf"(\d{{1,2}}(st|nd|rd|th)? {_MONTH}|{_MONTH} \d{{1,4}}|\d{{1,4}}[-./]\d{{1,2}}[-./]\d{{1,4}})"
# Paragraphs of prose begin with these words too: without a date, or where there are many words, they stay.
_SHORT_FURNITURE = re.compile(
    rf"^(now reading\b|article views|view related"
    rf"|(received|accepted|published online)( in (revised|final) form|[^.,;:]{{0,50}}:)? {_DATE})",
    re.IGNORECASE,
)
_SHORT_WORDS = 40
_SUPERSCRIPT = re.compile(r"<sup>.*?</sup>|[¹²³⁰⁴-⁹]+|\[\^?\d+\](?!\()")
# A note number glued to the punctuation before it ("history.19 Today"), but never a decimal ("46.8 percent").
_GLUED_NOTE = re.compile(r"(?<=[^\W\d][.,;:!?\"')])\d{1,3}(?=\s|$)|(?<=[.,;:!?][\"')])\d{1,3}(?=\s|$)")
# What a number belongs to ("No.10", "p.23", "F.16"); but "U.S." and "World War I." end a sentence more often.
_ABBREVIATED = re.compile(r"(?<![\w.])([^\W\d_IVX]|[Nn]os?|Nr|pp|[Vv]ol|Art|[Ff]ig|[Cc]h)\.$")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,2})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ENDED = re.compile(r"[.!?:。！？：؟۔।][\"')\]»」』）]*$")


def normalise(
    text: str,
    *,
    start: str | None = None,
    end: str | None = None,
    drop: Iterable[str] = (),
    replace: Mapping[str, str] | None = None,
) -> str:
    """The running prose of a text: paragraphs on one line each, an empty line between two of them.

    Args:
        text: the conversion, as decoded.
        start: regular expression; everything up to and including the first line that matches it goes.
        end: regular expression; everything from the first line after `start` that matches it goes.
        drop: regular expressions of blocks (running heads, page furniture) to leave out.
        replace: spellings of the conversion to put right.

    Headings, footnotes, superscripts, rules and link lists go; paragraphs broken by a page are joined.
    """
    lines = ftfy.fix_text(text).replace("\r\n", "\n").split("\n")
    if start is not None:
        lines = lines[next((i for i, line in enumerate(lines) if re.search(start, line)), -1) + 1 :]
    if end is not None:
        lines = lines[: next((i for i, line in enumerate(lines) if re.search(end, line)), len(lines))]
    patterns = [re.compile(pattern) for pattern in drop]
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", "\n".join(lines))]
    kept = [_inline(block, replace or {}) for block in blocks if not _is_furniture(block, patterns)]
    return "\n\n".join(_join_broken(block for block in kept if block))


def checksum(text: str) -> str:
    """sha256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _is_furniture(block: str, drop: list[re.Pattern[str]]) -> bool:
    return bool(
        block.startswith("#")
        or _RULE.match(block)
        or _FOOTNOTE.match(block)
        or _LINK_ONLY.match(block)
        or _FURNITURE.match(block)
        or (_SHORT_FURNITURE.match(block) and len(block.split()) <= _SHORT_WORDS)
        or _is_heading(block)
        or any(pattern.search(block) for pattern in drop)
    )


def _is_heading(block: str) -> bool:
    words = block.split()
    return (len(words) <= 12 and not _ENDED.search(block) and not block[0].islower()) or block.isupper()


def _inline(block: str, replace: Mapping[str, str]) -> str:
    block = _LINK.sub(r"\1", _SUPERSCRIPT.sub("", block))
    block = _GLUED_NOTE.sub(_without_note, _EMPHASIS.sub(r"\2", block))
    for wrong, right in replace.items():
        block = block.replace(wrong, right)
    return " ".join(block.split())


def _without_note(found: re.Match[str]) -> str:
    # No abbreviation is longer, with its full stop.
    return found[0] if _ABBREVIATED.search(found.string, max(0, found.start() - 5), found.start()) else ""


def _join_broken(blocks: Iterable[str]) -> list[str]:
    joined: list[str] = []
    for block in blocks:
        if joined and (not _ENDED.search(joined[-1]) or block[0].islower()):
            joined[-1] += " " + block
        else:
            joined.append(block)
    return joined
