"""How many passages must be labelled, so that a share has an interval of the wished width."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import norm

# Below so many passages with a label, and without, the profile corrects nothing (`pipeline.profile.estimate`).
LEAST_FOR_CORRECTION = 15


@dataclass(frozen=True)
class Size:
    """Of a label: the share that is expected, the passages that the wished width takes, and those that correcting does.

    `for_width` holds for the share among these very passages, drawn by chance without replacement; `for_correction` is
    how many random passages will hold enough with the label to know the classifier's errors on it. None where the
    population is too small.
    """

    label: str
    expected: float
    for_width: int
    for_correction: int | None


def sizes(expected: Mapping[str, float], population: int, width: float, level: float) -> list[Size]:
    """The sizes for each label, and for the worst case, a share of a half.

    Args:
        expected: the share of passages that each label is expected to have.
        population: how many passages there are.
        width: of the interval, from end to end.
    """
    rows = [Size(label, p, passages_for(p, width, level, population), _for_correction(p, population))
            for label, p in expected.items()]  # fmt: skip
    return [
        *rows,
        Size("any share", 0.5, passages_for(0.5, width, level, population), _for_correction(0.5, population)),
    ]


def passages_for(share: float, width: float, level: float, population: int) -> int:
    """The least number of passages whose Wilson interval around this share is no wider, for a finite population.

    A sample that is a large part of all passages leaves little to guess: n / (1 + (n - 1) / population).
    """
    low, high = 1, 2
    while _width(share, high, level) > width:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _width(share, middle, level) <= width else (middle + 1, high)
    return min(population, math.ceil(low / (1 + (low - 1) / population)))


def _width(share: float, passages: int, level: float) -> float:
    """Of Wilson's interval, for a share that need not be a whole number of passages."""
    z = float(norm.ppf((1 + level) / 2))
    return 2 * z / (1 + z**2 / passages) * math.sqrt(share * (1 - share) / passages + z**2 / (4 * passages**2))


def sizes_table(rows: Sequence[Size], population: int, width: float, level: float) -> str:
    """The sizes as Markdown."""
    lines = [
        f"{population} passages; for {level:.0%} intervals {width:g} wide:",
        "",
        "| Label | Share expected | Passages for the share | Passages to correct with |",
        "|---|---|---|---|",
    ]
    for row in rows:
        correction = "more than there are" if row.for_correction is None else str(row.for_correction)
        lines.append(f"| {row.label} | {row.expected:.2f} | {row.for_width} | {correction} |")
    return "\n".join(lines)


def _for_correction(share: float, population: int) -> int | None:
    """So many that fifteen with the label (and fifteen without) are expected."""
    rarer = min(share, 1 - share)
    needed = math.ceil(LEAST_FOR_CORRECTION / rarer) if rarer > 0 else population + 1
    return needed if needed <= population else None
