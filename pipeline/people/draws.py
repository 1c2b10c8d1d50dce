"""What was drawn to be labelled: for estimation by chance, for training by what it would teach; never both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from pipeline.adopted import append_jsonl
from pipeline.labels.human import ANNOTATIONS, Key, Purpose
from pipeline.people.candidates import Candidate, people_of
from pipeline.records import Record, read_jsonl

DRAWS = ANNOTATIONS / "draws.jsonl"
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


class DrawLine(Record):
    """A line of the ledger: one passage that was drawn, and what the classifier made of it before anybody labelled it.

    `population`: how many passages it was drawn from. `author`: the by-line; texts by any of its people are used for
    one purpose only.
    """

    draw: str
    purpose: Purpose
    corpus: str
    document: str
    passage: int
    start: int
    end: int
    sha256: str
    author: str
    probability: float | None = Field(default=None, gt=0, le=1)
    population: int | None = None
    why: str = ""
    read: bool = False
    frames: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Which passage it is, as labels name it."""
        return self.corpus, self.document, self.start, self.end, self.sha256

    @property
    def people(self) -> frozenset[str]:
        """Everybody who had a part in its text."""
        return people_of(self.author)


def load_draws(path: Path = DRAWS) -> list[DrawLine]:
    """All that was drawn so far."""
    return read_jsonl(path, DrawLine) if path.exists() else []


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
