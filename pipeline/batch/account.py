"""What became of each document of a batch, and of each input that could not be read."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from pipeline.errors import DocumentError
from pipeline.profile.cells import plain_cell
from pipeline.records import Document

Status = Literal["classified", "duplicate", "other language"]
Stage = Literal["find", "read", "metadata", "earlier"]


@dataclass(frozen=True)
class Entry:
    """A document: where it was read from and what became of it.

    `twin_of` is the id of the document that a duplicate was counted with. `removed_share` is the share of the words
    that was not running text.
    """

    document: str
    place: str
    status: Status
    twin_of: str
    author: str
    title: str
    date: str
    source: str
    language: str
    words: int
    passages: int
    removed_share: float


@dataclass(frozen=True)
class Problem:
    """An input that could not be read: where, at which stage, why, and what to do.

    At two stages it is a warning, for no text is lost by it: `metadata`, a row of a sidecar that fits no input, and
    `earlier`, what an earlier run wrote into the folder.
    """

    path: str
    stage: Stage
    reason: str
    remedy: str


@dataclass(frozen=True)
class Summary:
    """How many documents came to what, and how many inputs failed.

    `unnamed` of those classified have no author; `unused_rows` of sidecars fit no input; `earlier` files are results of
    earlier runs and were not read.
    """

    classified: int
    duplicates: int
    other_language: int
    failed: int
    passages: int
    unnamed: int = 0
    unused_rows: int = 0
    earlier: int = 0


def entry(document: Document) -> Entry:
    """The account of a document as if it were classified, without a passage yet."""
    return Entry(
        document=document.id,
        place=document.place,
        status="classified",
        twin_of="",
        author="; ".join(document.authors),
        title=document.title,
        date=document.date,
        source=document.source,
        language=document.language,
        words=len(document.text.split()),
        passages=0,
        removed_share=round(document.removed_share, 4),
    )


def problem(error: DocumentError, stage: Stage) -> Problem:
    """The account of an input that failed."""
    return Problem(error.place, stage, error.reason, error.remedy)


def summarise(
    accounts: Iterable[tuple[Iterable[Entry], Iterable[Problem]]], warnings: Iterable[Problem] = ()
) -> Summary:
    """Counts over a whole batch."""
    warned = Counter(found.stage for found in warnings)
    states: Counter[str] = Counter()
    failed = passages = unnamed = 0
    for entries, problems in accounts:
        for found in entries:
            states[found.status] += 1
            passages += found.passages
            unnamed += found.status == "classified" and not found.author
        failed += sum(1 for _ in problems)
    counts = states["classified"], states["duplicate"], states["other language"]
    return Summary(*counts, failed, passages, unnamed, warned["metadata"], warned["earlier"])


def to_csv(kind: type[Entry] | type[Problem], rows: Iterable[Entry | Problem]) -> str:
    """A table with a heading, also where there is no row."""
    names = [field.name for field in fields(kind)]
    return csv_text(names, ([asdict(row)[name] for name in names] for row in rows))


def csv_text(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """CSV in which no cell is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return text.getvalue()
