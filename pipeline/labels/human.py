"""Labels given by people: a file for each annotator, to which lines are only ever added."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from pipeline.adopted import append_jsonl
from pipeline.errors import LabelsError
from pipeline.records import Label, read_jsonl

ANNOTATIONS = Path("data/annotations")

Corpus = Literal["written", "essays", "op-eds", "texts"]
LABELLED_CORPORA: tuple[Corpus, ...] = get_args(Corpus)
Purpose = Literal["estimation", "training"]
Key = tuple[str, str, int, int, str]

_PLAIN_NAME = re.compile(r"[^\W_][\w.-]*")
# What other readings are called in tables.
_TAKEN = ("first", "second", "third", "settled", "model", "draws")


class HumanLabel(Label):
    """One annotator's label of one passage, which its checksum tells from all others.

    `purpose`: estimation (correction, evaluation, gold) or training; `probability` that the passage had of being drawn,
    none where chance had no part. `blind`: the annotator did not see the model's reading. `cannot_tell`: the
    annotator could not decide, so the frames are empty and say nothing. `at`: when, in ISO 8601.
    """

    corpus: Corpus
    document: str
    passage: int
    start: int
    end: int
    sha256: str
    purpose: Purpose
    draw: str
    probability: float | None = Field(default=None, gt=0, le=1)
    blind: bool
    cannot_tell: bool = False
    note: str = ""
    at: str = ""

    @property
    def key(self) -> Key:
        """Which passage it is."""
        return self.corpus, self.document, self.start, self.end, self.sha256

    @property
    def described(self) -> str:
        """In a few words: `status, realist; contested realist`."""
        if self.cannot_tell:
            return "cannot tell"
        contested = f"; contested {', '.join(self.contested)}" if self.contested else ""
        return (", ".join(self.frames) or "none") + contested

    @property
    def made(self) -> str:
        """How it came about: `blind, in random-1 for estimation`."""
        sight = "blind" if self.blind else "in sight of the model's reading"
        return f"{sight}, in {self.draw} for {self.purpose}"

    @property
    def answers(self) -> tuple[tuple[str, ...], frozenset[str], bool, str]:
        """What the annotator said: frames in order, contested, cannot tell, note."""
        return self.frames, frozenset(self.contested), self.cannot_tell, self.note

    def says_the_same(self, other: "HumanLabel") -> bool:
        """Whether another label of the same passage says the same, and was drawn and made in the same way.

        Given once more, but blind, an answer is worth more than before: were only those new that differ from what the
        model suggested, the test would consist of its errors.
        """
        mine, its = (
            (label.answers, label.blind, label.purpose, label.draw, label.probability) for label in (self, other)
        )
        return mine == its


@dataclass(frozen=True)
class Changes:
    """What adding labels did: passages new to the annotator, labelled otherwise than before, as before, or of old."""

    new: tuple[HumanLabel, ...] = ()
    changed: tuple[tuple[HumanLabel, HumanLabel], ...] = ()
    same: int = 0
    older: int = 0


def annotators(folder: Path = ANNOTATIONS) -> list[str]:
    """Everybody whose labels are there, by name."""
    return sorted(path.stem for path in folder.glob("*.jsonl") if path.stem not in _TAKEN)


def check_name(name: str) -> None:
    """Refuse a name that cannot be a file's, or that tables use for something else.

    Raises: LabelsError.
    """
    if not _PLAIN_NAME.fullmatch(name) or name in _TAKEN:
        raise LabelsError(f'annotator "{name}": use letters, digits, dots and hyphens, and none of {", ".join(_TAKEN)}')


def load_labels(annotator: str, folder: Path = ANNOTATIONS) -> dict[Key, HumanLabel]:
    """What an annotator says now of each passage: the last line about it.

    Raises: LabelsError if nobody of this name labelled anything, or a line breaks the schema.
    """
    path = folder / f"{annotator}.jsonl"
    if not path.exists():
        known = ", ".join(annotators(folder)) or "nobody yet"
        raise LabelsError(f'{path}: no labels by "{annotator}"; there are: {known} (`framing labels import`)')
    return {label.key: label for label in read_jsonl(path, HumanLabel)}


def compare(now: Mapping[Key, HumanLabel], given: Iterable[HumanLabel]) -> Changes:
    """What given labels would change in what an annotator says now; one that is older than what stands changes nothing.

    Of several labels of one passage the latest counts.
    """
    latest: dict[Key, HumanLabel] = {}
    for label in given:
        if label.key not in latest or label.at >= latest[label.key].at:
            latest[label.key] = label
    new, changed, same, older = [], [], 0, 0
    for key, label in latest.items():
        if key not in now:
            new.append(label)
        elif now[key].says_the_same(label):
            same += 1
        elif label.at < now[key].at:
            older += 1
        else:
            changed.append((now[key], label))
    return Changes(tuple(new), tuple(changed), same, older)


def add_labels(annotator: str, given: Sequence[HumanLabel], folder: Path = ANNOTATIONS) -> Changes:
    """Add what is new or changed to the annotator's file; what stood there stays there, above it.

    Raises: LabelsError for a name that will not do, or a file that breaks the schema.
    """
    check_name(annotator)
    path = folder / f"{annotator}.jsonl"
    changes = compare(load_labels(annotator, folder) if path.exists() else {}, given)
    append_jsonl(path, [*changes.new, *(after for _, after in changes.changed)])
    return changes
