"""Small print of printed pages: footnotes, captions and note marks are set smaller than the running text."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SMALL = 0.85
# Where much is small, it is no small print: a page of two texts, or sizes that say nothing.
_MAX_SHARE = 0.4
_NOTE_MARK = re.compile(r"[\s\d,*†‡§]{1,8}")


@dataclass(frozen=True)
class Piece:
    """Text in one size of type; the size in points, as it is printed."""

    text: str
    points: float


def without_small_print(pages: Sequence[Sequence[Piece]]) -> list[str]:
    """The text of each page without the lines, and without the note marks in lines, that are set clearly smaller."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page:
            sizes[piece.points] += len("".join(piece.text.split()))
    body = max(sizes, key=sizes.__getitem__, default=0.0)
    bound = _SMALL * body
    if sum(count for points, count in sizes.items() if points < bound) > _MAX_SHARE * sizes.total():
        bound = 0.0
    return ["\n".join(_kept(line, bound) for line in _lines(page) if not _is_small(line, bound)) for page in pages]


def _lines(page: Iterable[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    for piece in page:
        first, *others = piece.text.split("\n")
        lines[-1].append(Piece(first, piece.points))
        lines += [[Piece(text, piece.points)] for text in others]
    return lines


def _is_small(line: Iterable[Piece], bound: float) -> bool:
    inked = [piece for piece in line if piece.text.strip()]
    return bool(inked) and all(piece.points < bound for piece in inked)


def _kept(line: Iterable[Piece], bound: float) -> str:
    # Small capitals are set smaller too, and stay.
    return "".join(piece.text for piece in line if piece.points >= bound or not _NOTE_MARK.fullmatch(piece.text))
