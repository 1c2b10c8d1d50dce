"""Passages of texts that the project does not hold, kept because people labelled them; outside git, like the essays."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import Field

from pipeline.adopted import Adopted, append_jsonl
from pipeline.errors import LabelsError
from pipeline.records import Document, GoldPassage, Record, read_jsonl

KEPT = Path("data/annotations/text/passages.jsonl")


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


def load_kept(path: Path = KEPT) -> dict[str, PassageText]:
    """The passages by checksum; none where nobody labelled any."""
    return {passage.sha256: passage for passage in read_jsonl(path, PassageText)} if path.exists() else {}


def keep(passages: Iterable[PassageText], path: Path = KEPT) -> None:
    """Keep passages that are not there yet."""
    there = load_kept(path)
    append_jsonl(path, {p.sha256: p for p in passages if p.sha256 not in there}.values())


def find_kept(labels: Sequence[Adopted], path: Path = KEPT) -> list[PassageText]:
    """The passages of these labels.

    Raises: LabelsError if the text of one is not there.
    """
    there = load_kept(path)
    absent = [label for label in labels if label.sha256 not in there]
    if absent:
        names = ", ".join(annotation.annotator for annotation in absent[0].annotations)
        raise LabelsError(
            f"{path}: the texts of {len(absent)} labelled passages are not there, the first {absent[0].document} "
            f"{absent[0].start}-{absent[0].end}, labelled by {names}; import the export that they came in once more "
            "(`framing labels import`), copy the file from where that was done, or take the name out of "
            "labels.annotators in params.yaml"
        )
    return [there[label.sha256] for label in labels]


def kept_documents(labels: Sequence[Adopted], path: Path = KEPT) -> list[tuple[Document, tuple[GoldPassage, ...]]]:
    """Documents of labelled passages alone: each passage stands at its place, blanks where nothing is known.

    Raises: LabelsError if a text is not there, or two passages of a document overlap, as those of two versions do.
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
        document = Document(identity, text, first.title, first.authors, first.date, first.source)
        found.append((document, tuple(gold)))
    return found


def _gold(label: Adopted, passage: PassageText) -> GoldPassage:
    return GoldPassage(
        annotations=label.annotations,
        settled=label.settlement,
        **label.model_dump(include={"passage", "start", "end", "sha256"}),
        words=len(passage.text.split()),
    )
