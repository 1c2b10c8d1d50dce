"""The passages behind each bar: the clearest for it and the clearest against, with the words that spoke most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.frames import FRAMES, Frame, column
from pipeline.model.readings import ReadDocument

# Of a passage that speaks for a label: document, start, end, label.
Key = tuple[str, int, int, str]


@dataclass(frozen=True)
class Evidence:
    """A passage that speaks for a bar: where it stands, and its text or the reading note in its place.

    `words` are numbers of words of the text that spoke most for `label`, where they were computed.
    """

    document: str
    title: str
    passage: int
    start: int
    end: int
    label: str
    probability: float
    contested: bool
    text: str
    quoted: bool
    labelled: bool
    words: tuple[int, ...] = ()

    @property
    def key(self) -> Key:
        """Where the words that spoke for it are found."""
        return self.document, self.start, self.end, self.label

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The text in pieces, and whether each is a run of words that spoke most."""
        marked = set(self.words)
        pieces: list[tuple[list[str], bool]] = []
        for number, word in enumerate(self.text.split()):
            if not pieces or pieces[-1][1] != (number in marked):
                pieces.append(([], number in marked))
            pieces[-1][0].append(word)
        return [(" ".join(words), spoke) for words, spoke in pieces]


@dataclass(frozen=True)
class FrameEvidence:
    """One frame's evidence: passages that use it and do not contest it, and passages that contest it."""

    frame: Frame
    advanced: tuple[Evidence, ...] = ()
    contested: tuple[Evidence, ...] = ()


def all_evidence(documents: Sequence[ReadDocument], most: int) -> tuple[FrameEvidence, ...]:
    """Evidence for every frame, at most so many passages each for it and against it."""
    return tuple(
        FrameEvidence(
            frame,
            tuple(evidence(documents, frame, most)),
            tuple(evidence(documents, frame, most, contested=True)),
        )
        for frame in FRAMES
    )


def evidence(documents: Sequence[ReadDocument], frame: Frame, most: int, *, contested: bool = False) -> list[Evidence]:
    """The passages that speak most clearly for a frame, or most clearly against it.

    Where passages have reference labels, only those that carry the label; the classifier's probability ranks them.
    """
    label = f"contested-{frame}" if contested else frame
    found = [
        (-row[column(label)], document.member.document.id, row["passage"], document, row)
        for document in documents
        for row in document.rows
        if _speaks(document, row, frame, contested=contested)
    ]
    found.sort(key=lambda ranked: ranked[:3])
    return [_item(document, row, label, contested=contested) for *_, document, row in found[:most]]


def _speaks(document: ReadDocument, row: dict[str, Any], frame: Frame, *, contested: bool) -> bool:
    gold = document.gold(row)
    if row["unfamiliar"] and not gold:
        return False
    frames, against = (gold.label.frames, gold.label.contested) if gold else (row["frames"], row["contested"])
    return frame in against if contested else frame in frames and frame not in against


def _item(document: ReadDocument, row: dict[str, Any], label: str, *, contested: bool) -> Evidence:
    member, gold = document.member, document.gold(row)
    said = member.document.text[row["start"] : row["end"]] if member.quotable and member.present else ""
    quoted = bool(said.strip())
    return Evidence(
        document=member.document.id,
        title=member.document.title,
        passage=row["passage"],
        start=row["start"],
        end=row["end"],
        label=label,
        probability=row[column(label)],
        contested=contested,
        text=" ".join((said if quoted else gold.note if gold else "").split()),
        quoted=quoted,
        labelled=gold is not None,
    )
