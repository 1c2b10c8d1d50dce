"""The ledger of what was drawn to be labelled, and by whom it was written; what `framing labels export` adds to."""

from pathlib import Path

from pydantic import Field

from pipeline.labels.human import ANNOTATIONS, Key, Purpose
from pipeline.records import Record, read_jsonl

DRAWS = ANNOTATIONS / "draws.jsonl"


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


def people_of(byline: str) -> frozenset[str]:
    """The people of a by-line, capitals aside."""
    return frozenset(name.strip().casefold() for name in byline.split(" and "))


def load_draws(path: Path = DRAWS) -> list[DrawLine]:
    """All that was drawn so far."""
    return read_jsonl(path, DrawLine) if path.exists() else []
