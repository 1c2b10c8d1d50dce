"""Passages of texts that the project does not hold, kept because people labelled them; outside git, like the essays."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import Field

from pipeline.adopted import Adopted, append_jsonl
from pipeline.errors import LabelsError
from pipeline.records import Document, GoldPassage, Record, read_jsonl

KEPT = Path("data/annotations/text/passages.jsonl")
# Which passage of which document it is: a paragraph may stand in two texts by two authors.
KeptKey = tuple[str, int, int, str]


class PassageText(Record):
    """A passage, with what is known of its document."""

    document: str
    passage: int
    start: int
    end: int
    sha256: str
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    source: str = ""
    text: str = Field(min_length=1)

    @property
    def about(self) -> tuple[str, tuple[str, ...], str, str]:
        """What is known of its document: title, authors, date, source."""
        return self.title, self.authors, self.date, self.source


def load_kept(path: Path = KEPT) -> dict[KeptKey, PassageText]:
    """The passages by document, place and checksum; none where nobody labelled any."""
    return {_key(passage): passage for passage in read_jsonl(path, PassageText)} if path.exists() else {}


def keep(passages: Iterable[PassageText], path: Path = KEPT) -> None:
    """Keep passages that are not there yet."""
    there = load_kept(path)
    append_jsonl(path, {_key(p): p for p in passages if _key(p) not in there}.values())


def find_kept(labels: Sequence[Adopted], path: Path = KEPT) -> list[PassageText]:
    """The passages of these labels.

    Raises: LabelsError if the text of one is not there.
    """
    there = load_kept(path)
    absent = [label for label in labels if _key(label) not in there]
    if absent:
        names = ", ".join(annotation.annotator for annotation in absent[0].annotations)
        raise LabelsError(
            f"{path}: the texts of {len(absent)} labelled passages are not there, the first {absent[0].document} "
            f"{absent[0].start}-{absent[0].end}, labelled by {names}; import the export that they came in once more "
            "(`framing labels import`), copy the file from where that was done, or take the name out of "
            "labels.annotators in params.yaml"
        )
    return [there[_key(label)] for label in labels]


def kept_documents(labels: Sequence[Adopted], path: Path = KEPT) -> list[tuple[Document, tuple[GoldPassage, ...]]]:
    """Documents of labelled passages alone: each passage stands at its place, blanks where nothing is known.

    Raises: LabelsError if a text is not there, two passages of a document overlap, as those of two versions do, or say
        otherwise of their document, as those of two texts with one id do.
    """
    by_document: dict[str, list[tuple[Adopted, PassageText]]] = {}
    for label, passage in zip(labels, find_kept(labels, path), strict=True):
        by_document.setdefault(label.document, []).append((label, passage))
    found = []
    for identity, parts in by_document.items():
        parts.sort(key=lambda part: part[0].start)
        text = ""
        gold: list[GoldPassage] = []
        for label, passage in parts:
            if label.start < len(text):
                raise LabelsError(
                    f"{identity}: the labelled passages {gold[-1].start}-{gold[-1].end} and {label.start}-{label.end} "
                    "overlap: they come from two versions of the text; give one version another id"
                )
            text = text.ljust(label.start) + passage.text
            gold.append(_gold(label, passage))
        first = parts[0][1]
        _refuse_two_texts([passage for _, passage in parts], path)
        document = Document(identity, text, first.title, first.authors, first.date, first.source)
        found.append((document, tuple(gold)))
    return found


def _refuse_two_texts(parts: Sequence[PassageText], path: Path) -> None:
    first = parts[0]
    for other in parts[1:]:
        if other.about != first.about:
            said = (f"{part.start}-{part.end} ({_described(part)})" for part in (first, other))
            raise LabelsError(
                f"{first.document}: the labelled passages {' and '.join(said)} come from two texts, or what is known "
                "of the text was corrected since; give one text another id and label it anew, or make the lines of "
                f"{path} agree"
            )


def _described(passage: PassageText) -> str:
    return "; ".join(
        part for part in (passage.title, " and ".join(passage.authors), passage.date, passage.source) if part
    )


def _key(place: Adopted | PassageText) -> KeptKey:
    return place.document, place.start, place.end, place.sha256


def _gold(label: Adopted, passage: PassageText) -> GoldPassage:
    return GoldPassage(
        annotations=label.annotations,
        settled=label.settlement,
        **label.model_dump(include={"passage", "start", "end", "sha256"}),
        words=len(passage.text.split()),
    )
