"""What was drawn to be labelled: for estimation by chance, for training by what it would teach; never both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adopted import append_jsonl
from pipeline.labels.human import Purpose
from pipeline.labels.ledger import DRAWS, DrawLine
from pipeline.people.candidates import Candidate

# The draw of what was exported whole, by whichever exports: chance had no part in it.
ALL = "all"


@dataclass(frozen=True)
class Drawn:
    """A passage to be labelled: in which draw, for what, with which probability, and why where that is no chance."""

    candidate: Candidate
    draw: str
    purpose: Purpose
    probability: float | None = None
    why: str = ""


def keep_draw(drawn: Sequence[Drawn], population: int | None, path: Path = DRAWS) -> None:
    """Add a draw to the ledger."""
    append_jsonl(path, [_line(one, population) for one in drawn])


def next_name(kind: str, earlier: Iterable[DrawLine]) -> str:
    """`random-2` after `random-1`."""
    taken = {line.draw for line in earlier}
    number = 1
    while f"{kind}-{number}" in taken:
        number += 1
    return f"{kind}-{number}"


def _line(one: Drawn, population: int | None) -> DrawLine:
    passage, reading = one.candidate, one.candidate.reading
    return DrawLine(
        draw=one.draw, purpose=one.purpose, corpus=passage.corpus, document=passage.document, passage=passage.passage,
        start=passage.start, end=passage.end, sha256=passage.sha256, author=passage.byline,
        probability=one.probability, population=population, why=one.why, read=reading is not None,
        frames=reading.frames if reading else (), contested=reading.contested if reading else (),
    )  # fmt: skip
