"""Comparisons and changes as plain values, for JSON and CSV, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from pipeline.profile.change import Change
from pipeline.profile.compare import Comparisons, Difference
from pipeline.profile.estimate import Share

COLUMNS = (
    "corpus", "kind", "by", "first", "second", "frame", "part", "value", "low", "high", "p", "beyond_chance"
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """All comparisons of a corpus: of its authors, and over time."""

    authors: Comparisons
    changes: tuple[Change, ...]


def comparisons_to_json(
    comparisons: Mapping[str, Comparisons], changes: Mapping[str, Sequence[Change]]
) -> dict[str, Any]:
    """Comparisons and changes by corpus as plain values."""
    return {corpus: asdict(Compared(found, tuple(changes[corpus]))) for corpus, found in comparisons.items()}


def comparisons_from_json(values: Mapping[str, Any]) -> dict[str, Compared]:
    """What `comparisons_to_json` wrote."""
    return TypeAdapter(dict[str, Compared]).validate_python(values)


def comparison_rows(
    comparisons: Mapping[str, Comparisons], changes: Mapping[str, Sequence[Change]]
) -> list[dict[str, Any]]:
    """One row a number, `second - first`; a distance has no frame.

    `kind` is pair, nearest, average (from all the others) or change (from the first period to the last).
    """
    return [
        dict(zip(COLUMNS, (corpus, *row), strict=True))
        for corpus, found in comparisons.items()
        for row in (*_author_rows(found), *_change_rows(changes[corpus]))
    ]


def _author_rows(found: Comparisons) -> Iterator[tuple[Any, ...]]:
    for pair in found.pairs:
        yield from _distance("pair", pair.first, pair.second, pair.distance)
        yield from _each("pair", "author", pair.first, pair.second, pair.differences)
    for standing in found.standings:
        for near in standing.nearest:
            yield from _distance("nearest", standing.name, near.name, near.distance)
        yield from _distance("average", "average", standing.name, standing.distance)
        yield from _each("average", "author", "average", standing.name, standing.differences)


def _change_rows(changes: Sequence[Change]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        first, last = (f"{change.name}, {period.name}" for period in (change.periods[0], change.periods[-1]))
        yield from _each("change", change.by, first, last, change.differences)


def _distance(kind: str, first: str, second: str, share: Share | None) -> Iterator[tuple[Any, ...]]:
    if share is not None:
        yield kind, "author", first, second, "", "distance", share.value, share.low, share.high, "", ""


def _each(kind: str, by: str, first: str, second: str, differences: Sequence[Difference]) -> Iterator[tuple[Any, ...]]:
    for d in differences:
        yield kind, by, first, second, d.frame, d.part, d.value, d.low, d.high, d.p, d.beyond_chance
