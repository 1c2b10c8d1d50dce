"""What changed between two states of the project, as Markdown."""

from collections.abc import Sequence

from pipeline.params import EvaluateParams
from pipeline.people.compare import (
    Figure,
    PassageChange,
    ShareChange,
    changed_figures,
    changed_passages,
    changed_shares,
)
from pipeline.people.snapshot import Snapshot
from pipeline.records import Label


def comparison(first: Snapshot, second: Snapshot, params: EvaluateParams, names: tuple[str, str], shown: int) -> str:
    """Figures, profiles and passages that changed, with intervals.

    Args:
        names: what the two states are called.
        shown: how many single passages to list.
    """
    parts = [
        f"# From {names[0]} to {names[1]}",
        _figures(changed_figures(first, second, params), params.interval_level),
        _shares(changed_shares(first, second, params), params.interval_level),
        _passages(changed_passages(first, second), shown),
    ]
    return "\n\n".join(parts)


def _figures(rows: Sequence[Figure], level: float) -> str:
    head = "## Figures\n\n"
    if not rows:
        return head + "No passage is labelled and read in both states."
    lines = [
        "Before and after, each against its own labels; what was read before against the labels of after; and what the "
        f"classifier gained on those; in brackets {level:.0%} intervals.",
        "",
        "| Corpus | Figure | Passages | Before | After | Before, by the new labels | Gain |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        shown = (
            _with(row.first, row.first_interval),
            _with(row.second, row.second_interval),
            _with(row.first_on_new_labels, row.first_on_new_interval),
            f"{_signed(row.difference)} ({_signed(row.low)} to {_signed(row.high)})",
        )
        lines.append(f"| {row.corpus} | {row.what} | {row.passages} | {' | '.join(shown)} |")
    return head + "\n".join(lines)


def _shares(rows: Sequence[ShareChange], level: float) -> str:
    head = "## Profiles\n\n"
    if not rows:
        return head + "No share and no interval changed."
    lines = [
        f"The difference is that of what is counted, passage by passage, with its {level:.0%} interval.",
        "",
        "| Corpus | Author | Share | Before | After | Difference of | |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.corpus} | {row.author} | {row.label} | {row.first} | {row.second} | {row.counted} | "
        f"{_points(row.difference)} points ({_points(row.low)} to {_points(row.high)}) |"
        for row in rows
    ]
    return head + "\n".join(lines)


def _passages(rows: Sequence[PassageChange], shown: int) -> str:
    head = "## Passages\n\n"
    if not rows:
        return head + "Every passage is labelled and read as before."
    relabelled = sum(not _alike(*row.labels) for row in rows)
    reread = sum(not _alike(*row.readings) for row in rows)
    lines = [f"Passages labelled otherwise: {relabelled}; read otherwise: {reread}.", ""]
    lines += ["| Passage | Label | Reading |", "|---|---|---|"]
    for row in rows[:shown]:
        place = f"{row.place.document} {row.place.start}-{row.place.end}"
        lines.append(f"| {place} | {_change(*row.labels)} | {_change(*row.readings)} |")
    if len(rows) > shown:
        lines += ["", f"And {len(rows) - shown} more (--passages)."]
    return head + "\n".join(lines)


def _change(before: Label | None, after: Label | None) -> str:
    return _said(after) if _alike(before, after) else f"{_said(before)} -> {_said(after)}"


def _alike(before: Label | None, after: Label | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.same_sets(after)


def _said(label: Label | None) -> str:
    if label is None:
        return "-"
    contested = f"; contested {', '.join(label.contested)}" if label.contested else ""
    return (", ".join(label.frames) or "none") + contested


def _signed(value: float) -> str:
    return f"{value:+.3f}"


def _with(value: float, ends: tuple[float, float]) -> str:
    return f"{value:.3f} ({ends[0]:.3f}-{ends[1]:.3f})"


def _points(value: float) -> str:
    return f"{100 * value:+.0f}"
