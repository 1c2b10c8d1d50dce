"""What changed over time: the first period against the last, for every author, source and corpus that allows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.frames import Frame
from pipeline.model.readings import ReadDocument
from pipeline.params import ProfileParams
from pipeline.profile.compare import Difference, differences, shares_of
from pipeline.profile.estimate import Share
from pipeline.profile.groups import group, periods, unknown
from pipeline.profile.profiles import Profile

CORPUS = "corpus"
# With fewer in its first or last period, the change of a source or corpus is the difference between those authors.
_FEWEST_AUTHORS = 3


@dataclass(frozen=True)
class Bar:
    """The shares of a frame in a period; None where there is no number."""

    frame: Frame
    share: Share | None
    advanced: Share | None
    contested: Share | None


@dataclass(frozen=True)
class Period:
    """What a profile says of a period: `2019`, `2020 to 2022`, or days where all is of one year."""

    name: str
    documents: int
    passages: int
    basis: str
    frames: tuple[Bar, ...]


@dataclass(frozen=True)
class Change:
    """A group in each period, in time, and what differs from the first period to the last.

    `by` is author, source or corpus. `differences` are `last - first`; `beyond_chance` is corrected for all changes
    that were looked at in the corpus. What a source or a corpus changed may be who writes in it.
    """

    by: str
    name: str
    periods: tuple[Period, ...]
    differences: tuple[Difference, ...]


def changes(
    corpus: str,
    documents: Sequence[ReadDocument],
    profile: Callable[[str, Sequence[ReadDocument]], Profile],
    params: ProfileParams,
) -> tuple[Change, ...]:
    """Every change that two periods with enough text allow to look for.

    Args:
        profile: makes the profile of some documents under a name.
    """
    found = []
    for by, groups in _groups(corpus, documents).items():
        for name, members in groups.items():
            over_time = periods(members, params.min_passages)
            if len(over_time) > 1 and (by == "author" or _has_many_authors(list(over_time.values()))):
                found.append((by, name, [profile(period, own) for period, own in over_time.items()]))
    if not found:
        return ()
    first = shares_of([profiles[0] for _, _, profiles in found])
    last = shares_of([profiles[-1] for _, _, profiles in found])
    told, _ = differences(first, last, params.interval_level)
    return tuple(
        Change(by, name, tuple(map(_period, profiles)), told[row])
        for row, (by, name, profiles) in enumerate(found)
        if told[row]
    )


def _has_many_authors(over_time: Sequence[Sequence[ReadDocument]]) -> bool:
    return all(len({d.byline for d in own}) >= _FEWEST_AUTHORS for own in (over_time[0], over_time[-1]))


def _period(profile: Profile) -> Period:
    bars = tuple(Bar(bar.frame, bar.share, bar.advanced, bar.contested) for bar in profile.frames)
    return Period(profile.author, profile.documents, profile.passages, profile.basis, bars)


def _groups(corpus: str, documents: Sequence[ReadDocument]) -> Mapping[str, Mapping[str, Sequence[ReadDocument]]]:
    sources = group(documents, "source")
    sources.pop(unknown("source"), None)
    if len(sources) < 2:  # the corpus again
        sources = {}
    return {CORPUS: {corpus: documents}, "author": group(documents, "author"), "source": sources}
