"""Pieces of SVG that charts are made of: places in percent of the width, so that a chart fits any screen undistorted.

Colours come from classes and CSS variables, so that a page has them in light, dark and on paper. All text goes through
`Markup.format`, which escapes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES, Frame
from pipeline.profile.estimate import Share
from pipeline.report.palette import SHAPES

# What a chart refers to, once a page or picture: the frames' shapes, and lines across what is contested.
DEFINITIONS = Markup("<defs>{}{}</defs>").format(
    Markup("").join(Markup('<path id="shape-{}" d="{}"/>').format(frame, SHAPES[frame]) for frame in FRAMES),
    Markup("").join(
        Markup(
            '<pattern id="against-{0}" class="{0}" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect class="lines" width="1.8" height="5"/></pattern>'
        ).format(frame)
        for frame in FRAMES
    ),
)


# How the pieces look, in a page and in a picture; `--frame` is the colour of the frame they belong to.
STYLE = """
.rule{stroke:var(--line);stroke-width:1}.rule.strong{stroke:var(--soft)}
.advanced{fill:var(--frame);stroke:var(--frame)}
.contested{stroke:var(--frame)}.contested use,.contested circle{fill:var(--ground);stroke-width:1.8}
.span{stroke-width:2.2}.contested .span{stroke-dasharray:4 2.5}
use{stroke-width:1}
.whisker{fill:none;stroke:var(--ink);stroke-width:1.4}.bar{fill-opacity:.6;stroke-width:1}
.lines{fill:var(--frame)}
.column{fill:var(--line);fill-opacity:.35}.on .column{stroke:var(--ink);stroke-width:1.6}
.frame{fill:none;stroke:var(--line)}
.pale .span{stroke-width:1.2;stroke-dasharray:1.5 2.5}.pale use{fill:var(--ground);stroke-dasharray:2 1.5}
.pale rect,.pale use{opacity:.55}
"""


class Bar(Protocol):
    """The shares of a frame that are drawn, and how much may be claimed for them."""

    @property
    def frame(self) -> Frame:
        """The frame."""

    @property
    def advanced(self) -> Share | None:
        """The share advanced."""

    @property
    def contested(self) -> Share | None:
        """The share contested."""

    @property
    def tier(self) -> str | None:
        """The tier of what is advanced; None with hand labels."""

    @property
    def contested_tier(self) -> str | None:
        """The tier of what is contested."""


def share_strip(bar: Bar, height: int = 34) -> Markup:
    """From 0 to 100 %: a filled shape for the share advanced, a hollow one for the share contested, with intervals."""
    return Markup("{}{}{}").format(
        ruler(height),
        _dot(bar.frame, bar.advanced, height * 0.3, "advanced", pale=bar.tier == EXPLORATORY),
        _dot(bar.frame, bar.contested, height * 0.74, "contested", pale=bar.contested_tier == EXPLORATORY)
        if bar.contested is None or bar.contested.value
        else "",
    )


def opposed_strip(bar: Bar, height: int = 26) -> Markup:
    """From -100 to 100 %: to the right what is advanced, to the left what is contested, each with its interval."""
    parts = (
        (1, bar.advanced, "advanced", bar.tier == EXPLORATORY),
        (-1, bar.contested, "contested", bar.contested_tier == EXPLORATORY),
    )
    return Markup("{}{}").format(
        ruler(height, strong=50),
        joined(
            _half_bar(bar.frame, side, share, part, height, pale=pale) for side, share, part, pale in parts if share
        ),
    )


def dot(frame: Frame | None, share: Share, y: float, part: str = "advanced", *, pale: bool = False) -> Markup:
    """One shape at the share, a line for its interval."""
    return _dot(frame, share, y, part, pale=pale)


def course_strip(rows: Sequence[Mapping[str, Any]], tile: int = 15) -> Markup:
    """Passages from left to right, frames from top to bottom; full where advanced, lines across where contested.

    Args:
        rows: `passage` (its number), `frames` and `contested` of each passage, in order.
        tile: height of a frame's row; each begins `tile` + 3 below the one before.
    """
    step = 100 / len(rows)
    columns = []
    for number, row in enumerate(rows):
        tiles = joined(
            Markup('<rect class="{} {}" {}x="{:.2f}%" y="{}" width="{:.2f}%" height="{}"/>').format(
                frame,
                part := "contested" if frame in row["contested"] else "advanced",
                _fill(frame, part),
                number * step,
                FRAMES.index(frame) * (tile + 3),
                step * 0.86,
                tile,
            )
            for frame in row["frames"]
        )
        back = Markup('<rect class="column" x="{:.2f}%" y="0" width="{:.2f}%" height="{}"/>').format(
            number * step, step * 0.86, len(FRAMES) * (tile + 3) - 3
        )
        columns.append(Markup('<g data-passage="{}">{}{}</g>').format(row["passage"], back, tiles))
    return joined(columns)


def joined(pieces: Iterable[Markup]) -> Markup:
    """Pieces of SVG one after another."""
    return Markup("").join(pieces)


def place(share: float) -> str:
    """A place on the way from left to right: `62.5%`."""
    return f"{round(100 * share, 1):g}%"


def ruler(height: float, strong: int | None = None) -> Markup:
    """Thin upright lines at each quarter of the width, a stronger one at `strong` percent."""
    return joined(
        Markup('<line class="rule{}" x1="{x}%" x2="{x}%" y1="0" y2="{:g}"/>').format(
            " strong" if percent == strong else "", height, x=percent
        )
        for percent in (0, 25, 50, 75, 100)
    )


def _dot(frame: Frame | None, share: Share | None, y: float, part: str, *, pale: bool) -> Markup:
    if share is None:
        return Markup("")
    return Markup(
        '<g class="{}{}{}"><line class="span" x1="{}" x2="{}" y1="{y:g}" y2="{y:g}"/>'
        '<use href="#shape-{}" x="{}" y="{y:g}"/></g>'
    ).format(
        part,
        " pale" if pale else "",
        f" {frame}" if frame else "",
        place(share.low),
        place(share.high),
        frame or "identity",
        place(share.value),
        y=y,
    )


def _half_bar(frame: Frame, side: int, share: Share, part: str, height: int, *, pale: bool) -> Markup:
    value, low, high = (0.5 + side * number / 2 for number in (share.value, share.low, share.high))
    return Markup(
        '<g class="{} {}{}"><rect class="bar" {}x="{}" y="{:g}" width="{}" height="{:g}"/>'
        '<line class="whisker" x1="{low}" x2="{high}" y1="{y:g}" y2="{y:g}"/>'
        '<line class="whisker" x1="{low}" x2="{low}" y1="{top:g}" y2="{end:g}"/>'
        '<line class="whisker" x1="{high}" x2="{high}" y1="{top:g}" y2="{end:g}"/></g>'
    ).format(
        part,
        frame,
        " pale" if pale else "",
        _fill(frame, part),
        place(min(value, 0.5)),
        height * 0.2,
        place(abs(value - 0.5)),
        height * 0.6,
        low=place(low),
        high=place(high),
        y=height / 2,
        top=height / 2 - 4,
        end=height / 2 + 4,
    )


def _fill(frame: Frame, part: str) -> Markup:
    return Markup('fill="url(#against-{})" ').format(frame) if part == "contested" else Markup("")
