"""From a conversion of a PDF or web page to the author's running prose alone."""

import hashlib
import re
from collections.abc import Iterable, Mapping

import ftfy

_FOOTNOTE = re.compile(r"^\s*(<sup>\s*\w{1,3}\s*</sup>|[¹²³⁰⁴-⁹]+|\[\^?\d+\]:?)\s+\S")
_RULE = re.compile(r"^\W*$")
_LINK_ONLY = re.compile(r"^(<https?://\S+>|https?://\S+|\[[^\]]*\]\([^)]*\))$")
_FURNITURE = re.compile(
    r"^(now reading\b|©|\(c\) \d{4}|received:? |accepted:? |published online|article views|to cite this article"
    r"|to link to this article|view related|view crossmark|✉|contact \S+ \S+ ✉|keywords?$|abstract$)",
    re.IGNORECASE,
)
_SUPERSCRIPT = re.compile(r"<sup>.*?</sup>|[¹²³⁰⁴-⁹]+|\[\^?\d+\](?!\()")
# A note number glued to the punctuation before it ("history.19 Today"), but never a decimal ("46.8 percent").
_GLUED_NOTE = re.compile(r"(?<=[^\W\d][.,;:!?\"')])\d{1,3}(?=\s|$)|(?<=[.,;:!?][\"')])\d{1,3}(?=\s|$)")
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
        or _is_heading(block)
        or any(pattern.search(block) for pattern in drop)
    )


def _is_heading(block: str) -> bool:
    words = block.split()
    return (len(words) <= 12 and not _ENDED.search(block) and not block[0].islower()) or block.isupper()


def _inline(block: str, replace: Mapping[str, str]) -> str:
    block = _LINK.sub(r"\1", _SUPERSCRIPT.sub("", block))
    block = _GLUED_NOTE.sub("", _EMPHASIS.sub(r"\2", block))
    for wrong, right in replace.items():
        block = block.replace(wrong, right)
    return " ".join(block.split())


def _join_broken(blocks: Iterable[str]) -> list[str]:
    joined: list[str] = []
    for block in blocks:
        if joined and (not _ENDED.search(joined[-1]) or block[0].islower()):
            joined[-1] += " " + block
        else:
            joined.append(block)
    return joined
