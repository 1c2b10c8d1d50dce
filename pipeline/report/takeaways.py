"""One sentence for each chart that says what it shows, from its numbers alone."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Highest:
    """The highest share measured of a frame; `first` where it differs beyond chance from every other author's."""

    frame: Frame
    share: Share
    author: str
    first: bool

    def __str__(self) -> str:
        return f"{self.frame}, {percent(self.share)}, {isolated(self.author)}"


def of_shares(profiles: Sequence[Profile], compared: Comparisons) -> str:
    """Who gives each frame the largest share and who contests one most, where that is beyond chance.

    Elsewhere the highest share measured is given as what it is.
    """
    if len(profiles) < 2:
        return "There is no other author here to compare with."
    beyond = {
        (frozenset((pair.first, pair.second)), found.frame, found.part)
        for pair in compared.pairs
        for found in pair.differences
        if found.beyond_chance
    }
    advanced, contested = (
        [found for frame in FRAMES if (found := _highest(profiles, beyond, frame, part))]
        for part in ("advanced", "contested")
    )
    if not advanced and not contested:
        return "No share here is told reliably."
    said = []
    sure, unsure = ([str(found) for found in advanced if found.first is first] for first in (True, False))
    if sure:
        said.append(f"Largest beyond chance: {_listed(sure)}.")
    if unsure:
        others = "For the other frames no" if sure else "No"
        said.append(f"{others} largest share can be told; highest measured: {_listed(unsure)}.")
    if contested:
        most = max(contested, key=lambda found: found.share.value)
        kind = "Contested most, beyond chance" if most.first else "Who contests a frame most cannot be told; highest"
        said.append(f"{kind}: {most}.")
    return " ".join(said)


def _highest(
    profiles: Sequence[Profile], beyond: Container[tuple[frozenset[str], Frame, str]], frame: Frame, part: str
) -> _Highest | None:
    bars = [(profile.author, profile.frames[FRAMES.index(frame)]) for profile in profiles]
    shares = [
        (author, *((bar.advanced, bar.tier) if part == "advanced" else (bar.contested, bar.contested_tier)))
        for author, bar in bars
    ]
    told = [(share, author) for author, share, tier in shares if share and share.value and tier != EXPLORATORY]
    if not told:
        return None
    best, author = max(told, key=lambda found: found[0].value)
    first = all(
        share and share.value < best.value and (frozenset((author, other)), frame, part) in beyond
        for other, share, _ in shares
        if other != author
    )
    return _Highest(frame, best, author, first)


def of_course(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which frame a text gives most passages, and how that changes from its first third to its last."""
    counts = {frame: [frame in row["frames"] for row in rows] for frame in FRAMES}
    most: Frame = max(FRAMES, key=lambda frame: sum(counts[frame]))
    labelled = sum(row["labelled"] for row in rows)
    by = "" if labelled == len(rows) else "by labels and classifier, " if labelled else "as the classifier reads it, "
    if not sum(counts[most]):
        return _begun(f"{by}none of its {len(rows)} passages carries a frame.")
    text = f"{by}the {most} frame is in {sum(counts[most])} of {len(rows)} passages"
    against = sum(most in row["contested"] for row in rows)
    text += f" ({against} contest{'s' if against == 1 else ''} it)" if against else ""
    if len(rows) >= 9:
        cut = [round(len(rows) * part / 3) for part in range(4)]
        thirds = [f"{sum(counts[most][first:last])} of {last - first}" for first, last in pairwise(cut)]
        text += f": in {thirds[0]} of the first third, {thirds[1]} of the second, {thirds[2]} of the last"
    return _begun(text + ".")


def of_calibration(trust: Trust) -> str:
    """How far stated probabilities were off, label by label; of labels that no passage has, nothing is known."""
    figures = trust.metrics.get(TEST, {}).get("labels", {})
    errors = {
        curve.label: figures[curve.label]["calibration_error"]
        for curve in trust.curves
        if figures.get(curve.label, {}).get("support")
    }
    if not errors:
        return ""
    best, worst = min(errors, key=lambda label: errors[label]), max(errors, key=lambda label: errors[label])
    return (
        f"On the essays, what was stated and what held differ on average by {_points(errors[best])} ({best}) to "
        f"{_points(errors[worst])} ({worst}); the intervals in the chart say how sure that is."
    )


def of_labellers(trust: Trust) -> str:
    """Who gave the labels that profiles and figures rest on."""
    passes = "with a language model, in two separate passes, by the written codebook"
    people = {name: found["labelled_by_people"] for name, found in trust.metrics.items() if _by_people(found)}
    if not people:
        return f"Reference labels were given {passes}, not by human annotators."
    listed = _listed([f"{count} of the {trust.metrics[name]['passages']} in {name}" for name, count in people.items()])
    return f"People labelled these passages of the test sets: {listed}; the other labels were given {passes}."


def _by_people(found: Any) -> bool:
    return isinstance(found, Mapping) and bool(found.get("labelled_by_people"))


def of_distances(compared: Comparisons, exploratory: Doubtful = frozenset()) -> str:
    """Which two authors were measured nearest to each other and which farthest apart, and whether that is settled."""
    told = [(pair, pair.distance) for pair in compared.pairs if pair.distance]
    if not told:
        return ""
    if len(told) == 1:
        [(pair, distance)] = told
        return f"{isolated(pair.first)} and {isolated(pair.second)} are {points(distance)} a share apart on average."
    near, least = min(told, key=lambda found: found[1].value)
    far, most = max(told, key=lambda found: found[1].value)
    nearest = all(least.high < other.low for pair, other in told if pair is not near)
    farthest = all(most.low > other.high for pair, other in told if pair is not far)
    text = f"Smallest distance measured: {_between(near)}, {points(least)} a share on average"
    text += "" if nearest else "; its interval overlaps others', so which pair is nearest is not settled"
    if any(found.beyond_chance for found in near.differences):
        differ = of_differences(near.differences, exploratory)
        text += f". Even these two differ beyond chance: the second named has {differ}"
    text += f". Largest: {_between(far)}, {points(most)}"
    return text + (
        "."
        if farthest
        else "; its interval overlaps others' too."
        if not nearest
        else "; its interval overlaps others'."
    )


def _between(pair: Pair) -> str:
    return f"{isolated(pair.first)} to {isolated(pair.second)}"


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


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]


def _listed(items: Sequence[str]) -> str:
    return "; ".join(items[:-1]) + ("; and " if len(items) > 1 else "") + items[-1]
