"""Rows of a table of frames that are no whole profiles: periods; and which shares of a comparison are exploratory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import Frame
from pipeline.profile.change import Change
from pipeline.profile.estimate import Share
from pipeline.profile.profiles import HAND, Profile, tier_of

# Frame and part (advanced or contested) of shares that may not be quoted.
Doubtful = frozenset[tuple[Frame, str]]


@dataclass(frozen=True)
class LineBar:
    """The shares of one frame; tiers as in a profile."""

    frame: Frame
    advanced: Share | None
    contested: Share | None
    tier: str | None
    contested_tier: str | None


@dataclass(frozen=True)
class Line:
    """A row: what it is of stands in `author`, as in a profile."""

    author: str
    documents: int
    passages: int
    basis: str
    frames: tuple[LineBar, ...]


def period_lines(change: Change, tiers: Mapping[str, str]) -> list[Line]:
    """The periods of a change, with the tiers of what the classifier read."""
    return [
        Line(
            period.name,
            period.documents,
            period.passages,
            period.basis,
            tuple(
                LineBar(
                    bar.frame,
                    bar.advanced,
                    bar.contested,
                    None if period.basis == HAND else tier_of(tiers, "advanced", bar.frame),
                    None if period.basis == HAND else tier_of(tiers, "contested", bar.frame),
                )
                for bar in period.frames
            ),
        )
        for period in change.periods
    ]


def doubtful(lines: Iterable[Line | Profile]) -> Doubtful:
    """The shares that are exploratory in any of the rows: a difference of such a share is."""
    return frozenset(
        (bar.frame, part)
        for line in lines
        for bar in line.frames
        for part, tier in (("advanced", bar.tier), ("contested", bar.contested_tier))
        if tier == EXPLORATORY
    )
