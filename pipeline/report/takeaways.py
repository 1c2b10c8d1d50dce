"""One sentence for each chart that says what it shows, from its numbers alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES, Frame
from pipeline.profile.profiles import Profile
from pipeline.report.content import percent
from pipeline.report.trust import TEST, Trust


def of_shares(profiles: Sequence[Profile]) -> str:
    """Who gives each frame the largest share, and who contests a frame most."""
    largest = []
    for number, frame in enumerate(FRAMES):
        known = [
            (bar.advanced, profile.author)
            for profile in profiles
            for bar in [profile.frames[number]]
            if bar.advanced and bar.advanced.value and bar.tier != EXPLORATORY
        ]
        if known:
            share, author = max(known, key=lambda pair: pair[0].value)
            largest.append(f"{frame} in {author}, {percent(share)}")
    contested = [
        (bar.contested, profile.author, bar.frame)
        for profile in profiles
        for bar in profile.frames
        if bar.contested and bar.contested.value and bar.contested_tier != EXPLORATORY
    ]
    text = f"The largest shares advanced are {_listed(largest)}." if largest else "No share here is told reliably."
    if contested:
        share, author, frame = max(contested, key=lambda found: found[0].value)
        text += f" Contested most is the {frame} frame, by {author}, in {percent(share)}."
    return text


def of_course(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which frame a text gives most passages, and how that changes from its first third to its last."""
    counts = {frame: [frame in row["frames"] for row in rows] for frame in FRAMES}
    most: Frame = max(FRAMES, key=lambda frame: sum(counts[frame]))
    if not sum(counts[most]):
        return f"None of its {len(rows)} passages carries a frame."
    text = f"{most.capitalize()} stands in {sum(counts[most])} of {len(rows)} passages"
    against = sum(most in row["contested"] for row in rows)
    text += f" ({against} of them contest it)" if against else ""
    if len(rows) >= 9:
        cut = [round(len(rows) * part / 3) for part in range(4)]
        thirds = [
            f"{sum(counts[most][first:last])} of {last - first}" for first, last in zip(cut, cut[1:], strict=False)
        ]
        text += f": in {thirds[0]} of the first third, {thirds[1]} of the second, {thirds[2]} of the last"
    return text + "."


def of_calibration(trust: Trust) -> str:
    """On which label the stated probabilities hold best, and on which worst."""
    figures = trust.metrics.get(TEST, {}).get("labels", {})
    errors = {curve.label: figures[curve.label]["calibration_error"] for curve in trust.curves if curve.label in figures}
    if not errors:
        return ""
    best, worst = min(errors, key=lambda label: errors[label]), max(errors, key=lambda label: errors[label])
    return (
        f"On the essays, stated probability and the share that was right differ by {100 * errors[best]:.0f} points on "
        f"average for {best}, the least, and by {100 * errors[worst]:.0f} for {worst}, the most."
    )


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items[:-1]) + ("; and " if len(items) > 1 else "") + items[-1]
