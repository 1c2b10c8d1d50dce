"""The two corpora of the graph: the essays, whose texts may be absent, and the op-eds written for the project."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adopted import Adopted, load_adopted
from pipeline.corpus.catalogue import CATALOGUE, GOLD, TEXTS, essay_text, load_catalogue
from pipeline.corpus.kept import kept_documents
from pipeline.corpus.normalise import checksum
from pipeline.corpus.readers import read_documents
from pipeline.corpus.segment import segment
from pipeline.errors import DocumentError, did_you_mean
from pipeline.params import SegmentParams
from pipeline.records import Document, GoldPassage, Passage, read_jsonl, write_jsonl

CORPORA = ("essays", "op-eds")
# People's own texts, as far as they labelled passages of them to test on: no stage segments or profiles them.
TEXTS_OF_PEOPLE = "texts"
OP_EDS = Path("data/op-eds")
SEGMENTS = Path("data/segments")

_PLAIN_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class Member:
    """A document of a corpus. `document.text` is empty where the text is absent; `gold` where nobody labelled it."""

    document: Document
    present: bool
    quotable: bool
    gold: tuple[GoldPassage, ...] = ()
    licence: str = ""


def load_corpus(name: str) -> list[Member]:
    """The members of `essays` or `op-eds`, in order; or of `texts`, what people labelled in texts of their own.

    Where people's labels were adopted, they settle what the passes said.

    Raises: DocumentError for another name, or a text or gold file that cannot be used.
    """
    if name == "essays":
        return _essays()
    if name == "op-eds":
        return _op_eds()
    if name == TEXTS_OF_PEOPLE:
        adopted = [label for label in load_adopted(name) if label.purpose == "estimation"]
        return [Member(document, True, False, gold) for document, gold in kept_documents(adopted)]
    raise DocumentError("data", f'unknown corpus "{name}"', did_you_mean(name, CORPORA))


def segment_member(member: Member, params: SegmentParams) -> list[Passage]:
    """The member's passages: those that were labelled by hand where it was, else by `segment`.

    Raises: DocumentError if a hand-labelled passage is not where its gold file says.
    """
    if not member.gold:
        return segment(member.document, params) if member.present else []
    passages = [
        Passage(document=member.document.id, **gold.model_dump(include={"passage", "start", "end", "words", "sha256"}))
        for gold in member.gold
    ]
    if member.present:
        check_offsets(member.document, passages)
    return passages


def segment_corpus(name: str, params: SegmentParams, folder: Path = SEGMENTS) -> list[str]:
    """Segment every member of a corpus into `folder`; return a line for each."""
    members = load_corpus(name)
    lines = []
    for member in members:
        passages = segment_member(member, params)
        path = folder / name / f"{member.document.id}.jsonl"
        if passages or not path.exists():
            write_jsonl(path, passages)
        lines.append(f"{path}: {len(passages)} passages" + ("" if member.present else " (text absent)"))
    remove_others(folder / name, {member.document.id for member in members})
    return lines


def remove_others(folder: Path, kept: set[str]) -> None:
    """Remove the files of documents that the corpus no longer has."""
    for path in folder.iterdir():
        if path.stem not in kept:
            path.unlink()


def load_segments(name: str, document_id: str, folder: Path = SEGMENTS) -> list[Passage]:
    """The passages that `framing segment` wrote for a document; none where it had no text."""
    path = folder / name / f"{document_id}.jsonl"
    return read_jsonl(path, Passage) if path.exists() else []


def _essays() -> list[Member]:
    members, adopted = [], load_adopted("essays")
    for entry in load_catalogue(CATALOGUE):
        text = essay_text(entry, TEXTS)
        gold = _with_people(_load_gold(GOLD / f"{entry.id}.jsonl"), entry.id, adopted)
        members.append(Member(entry.document(text or ""), text is not None, entry.quotable, gold, entry.licence))
    return members


def _op_eds() -> list[Member]:
    documents: list[Document] = []
    for file in sorted(OP_EDS.glob("*.md")):
        for found in read_documents(file):
            if isinstance(found, DocumentError):
                raise found
            if not _PLAIN_NAME.fullmatch(found.id) or found.id in {document.id for document in documents}:
                raise DocumentError(str(file), f'id "{found.id}" must be its own, of letters, digits, dots and hyphens')
            documents.append(found)
    if not documents:
        raise DocumentError(str(OP_EDS), "no op-eds (*.md) there", f"restore them with `git checkout {OP_EDS}`")
    adopted = load_adopted("op-eds")
    golds = [_load_gold(OP_EDS / "gold" / f"{document.id}.jsonl") for document in documents]
    return [
        Member(document, True, True, _with_people(gold, document.id, adopted), "CC BY 4.0")
        for document, gold in zip(documents, golds, strict=True)
    ]


def _with_people(gold: tuple[GoldPassage, ...], document: str, adopted: Sequence[Adopted]) -> tuple[GoldPassage, ...]:
    by_place = {(label.start, label.end, label.sha256): label for label in adopted if label.document == document}
    return tuple(
        passage.model_copy(update={"annotations": passage.annotations + label.annotations, "settled": label.settlement})
        if (label := by_place.get((passage.start, passage.end, passage.sha256)))
        else passage
        for passage in gold
    )


def _load_gold(path: Path) -> tuple[GoldPassage, ...]:
    return tuple(read_jsonl(path, GoldPassage)) if path.exists() else ()


def check_offsets(document: Document, passages: Sequence[Passage | GoldPassage]) -> None:
    """Refuse passages that are not where they were when they were labelled.

    Raises: DocumentError with place and remedy.
    """
    for passage in passages:
        if checksum(document.text[passage.start : passage.end]) != passage.sha256:
            raise DocumentError(
                document.id,
                f"passage {passage.passage} is not at {passage.start}-{passage.end} of the text",
                "the text was changed after it was labelled: put it back, or remove its gold file to segment it anew",
            )
