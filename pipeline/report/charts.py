"""Charts as SVG files, for a page that shows pictures; the HTML report draws the same marks between its own words."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipeline.frames import FRAMES
from pipeline.profile.profiles import CORRECTED, HAND, PARTLY, Profile
from pipeline.report import marks
from pipeline.report.coverage import Held, Row
from pipeline.report.palette import DARK, DARK_GROUND, LIGHT, LIGHT_GROUND, frame_colours, frame_rules
from pipeline.report.plain import plain
from pipeline.report.trust import Curve

_WIDTH = 760
_NAMES = 190
_GAP = 22
_MARGIN = 14

_STYLE = (
    f"svg{{--ink:#1c1c1c;--soft:#5a5a5a;--line:#dcdcd8;--ground:{LIGHT_GROUND};{frame_colours(LIGHT)}}}"
    f"@media(prefers-color-scheme:dark){{svg{{--ink:#ececec;--soft:#b4b8bd;--line:#3b4046;--ground:{DARK_GROUND};"
    f"{frame_colours(DARK)}}}}}"
    "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:var(--ink)}.soft{fill:var(--soft)}"
    ".head{font-weight:600}.ground{fill:var(--ground)}.neutral{--frame:var(--soft)}"
)


def shares_chart(profiles: Sequence[Profile]) -> str:
    """Authors by frames: filled shapes for what is advanced, hollow ones for what is contested, lines for intervals."""
    row, top = 40, 46
    width = (_WIDTH - _NAMES - 4 * _GAP - 2 * _MARGIN) / 4
    pieces = []
    for column, frame in enumerate(FRAMES):
        left = _MARGIN + _NAMES + column * (width + _GAP) + _GAP
        pieces.append(_text(left, 20, frame, "head"))
        pieces += [_text(left, 36, "0", "soft"), _text(left + width, 36, "100 %", "soft", "end")]
        pieces += [
            _inset(left, top + number * row, width, 34, marks.share_strip(profile.frames[column]))
            for number, profile in enumerate(profiles)
        ]
    names = [
        _text(_MARGIN, top + number * row + (21 if len(lines) < 2 else 14) + 14 * place, line)
        for number, profile in enumerate(profiles)
        for lines in [_lines(profile.author)]
        for place, line in enumerate(lines)
    ]
    key = top + len(profiles) * row + 14
    pieces.append(
        _text(_MARGIN, key, "Filled: advanced. Hollow: contested. Lines: intervals. Pale: exploratory.", "soft")
    )
    return _picture("Share of passages per author and frame", key + 14, [*names, *pieces])


def author_chart(profile: Profile) -> str:
    """One author: per frame to the right the share advanced, to the left the share contested, with intervals."""
    row, top, left = 32, 28, _MARGIN + 130
    width = _WIDTH - left - 2 * _MARGIN
    pieces = [
        _text(left, 18, "100 % contested", "soft"),
        _text(left + width / 2, 18, "0", "soft", "middle"),
        _text(left + width, 18, "100 % advanced", "soft", "end"),
    ]
    for number, bar in enumerate(profile.frames):
        pieces.append(_text(_MARGIN, top + number * row + 18, bar.frame))
        pieces.append(_inset(left, top + number * row, width, 26, marks.opposed_strip(bar)))
    return _picture(f"Frames advanced and contested: {profile.author}", top + len(FRAMES) * row + 6, pieces)


def course_chart(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The course of the frames through a text, passage by passage."""
    top, left, tile = 10, _MARGIN + 130, 16
    width = min(_WIDTH - left - _MARGIN, 22 * len(rows))
    pieces = [_text(_MARGIN, top + i * (tile + 3) + 12, frame) for i, frame in enumerate(FRAMES)]
    height = len(FRAMES) * (tile + 3)
    pieces.append(_inset(left, top, width, height, marks.course_strip(rows, tile)))
    pieces.append(_text(left, top + height + 13, "1", "soft"))
    if len(rows) > 1:
        pieces.append(_text(left + width, top + height + 13, f"passage {rows[-1]['passage']}", "soft", "end"))
    return _picture(f"The course of the frames: {title}", top + height + 22, pieces)


