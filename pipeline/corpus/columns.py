"""Pages in two columns whose lines were drawn across both: left column first, then the right one.

Most programs draw one column after the other, and then the order in the file is the order of reading.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

MIN_ROWS = 8

# In points. Words that are drawn one by one stand closer together than columns begin.
_COLUMN_POINTS = 120
_BIN_POINTS = 4
_BLANK_SHARE = 0.8


def is_drawn_across(starts: Iterable[tuple[float, float]]) -> bool:
    """Whether, row after row, a second column begins at the same place.

    Args:
        starts: where each piece of text begins, from the left and from the bottom, in points, as drawn.
    """
    rows = [[x for x, _ in row] for _, row in groupby(starts, key=lambda start: round(start[1]))]
    seconds = Counter(
        round(after / _BIN_POINTS) for row in rows for before, after in pairwise(row) if after - before > _COLUMN_POINTS
    )
    [(_, count)] = seconds.most_common(1) or [(0, 0)]
    return count >= max(MIN_ROWS, len(rows) / 2)


def column_by_column(grid: Sequence[str]) -> list[str]:
    """The lines of a page that is laid out with blanks, those on the left of its gutter before those on its right.

    A line that crosses the gutter, a headline say, ends what stands above it. Without a gutter the lines are as before.
    """
    gutter = _gutter(grid)
    if gutter is None:
        return list(grid)
    found: list[str] = []
    for crosses, lines in groupby(grid, key=lambda line: bool(line[gutter : gutter + 1].strip())):
        stretch = list(lines)
        found += stretch if crosses else [line[:gutter] for line in stretch] + [line[gutter:] for line in stretch]
    return [line.strip() for line in found if line.strip()]


def _gutter(grid: Sequence[str]) -> int | None:
    """The middle of the widest run of places, in the middle half of the page, where few lines have a letter."""
    width = max(map(len, grid), default=0)
    text = [line for line in grid if line.strip()]
    blank = [
        place
        for place in range(width // 4, 3 * width // 4)
        if sum(not line[place : place + 1].strip() for line in text) >= _BLANK_SHARE * len(text)
    ]
    runs = [[place for _, place in run] for _, run in groupby(enumerate(blank), key=lambda item: item[1] - item[0])]
    widest = max(runs, key=len, default=[])
    return widest[len(widest) // 2] if widest else None
