"""One sentence for each chart that says what it shows, from its numbers alone."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pipeline.evaluation.tiers import EXPLORATORY
from pipeline.frames import FRAMES, Frame
from pipeline.profile.change import Change
from pipeline.profile.compare import Comparisons, Difference, Pair
from pipeline.profile.estimate import Share
from pipeline.profile.profiles import Profile
from pipeline.report.content import NBSP, percent
from pipeline.report.lines import Doubtful, doubtful, period_lines
from pipeline.report.plain import isolated
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
            largest.append(f"{frame} in {isolated(author)}, {percent(share)}")
    contested = [
        (bar.contested, profile.author, bar.frame)
        for profile in profiles
        for bar in profile.frames
        if bar.contested and bar.contested.value and bar.contested_tier != EXPLORATORY
    ]
    text = f"The largest shares advanced are {_listed(largest)}." if largest else "No share here is told reliably."
    if contested:
        share, author, frame = max(contested, key=lambda found: found[0].value)
        text += f" Contested most is the {frame} frame, by {isolated(author)}, in {percent(share)}."
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
        thirds = [f"{sum(counts[most][first:last])} of {last - first}" for first, last in pairwise(cut)]
        text += f": in {thirds[0]} of the first third, {thirds[1]} of the second, {thirds[2]} of the last"
    return text + "."


def of_calibration(trust: Trust) -> str:
    """On which label the stated probabilities hold best, and on which worst."""
    figures = trust.metrics.get(TEST, {}).get("labels", {})
    errors = {
        curve.label: figures[curve.label]["calibration_error"] for curve in trust.curves if curve.label in figures
    }
    if not errors:
        return ""
    best, worst = min(errors, key=lambda label: errors[label]), max(errors, key=lambda label: errors[label])
    return (
        f"On the essays, what was stated and what held differ on average by {_points(errors[best])} for {best}, the "
        f"least, and by {_points(errors[worst])} for {worst}, the most."
    )


def of_labellers(trust: Trust) -> str:
    """Who gave the labels that profiles and figures rest on."""
    passes = "with a language model, in two separate passes, by a written codebook"
    people = {name: found["labelled_by_people"] for name, found in trust.metrics.items() if _by_people(found)}
    if not people:
        return f"The labels were given {passes}, not by human annotators."
    listed = _listed([f"{count} of the {trust.metrics[name]['passages']} in {name}" for name, count in people.items()])
    return f"People labelled these passages of the test sets: {listed}; the other labels were given {passes}."


def _by_people(found: Any) -> bool:
    return isinstance(found, Mapping) and bool(found.get("labelled_by_people"))


def of_distances(compared: Comparisons) -> str:
    """Which two authors are nearest to each other and which farthest apart, or who is farthest from the average."""
    told = [pair for pair in compared.pairs if pair.distance]
    if len(told) > 1:
        near, far = min(told, key=_distance_of), max(told, key=_distance_of)
        return (
            f"Nearest to each other are {isolated(near.first)} and {isolated(near.second)}, {points(near.distance)} a "
            f"share apart on average; farthest apart are {isolated(far.first)} and {isolated(far.second)}, "
            f"{points(far.distance)}."
        )
    if len(told) == 1:
        [pair] = told
        return (
            f"{isolated(pair.first)} and {isolated(pair.second)} are {points(pair.distance)} a share apart on average."
        )
    return ""


def of_differences(differences: Sequence[Difference], exploratory: Doubtful = frozenset()) -> str:
    """What is beyond chance among differences, in words: `more identity advanced, by 67 points (54 to 76)`."""
    told = sorted((d for d in differences if d.beyond_chance), key=lambda d: -abs(d.value))
    said = [difference(d) + (" (exploratory)" if (d.frame, d.part) in exploratory else "") for d in told]
    return "; ".join(said) or "nothing beyond chance"


def difference(found: Difference) -> str:
    """One difference in words, its interval in the same direction."""
    sign = 1 if found.value > 0 else -1
    value, low, high = (100 * sign * number for number in (found.value, found.low, found.high))
    low, high = min(low, high), max(low, high)
    more = "more" if sign > 0 else "less"
    return f"{more} {found.frame} {found.part}, by {_points(value / 100)}{NBSP}({low:.0f} to {high:.0f})"


def of_change(change: Change, tiers: Mapping[str, str]) -> str:
    """What changed from the first period to the last, beyond chance."""
    first, *_, last = period_lines(change, tiers)
    return f"From {first.author} to {last.author}: {of_differences(change.differences, doubtful((first, last)))}."


def _points(share: float) -> str:
    whole = f"{100 * share:.0f}"
    return f"{whole}{NBSP}point{'' if whole == '1' else 's'}"


def points(distance: Share | None) -> str:
    """A distance in points: `12 points (6-15)`."""
    if distance is None:
        return "not measurable"
    return f"{_points(distance.value)}{NBSP}({100 * distance.low:.0f}-{100 * distance.high:.0f})"


def _distance_of(pair: Pair) -> float:
    return pair.distance.value if pair.distance else 0.0


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items[:-1]) + ("; and " if len(items) > 1 else "") + items[-1]