def curves_chart(curves: Sequence[Curve]) -> str:
    """Promised and observed rates of each label; on the slanted line a classifier keeps its promise."""
    side, step = 128, 148
    pieces = []
    for number, curve in enumerate(curves):
        left, top = _MARGIN + number % 5 * step, 30 + number // 5 * (side + 48)
        pieces.append(_text(left, top - 10, curve.label, "head"))
        pieces.append(_inset(left, top, side, side, curve_marks(curve, side)))
    height = 30 + ((len(curves) - 1) // 5 + 1) * (side + 48)
    words = "Across: probability stated, 0 to 100 %. Up: share that held. Lines: intervals. Larger: more passages."
    pieces.append(_text(_MARGIN, height - 14, words, "soft"))
    return _picture("Calibration on the essays", height, pieces)


def coverage_chart(row: Row, level: float) -> str:
    """How often each method's interval held the truth; the strong line is what is promised."""
    step, top, left = 26, 28, _MARGIN + 190
    width = _WIDTH - left - 3 * _MARGIN
    pieces = [_text(left, 18, "0", "soft"), _text(left + width, 18, "100 % of draws", "soft", "end")]
    for number, held in enumerate(row.methods):
        pieces.append(_text(_MARGIN, top + number * step + 15, held.method))
        marks_of = Markup('<g class="neutral">{}</g>').format(coverage_marks(held, level))
        pieces.append(_inset(left, top + number * step, width, 22, marks_of))
    return _picture("How often the interval held the truth", top + len(row.methods) * step + 8, pieces)


def coverage_marks(held: Held, level: float) -> Markup:
    """One method's coverage with its interval; the method of the profiles is filled."""
    part = "contested" if held.method not in (CORRECTED, HAND, PARTLY) else "advanced"
    return Markup('{}<line class="rule strong" x1="{x}" x2="{x}" y1="0" y2="22"/>{}').format(
        marks.ruler(22), marks.dot(None, held.coverage, 11, part), x=marks.place(level)
    )


def curve_marks(curve: Curve, side: int) -> Markup:
    """One label's curve in a square."""
    dots = marks.joined(
        Markup('<line class="span" x1="{x}" x2="{x}" y1="{}" y2="{}"/><circle cx="{x}" cy="{}" r="{:.1f}"/>').format(
            marks.place(1 - point.share.low),
            marks.place(1 - point.share.high),
            marks.place(1 - point.share.value),
            1.5 + point.passages**0.5 / 2.2,
            x=marks.place(point.probability),
        )
        for point in curve.points
    )
    frame = curve.label.removeprefix("contested-")
    return Markup(
        '<g class="{}"><rect class="frame" width="{side}" height="{side}"/>'
        '<line class="rule strong" x1="0" y1="{side}" x2="{side}" y2="0"/><g class="{}">{}</g></g>'
    ).format(frame, "contested" if frame != curve.label else "advanced", dots, side=side)


def _picture(title: str, height: float, pieces: Sequence[Markup]) -> str:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1:g}" width="{0}" height="{1:g}" role="img">'
        '<title>{2}</title><style>{3}</style>{4}<rect class="ground" width="100%" height="100%"/>{5}</svg>\n'
    ).format(
        _WIDTH,
        height,
        plain(title),
        Markup(_STYLE + frame_rules() + marks.STYLE),
        marks.DEFINITIONS,
        marks.joined(pieces),
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    return Markup('<text x="{:g}" y="{:g}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, kind, anchor, plain(words)
    )


def _inset(x: float, y: float, width: float, height: float, piece: Markup) -> Markup:
    return Markup('<svg x="{:g}" y="{:g}" width="{:g}" height="{:g}" overflow="visible">{}</svg>').format(
        x, y, width, height, piece
    )


def _lines(name: str, width: int = 27) -> list[str]:
    """A name in at most two lines, cut where it is longer still."""
    lines = textwrap.wrap(plain(name), width) or [""]
    return lines if len(lines) < 3 else [lines[0], lines[1][: width - 1].rstrip() + "\u2026"]
