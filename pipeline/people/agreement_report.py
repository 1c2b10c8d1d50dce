"""The agreement of people, passes and classifier as Markdown, and what to do about it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.labels.human import HumanLabel, Key
from pipeline.params import EvaluateParams
from pipeline.people.pairs import Entry, Pair, disagreements, entries_to_sharpen, pairs, readings
from pipeline.people.readers import FIRST, MODEL, SECOND, model, passes, people, places
from pipeline.records import Label

CODEBOOK = Path("data/codebook.md")
Places = Mapping[Key, str]


def report_agreement(params: EvaluateParams, shown: int) -> str:
    """Read all labels and readings of the project, and report on their agreement.

    Args:
        shown: how many of the passages that are read most differently.
    """
    said = people()
    found = pairs(said, {**passes(), MODEL: model()}, params)
    return agreement_report(found, said, places(), params.interval_level, shown)


def agreement_report(
    found: Sequence[Pair], said: Mapping[str, Mapping[Key, HumanLabel]], where: Places, level: float, shown: int
) -> str:
    """Alpha pair by pair, the passages that are read most differently, the entries of the codebook to sharpen.

    Args:
        where: for passages whose words may be shown, their beginning; for others, their reading note.
    """
    if not found:
        return "No two readers have five passages in common yet."
    # What the classifier misreads is no fault of the codebook.
    readers = [pair for pair in found if MODEL not in (pair.first, pair.second)] or found
    parts = [_table(found, level), _undecided(said), _worst(found, readers, where, shown), _entries(readers)]
    return "\n\n".join(part for part in parts if part)


def _table(found: Sequence[Pair], level: float) -> str:
    lines = [f"| Readers | Passages | Label | Krippendorff's alpha ({level:.0%} interval) | Alike | Given by each |"]
    lines.append("|---|---|---|---|---|---|")
    for pair in found:
        for row in pair.agreement:
            alpha = "-" if row.alpha is None else f"{row.alpha:.2f} ({row.low:.2f} to {row.high:.2f})"
            names = f"{_called(pair.first)}, {_called(pair.second)}"
            counts = f"{row.alike:.2f} | {row.first}, {row.second}"
            lines.append(f"| {names} | {len(pair.keys)} | {row.what} | {alpha} | {counts} |")
    return "\n".join(lines)


def _undecided(said: Mapping[str, Mapping[Key, HumanLabel]]) -> str:
    counts = {name: sum(label.cannot_tell for label in labels.values()) for name, labels in said.items()}
    return "\n".join(f"Passages of which {name} could not tell: {count}." for name, count in counts.items() if count)


def _worst(found: Sequence[Pair], ranking: Sequence[Pair], where: Places, shown: int) -> str:
    ranked, said = disagreements(ranking), readings(found)
    if not ranked:
        return "Nobody differs on any passage."
    lines = [f"Passages read differently: {len(ranked)}. Most of all:", ""]
    for key in ranked[:shown]:
        corpus, document, start, end, _ = key
        lines.append(f"- {document} {start}-{end} ({corpus}): {where.get(key, '')}".rstrip(": "))
        lines += [f"  - {_called(name)}: {_described(label)}" for name, label in said[key].items()]
    return "\n".join(lines)


def _entries(found: Sequence[Pair]) -> str:
    entries = entries_to_sharpen(found)
    if not entries:
        return ""
    headings = _headings()
    lines = [f"Entries of {CODEBOOK} to sharpen, by the passages on which readers differ because of them:", ""]
    for entry in entries[:3]:
        section = headings.get(entry.heading.lower(), entry.heading)
        lines.append(f'- "{section}" (passages: {entry.passages}): {_confused(entry)}')
    return "\n".join(lines)


def _confused(entry: Entry) -> str:
    others = ", ".join(f"{name} ({count})" for name, count in entry.confused_with.items())
    first = next(iter(entry.confused_with))
    if entry.heading == "The contested test":
        return f"whether it is contested is read differently of {others}; add a true case and a near miss of {first}"
    if first == "none":
        return f"in its place {others}; say when it counts and when a passage has no frame"
    if first == "nothing":
        return f"in its place {others}; say when it counts beside another frame and when it is dropped"
    return f"in its place {others}; add a border case between {entry.heading} and {first}"


def _headings(path: Path = CODEBOOK) -> dict[str, str]:
    """The headings of the codebook, by what they say in lower case."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {title.lower(): f"{marks} {title}" for marks, title in re.findall(r"^(#{2,3}) (.+)$", text, re.MULTILINE)}


def _called(reader: str) -> str:
    return {FIRST: "first pass", SECOND: "second pass", MODEL: "classifier"}.get(reader, reader)


def _described(label: Label) -> str:
    contested = f"; contested {', '.join(label.contested)}" if label.contested else ""
    return (", ".join(label.frames) or "none") + contested
