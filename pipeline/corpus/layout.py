"""From the lines of printed pages to paragraphs: running heads out, hyphens mended, references cut off."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.corpus.titles import is_reference_heading

EDGE_LINES = 2

_PAGE_NUMBER = re.compile(
    r"\W*(page|seite|p\.)?\s*(\d{1,4}|[ivxlc]{1,7})(\s*(of|von|/|\|)\s*\d{1,4})?\W*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")
_ENDED = re.compile(r"[.!?:。！？：؟۔।][\"')\]”’»」』）]*\d{0,3}$")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_WIDE_LETTER = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


def body_lines(pages: Sequence[Sequence[str]]) -> list[str]:
    """The lines of all pages without what recurs at their tops and bottoms, and without page numbers.

    "" stands between two paragraphs where a page has an empty line.
    """
    stripped = [_trimmed([" ".join(line.split()) for line in page]) for page in pages]
    recurring = _recurring(stripped)
    lines: list[str] = []
    for page in stripped:
        edges = _edges(page)
        lines += [
            line
            for number, line in enumerate(page)
            if number not in edges or not (_PAGE_NUMBER.fullmatch(line) or _pattern(line) in recurring)
        ]
    return lines


def paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines joined to paragraphs, up to the list of references if one ends the text.

    A line ends its paragraph if it ends a sentence and is clearly shorter than most; a short one that ends none, with
    a capital after it, is a heading and stands alone.
    """
    lines = _without_references(lines)
    width = median([len(line) for line in lines if line] or [0])
    known = Counter(re.findall(r"[\w-]+", " ".join(lines).lower()))
    found: list[str] = []
    fresh = True
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if not line:
            fresh = True
            continue
        if fresh:
            found.append(line)
        else:
            found[-1] = _join(found[-1], line, known)
        short = len(line) < 0.75 * width
        fresh = short and (bool(_ENDED.search(line)) or (len(line) < 0.6 * width and following[:1].isupper()))
    return found


def _trimmed(page: list[str]) -> list[str]:
    text = [number for number, line in enumerate(page) if line]
    return page[text[0] : text[-1] + 1] if text else []


def _edges(page: Sequence[str]) -> set[int]:
    """Where a page's first and last lines stand that have text."""
    text = [number for number, line in enumerate(page) if line]
    return {*text[:EDGE_LINES], *text[-EDGE_LINES:]}


def _recurring(pages: Iterable[Sequence[str]]) -> set[str]:
    """What stands at the edge of three pages, or of two where there are no more than three."""
    pages = list(pages)
    counts = Counter(pattern for page in pages for pattern in {_pattern(page[number]) for number in _edges(page)})
    return {pattern for pattern, count in counts.items() if count >= (3 if len(pages) > 3 else 2)}


def _pattern(line: str) -> str:
    return _DIGITS.sub("#", line).lower()


def _join(before: str, line: str, known: Counter[str]) -> str:
    """Two lines of a paragraph as one; a word that was cut at the line's end is mended."""
    if (cut := _BROKEN_WORD.search(before)) and line[:1].islower():
        rest = re.match(r"\w+", line)
        whole = (cut[1] + (rest[0] if rest else "")).lower()
        hyphened = f"{cut[1]}-{rest[0] if rest else ''}".lower()
        # A hyphen that stands within a line elsewhere is the word's own.
        return before + line if known[hyphened] > known[whole] else before[:-1] + line
    wide = _WIDE_LETTER.match(before[-1:]) and _WIDE_LETTER.match(line[:1])
    return f"{before}{line}" if wide else f"{before} {line}"


def _without_references(lines: Sequence[str]) -> list[str]:
    half = len(lines) // 2
    end = next((number for number in range(half, len(lines)) if is_reference_heading(lines[number])), len(lines))
    return list(lines[:end])
