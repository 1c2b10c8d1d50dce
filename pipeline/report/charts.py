"""Charts as SVG: shares with intervals, advanced against contested, the course of frames through a text."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES
from pipeline.profile.profiles import Profile

# Okabe and Ito's colours, apart for the colour-blind and in grey.
COLOURS = {"realist": "#0072B2", "identity": "#E69F00", "status": "#009E73", "memory-politics": "#CC79A7"}
_SCALE = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
_PERCENT = alt.Axis(format="%", tickCount=5)
_WIDTH = 150


def shares_chart(profiles: Sequence[Profile]) -> str:
    """Authors by frames: filled dots for what is advanced, hollow ones for what is contested, lines for intervals.

    Pale where the tier is exploratory.
    """
    rows = [
        {
            "author": profile.author,
            "frame": bar.frame,
            "part": part,
            "share": share.value,
            "low": share.low,
            "high": share.high,
            "opacity": 0.35 if tier == EXPLORATORY else 1.0,
        }
        for profile in profiles
        for bar in profile.frames
        for part, share, tier in (
            ("advanced", bar.advanced, bar.tier),
            ("contested", bar.contested, bar.contested_tier),
        )
        if share is not None and (part == "advanced" or share.value > 0)
    ]
    parts = ["advanced", "contested"]
    base = alt.Chart().encode(
        y=alt.Y("author:N", sort=[p.author for p in profiles], title=None, axis=alt.Axis(labelLimit=260, grid=True)),
        yOffset=alt.YOffset("part:N", scale=alt.Scale(domain=parts)),
        color=alt.Color("frame:N", scale=_SCALE, legend=None),
        opacity=alt.Opacity("opacity:Q", scale=None),
    )
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 1]), axis=_PERCENT, title="share of passages")
    span = base.mark_rule(strokeWidth=2.5).encode(x=x, x2="high:Q")
    fill = alt.Color("frame:N", scale=_SCALE, legend=None)
    solid = base.transform_filter("datum.part == 'advanced'").mark_circle(size=75).encode(x="share:Q")
    hollow = (
        base.transform_filter("datum.part == 'contested'")
        .mark_point(size=60, filled=True, fill="white", strokeWidth=2)
        .encode(x="share:Q", stroke=fill)
    )
    chart = (
        alt.layer(span, solid, hollow)
        .properties(width=_WIDTH, height=alt.Step(15, **{"for": "offset"}))
        .facet(column=alt.Column("frame:N", sort=list(FRAMES), title=None), data=_data(rows))
    )
    return _svg(chart)


def bars_chart(profile: Profile) -> str:
    """One author: per frame the part advanced and the part contested, the interval of the whole on top."""
    rows, spans = [], []
    for bar in profile.frames:
        if bar.share is None:
            continue
        for order, (part, share) in enumerate((("advanced", bar.advanced), ("contested", bar.contested))):
            rows.append({"frame": bar.frame, "part": part, "value": share.value if share else 0.0, "order": order})
        spans.append({"frame": bar.frame, "low": bar.share.low, "high": bar.share.high})
    y = alt.Y("frame:N", sort=list(FRAMES), title=None)
    bars = (
        alt.Chart(_data(rows))
        .mark_bar(height=16, strokeWidth=1.5)
        .encode(
            y=y,
            x=alt.X("value:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=_PERCENT, title="share of passages"),
            color=alt.Color("frame:N", scale=_SCALE, legend=None),
            stroke=alt.Color("frame:N", scale=_SCALE, legend=None),
            fillOpacity=alt.FillOpacity(
                "part:N",
                scale=alt.Scale(domain=["advanced", "contested"], range=[1.0, 0.15]),
                legend=alt.Legend(
                    title=None, orient="top", symbolType="square", symbolFillColor="#444", symbolStrokeColor="#444"
                ),
            ),
            order="order:Q",
        )
    )
    interval = alt.Chart(_data(spans)).mark_rule(color="#111", strokeWidth=1.5).encode(y=y, x="low:Q", x2="high:Q")
    ends = (
        alt.Chart(_data([{**s, "end": s[k]} for s in spans for k in ("low", "high")]))
        .mark_tick(color="#111", thickness=1.5, size=9)
        .encode(y=y, x="end:Q")
    )
    return _svg(alt.layer(bars, interval, ends).properties(width=420, height=alt.Step(26)))


def course_chart(rows: Sequence[dict[str, Any]]) -> str:
    """The course of frames through a text.

    Args:
        rows: `passage` (its number), `frames` and `contested` of each passage, in order.
    """
    tiles = [
        {"passage": row["passage"], "frame": frame, "part": "contested" if frame in row["contested"] else "advanced"}
        for row in rows
        for frame in row["frames"]
    ]
    count = max(row["passage"] for row in rows)
    chart = (
        alt.Chart(_data(tiles))
        .mark_rect(strokeWidth=1.5)
        .encode(
            x=alt.X(
                "passage:O",
                scale=alt.Scale(domain=list(range(1, count + 1)), paddingInner=0.15),
                title="passage",
                axis=alt.Axis(values=[1, *range(5, count + 1, 5)], labelAngle=0),
            ),
            y=alt.Y("frame:N", scale=alt.Scale(domain=list(FRAMES), paddingInner=0.2), title=None),
            color=alt.Color("frame:N", scale=_SCALE, legend=None),
            stroke=alt.Color("frame:N", scale=_SCALE, legend=None),
            fillOpacity=alt.FillOpacity(
                "part:N", scale=alt.Scale(domain=["advanced", "contested"], range=[1.0, 0.15]), legend=None
            ),
        )
        .properties(width=max(160, min(640, 14 * count)), height=90)
    )
    return _svg(chart)


def _data(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def _svg(chart: Any) -> str:
    spec = (
        chart.configure(background="white", font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(grid=True, gridColor="#e5e5e5", labelFontSize=11, titleFontSize=11, titleFontWeight="normal")
        .configure_header(labelFontSize=12, labelFontWeight="bold")
    )
    return vl_convert.vegalite_to_svg(spec.to_dict(validate=False))
