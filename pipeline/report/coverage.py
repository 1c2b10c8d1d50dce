"""How often the intervals of shares held the truth, and how far off shares were, as the cover stage measured it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.profile.estimate import Share
from pipeline.profile.profiles import CORRECTED

EVERY_FRAME = EVERYBODY = "all"
NBSP = "\u00a0"
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
    """All methods on one part (present, advanced, contested) of one frame, or on simulated authors of one kind.

    `corpus` says on whose texts, `all` of everybody's.
    """

    part: str
    frame: str
    methods: tuple[Held, ...]
    corpus: str = EVERYBODY

    def of(self, method: str) -> Held | None:
        """What was measured of a method."""
        return next((held for held in self.methods if held.method == method), None)

    @property
    def authors(self) -> int:
        """How many by-lines the row rests on; a method that needs more text of each may rest on fewer."""
        return max(held.authors for held in self.methods)

    @property
    def name(self) -> str:
        """What the row is of: `advanced, realist`, `advanced, all frames, essays`."""
        what = f"{self.part or 'simulated'}, {'all frames' if self.frame == EVERY_FRAME else self.frame}"
        return what if self.corpus == EVERYBODY else f"{what}, {self.corpus}"


@dataclass(frozen=True)
class Coverage:
    """The proof of the intervals: `level` is what they promise, `weights` how far each part is corrected, 0 not at all.

    `rows` are first of all frames corpus by corpus, then of single frames over all authors.
    """

    level: float
    weights: Mapping[str, float]
    rows: tuple[Row, ...]
    simulated: tuple[Row, ...]

    @property
    def methods(self) -> list[str]:
        """Every method that was tried, in order."""
        return list(dict.fromkeys(held.method for row in self.rows for held in row.methods))

    @property
    def mains(self) -> list[Row]:
        """The share advanced over all frames, corpus by corpus, the essays first."""
        return [row for row in self.rows if row.part == "advanced" and row.corpus != EVERYBODY]

    @property
    def main(self) -> Row | None:
        """The first of them."""
        return next(iter(self.mains), None)

    @property
    def corrects(self) -> bool:
        """Whether any share is corrected, or all are plain counts with a wider interval."""
        return any(self.weights.values())


def from_json(values: Mapping[str, Any]) -> Coverage:
    """Coverage as reports/coverage.json holds it."""
    replayed = {corpus: parts for corpus, parts in values["replay"].items() if any(parts.values())}
    return Coverage(
        level=values["level"],
        weights={part: found["weight"] for part, found in values["correction"].items()},
        rows=tuple(
            Row(part, frame, _held(methods), corpus)
            for corpus, parts in sorted(replayed.items(), key=lambda found: found[0] == EVERYBODY)
            for part, frames in parts.items()
            for frame, methods in (_single(frames) if corpus == EVERYBODY else _together(frames))
        ),
        simulated=tuple(Row("", world, _held(methods)) for world, methods in values["simulation"].items()),
    )


def reading(found: Coverage) -> str:
    """Whether the interval keeps its promise, beside plain counting, and what the correction does; in short."""
    told = [(row, row.of(CORRECTED), row.of(COUNTED)) for row in found.mains]
    known = [(row, ours, theirs) for row, ours, theirs in told if ours and theirs]
    if not known:
        return ""
    said = [
        f"On {ours.authors} by-lines of the {row.corpus} it did in {_percent(ours.coverage)} of draws, the interval of "
        f"plain counting in {_percent(theirs.coverage)}; the share was {_off(found, ours, theirs)}."
        for row, ours, theirs in known
    ]
    text = (
        f"Labelled authors were read again as if nobody had labelled them: did the {100 * found.level:.0f}{NBSP}% "
        f"interval of the share advanced hold the share by reference labels? {' '.join(said)}"
    )
    if not found.corrects:
        _, ours, theirs = known[0]
        text += (
            f" The correction has weight 0: the share is the plain count, only the interval is wider "
            f"({100 * ours.width:.0f} points on average against {100 * theirs.width:.0f}, on the {known[0][0].corpus})."
        )
    return text


def correction_note(found: Coverage | None) -> str:
    """What is done to the classifier's counts, for the head of a report."""
    if found is None:
        return "elsewhere it is the classifier's count, with its errors in the interval"
    if found.corrects:
        return (
            "elsewhere it is the classifier's count, corrected as far as labelled essays by other authors show that to "
            "help, with its errors in the interval"
        )
    return (
        "elsewhere it is the classifier's plain count (a correction was tried and has weight 0), with its errors in "
        "the interval"
    )


def _single(frames: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(frame, methods) for frame, methods in frames.items() if frame != EVERY_FRAME]


def _together(frames: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """All frames as one, called by its name where there is but one."""
    single = _single(frames)
    return single if len(single) == 1 else [(EVERY_FRAME, frames[EVERY_FRAME])] if frames else []


def _off(found: Coverage, ours: Held, theirs: Held) -> str:
    text = f"{100 * ours.error:.0f} points off on average"
    return f"{text}, plain counting {100 * theirs.error:.0f}" if found.corrects else text


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
