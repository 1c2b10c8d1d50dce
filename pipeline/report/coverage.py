"""How often the intervals of shares held the truth, and how far off shares were, as the cover stage measured it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.profile.estimate import Share
from pipeline.profile.profiles import CORRECTED

EVERY_FRAME = "all"
# Plain counting, as the cover stage calls it.
COUNTED = "plain counting"


@dataclass(frozen=True)
class Held:
    """One method: in what share of draws its interval held the truth, and how far off its share was on average."""

    method: str
    coverage: Share
    error: float
    width: float
    authors: int


@dataclass(frozen=True)
class Row:
    """All methods on one part (present, advanced, contested) of one frame, or on simulated authors of one kind."""

    part: str
    frame: str
    methods: tuple[Held, ...]

    def of(self, method: str) -> Held | None:
        """What was measured of a method."""
        return next((held for held in self.methods if held.method == method), None)


@dataclass(frozen=True)
class Coverage:
    """The proof of the intervals. `authors` counts those replayed, `level` is what the intervals promise."""

    level: float
    authors: int
    rows: tuple[Row, ...]
    simulated: tuple[Row, ...]

    @property
    def methods(self) -> list[str]:
        """Every method that was tried, in order."""
        return list(dict.fromkeys(held.method for row in self.rows for held in row.methods))

    @property
    def main(self) -> Row | None:
        """The share advanced, over all frames."""
        return next((row for row in self.rows if (row.part, row.frame) == ("advanced", EVERY_FRAME)), None)


def from_json(values: Mapping[str, Any]) -> Coverage:
    """Coverage as reports/coverage.json holds it."""
    return Coverage(
        level=values["level"],
        authors=len(values["authors"]),
        rows=tuple(
            Row(part, frame, _held(methods))
            for part, frames in values["replay"][EVERY_FRAME].items()
            for frame, methods in frames.items()
        ),
        simulated=tuple(Row("", world, _held(methods)) for world, methods in values["simulation"].items()),
    )


def reading(found: Coverage) -> str:
    """Whether the interval keeps its promise, beside plain counting, in a sentence or two."""
    ours, theirs = (found.main.of(method) if found.main else None for method in (CORRECTED, COUNTED))
    if not ours or not theirs:
        return ""
    level = f"{100 * found.level:.0f}"
    return (
        f"Replayed on {ours.authors} labelled authors as if nobody had labelled them, the {level} % interval of the "
        f"share advanced held the hand-labelled share in {_percent(ours.coverage)} of draws, that of plain counting in "
        f"{_percent(theirs.coverage)}. The share was {100 * ours.error:.0f} points off on average, plain counting "
        f"{100 * theirs.error:.0f}."
    )


def _percent(share: Share) -> str:
    return f"{100 * share.value:.0f}\u00a0%\u00a0({100 * share.low:.0f}-{100 * share.high:.0f})"


def _held(methods: Mapping[str, Any]) -> tuple[Held, ...]:
    return tuple(
        Held(
            method,
            Share(figures["coverage"], *figures["coverage_interval"]),
            figures["error"],
            figures["width"],
            figures["authors"],
        )
        for method, figures in methods.items()
    )
