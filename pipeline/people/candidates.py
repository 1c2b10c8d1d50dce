"""Passages that people could label: of the corpora, of texts, of a table of predictions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.batch.inputs import Failure, open_inputs
from pipeline.batch.names import Names
from pipeline.batch.parts import Mark
from pipeline.batch.predictions import READERS, read_rows
from pipeline.corpus.corpora import CORPORA, load_corpus, segment_member
from pipeline.corpus.normalise import checksum
from pipeline.corpus.segment import segment
from pipeline.errors import DocumentError, did_you_mean
from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.labels.human import Corpus, Key
from pipeline.labels.ledger import people_of
from pipeline.labels.splits import Split, divide, load_passages, load_splits
from pipeline.model.classify import load_predictions
from pipeline.params import SegmentParams
from pipeline.records import Document, Passage

WRITTEN: Corpus = "written"
_CONTEXT_CHARACTERS = 600


@dataclass(frozen=True)
class Reading:
    """What the classifier made of a passage: probabilities in the order of `LABELS`, and what follows from them."""

    probabilities: tuple[float, ...]
    frames: tuple[str, ...]
    contested: tuple[str, ...]
    uncertain: tuple[str, ...]
    unfamiliar: bool


@dataclass(frozen=True)
class Candidate:
    """A passage with what stands `before` and `after` it, who wrote it, and how the classifier read it, if it did.

    `split` is that of a written passage. `quotable`: its words may be shown in what the project prints.
    """

    corpus: Corpus
    document: str
    passage: int
    start: int
    end: int
    sha256: str
    text: str
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    source: str = ""
    before: str = ""
    after: str = ""
    split: Split | None = None
    quotable: bool = True
    reading: Reading | None = None

    @property
    def key(self) -> Key:
        """Which passage it is, as labels name it."""
        return self.corpus, self.document, self.start, self.end, self.sha256

    @property
    def byline(self) -> str:
        """The author or authors; the document where nobody is named."""
        return " and ".join(self.authors) or self.document

    @property
    def people(self) -> frozenset[str]:
        """Everybody who had a part in it, capitals aside; the document where nobody is named."""
        return people_of(self.byline)


def gather(sources: Sequence[str], predictions: bool, params: SegmentParams) -> list[Candidate]:
    """The passages of `written`, `essays`, `op-eds`, of texts (files, folders, globs), or of tables of predictions.

    Args:
        predictions: whether the classifier's readings are wanted: a path is then a table that `framing classify
            --text` wrote.

    Raises: DocumentError for a source that is not there, cannot be read, or has no readings though they are wanted.
    """
    found: list[Candidate] = []
    texts: list[Path] = []
    for source in sources:
        if source == WRITTEN:
            if predictions:
                raise DocumentError(WRITTEN, "the classifier learned from these, so how it reads them says nothing",
                                    "take them --from texts")  # fmt: skip
            found += _written()
        elif source in CORPORA:
            found += _corpus(source, predictions, params)
        elif not Path(source).exists() and not any(mark in source for mark in "*?["):
            known = (WRITTEN, *CORPORA)
            raise DocumentError(source, "no such file, folder or corpus", did_you_mean(source, known))
        elif predictions:
            found += _table(Path(source))
        else:
            texts.append(Path(source))
    if texts:
        found += _texts(texts, params)
    twice: set[Key] = set()
    return [one for one in found if not (one.key in twice or twice.add(one.key))]  # type: ignore[func-returns-value]


def _written() -> Iterator[Candidate]:
    for split, passages in divide(load_passages(), load_splits()).items():
        for passage in passages:
            yield Candidate(
                WRITTEN, passage.id, 1, 0, len(passage.text), checksum(passage.text), passage.text,
                title=f"{passage.voice}, {passage.matter}", split=split,
            )  # fmt: skip


def _corpus(name: str, predictions: bool, params: SegmentParams) -> Iterator[Candidate]:
    for member in load_corpus(name):
        if not member.present:
            raise DocumentError(member.document.id, "its text is absent", "add it with `framing essays add FILE...`")
        table = load_predictions(name, member.document.id) if predictions else None
        if predictions and table is None:
            raise DocumentError(member.document.id, "nobody classified it yet", "`dvc repro classify`")
        rows = {(row["start"], row["end"]): _reading(row) for row in (table.to_pylist() if table else ())}
        own = _of_document(name, member.document, segment_member(member, params))  # type: ignore[arg-type]
        yield from (
            replace(one, reading=rows.get((one.start, one.end)), quotable=member.quotable and name != "essays")
            for one in own
        )


def _texts(paths: Sequence[Path], params: SegmentParams) -> Iterator[Candidate]:
    for document in _distinct(_documents(paths)):
        yield from _of_document("texts", document, segment(document, params))


def _documents(paths: Sequence[Path]) -> Iterator[Document]:
    with ExitStack() as stack:
        inputs = open_inputs(paths, Path("-none-"), {}, None, None, stack)
        for found in inputs.results(Mark((), 0)):
            if isinstance(found, Failure):
                raise found.error
            if isinstance(found, Document):
                yield found


def _distinct(documents: Iterable[Document]) -> Iterator[Document]:
    """Under the names that a batch gives them (`letter`, `letter-2`); the same text once."""
    names = Names()
    texts: set[tuple[str, str]] = set()
    for document in documents:
        name, text = names.distinct(document.id), (document.id, checksum(document.text))
        if text not in texts:
            texts.add(text)
            yield replace(document, id=name)


def _of_document(corpus: Corpus, document: Document, passages: Sequence[Passage]) -> Iterator[Candidate]:
    text = document.text
    for passage in passages:
        yield Candidate(
            corpus, document.id, passage.passage, passage.start, passage.end, passage.sha256,
            text[passage.start : passage.end], document.title, document.authors, document.date, document.source,
            before=_from_a_word(text[max(0, passage.start - _CONTEXT_CHARACTERS) : passage.start]),
            after=_from_a_word(text[passage.end : passage.end + _CONTEXT_CHARACTERS][::-1])[::-1],
        )  # fmt: skip


def _from_a_word(context: str) -> str:
    """What was cut off somewhere, from the first whole word on."""
    cut = context.partition(" ")[2] if len(context) == _CONTEXT_CHARACTERS else context
    return cut.strip()


def _table(path: Path) -> list[Candidate]:
    if path.suffix.lower() not in READERS:
        raise DocumentError(
            str(path), f"not a table of predictions ({', '.join(READERS)})",
            f"classify it with its text (`framing classify {path} -o build/read.parquet --text`) and name what comes "
            "out, or take it --from texts",
        )  # fmt: skip
    rows = read_rows(path)
    if any(not row["text"] for row in rows):
        raise DocumentError(str(path), "holds no passages' texts", "make it with `framing classify ... --text`")
    found = [_of_row(row) for row in rows]
    return [
        replace(
            one,
            before=found[i - 1].text if i and found[i - 1].document == one.document else "",
            after=found[i + 1].text if i + 1 < len(found) and found[i + 1].document == one.document else "",
        )
        for i, one in enumerate(found)
    ]


def _of_row(row: dict[str, Any]) -> Candidate:
    authors = tuple(name for name in (row["author"] or "").split("; ") if name)
    return Candidate(
        "texts", row["document"], row["passage"], row["start"], row["end"], checksum(row["text"]), row["text"],
        row["title"] or "", authors, row["date"] or "", row["source"] or "", reading=_reading(row),
    )  # fmt: skip


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(
        tuple(row[column] for column in PROBABILITY_COLUMNS), tuple(row["frames"]), tuple(row["contested"]),
        tuple(row["uncertain"]), row["unfamiliar"],
    )  # fmt: skip
