"""Passages that people could label: of the corpora, of texts, of a table of predictions."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet

from pipeline.batch.inputs import Failure, open_inputs
from pipeline.batch.parts import Mark
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
    """With a number behind an id that stood before, as a batch gives it (`letter`, `letter-2`); the same text once."""
    names: set[str] = set()
    tried: dict[str, int] = {}
    texts: set[tuple[str, str]] = set()
    for document in documents:
        name, number = document.id, tried.get(document.id, 1)
        while name in names:
            number += 1
            name = f"{document.id}-{number}"
        names.add(name)
        tried[document.id] = number
        text = document.id, checksum(document.text)
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
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise DocumentError(
            str(path), "not a table of predictions (.parquet, .csv, .jsonl)",
            f"classify it with its text (`framing classify {path} -o build/read.parquet --text`) and name what comes "
            "out, or take it --from texts",
        )  # fmt: skip
    try:
        rows = read(path)
    except (ValueError, OSError) as error:  # pyarrow's and json's among the first
        raise DocumentError(str(path), f"cannot be read: {error}", "make it anew with `framing classify`") from None
    if rows and isinstance(rows[0], dict) and "text" not in rows[0]:
        raise DocumentError(str(path), "holds no passages' texts", "make it with `framing classify ... --text`")
    try:
        found = [_of_row(row) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise DocumentError(
            str(path), f"not a table of predictions: {error}", "make it with `framing classify`"
        ) from None
    return [
        replace(
            one,
            before=found[i - 1].text if i and found[i - 1].document == one.document else "",
            after=found[i + 1].text if i + 1 < len(found) and found[i + 1].document == one.document else "",
        )
        for i, one in enumerate(found)
    ]


def _of_row(row: dict[str, Any]) -> Candidate:
    text = row["text"]
    if not isinstance(text, str):
        raise ValueError("a passage without a text")
    authors = tuple(name.strip() for name in (row["author"] or "").split(";") if name.strip())
    return Candidate(
        "texts", str(row["document"]), int(row["passage"]), int(row["start"]), int(row["end"]), checksum(text), text,
        str(row["title"] or ""), authors, str(row["date"] or ""), str(row["source"] or ""), reading=_reading(row),
    )  # fmt: skip


def _reading(row: dict[str, Any]) -> Reading:
    frames, contested, uncertain = (_listed(row[name]) for name in ("frames", "contested", "uncertain"))
    return Reading(
        tuple(float(row[column]) for column in PROBABILITY_COLUMNS), frames, contested, uncertain,
        row["unfamiliar"] in (True, "True", "true"),
    )  # fmt: skip


def _listed(cell: Any) -> tuple[str, ...]:
    """A list, or names in a cell with semicolons between them."""
    return tuple(cell) if isinstance(cell, list) else tuple(name for name in (cell or "").split(";") if name)


def unmarked(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running the cell."""
    return cell[1:] if cell.startswith(("'=", "'+", "'-", "'@", "'\t", "'\r")) else cell


def _csv_rows(path: Path) -> list[dict[str, Any]]:
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    text = {name: pyarrow.string() for name in ("document", "author", "title", "date", "source", "frames",
                                                "contested", "uncertain", "text")}  # fmt: skip
    convert = pyarrow.csv.ConvertOptions(column_types=text, strings_can_be_null=False)
    rows = pyarrow.csv.read_csv(path, parse_options=parse, convert_options=convert).to_pylist()
    return [{name: unmarked(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows]


def _jsonl_rows(path: Path) -> list[Any]:
    # Not by Arrow, which takes an id such as 2019-05-01 for a moment and writes it otherwise.
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    return rows


_READERS: dict[str, Callable[[Path], list[Any]]] = {
    ".parquet": _parquet_rows,
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
}
