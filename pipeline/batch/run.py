"""Classify any number of documents: read, cut, classified and written part by part."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from pipeline.batch.account import Entry, Problem, Summary, entry, problem, summarise
from pipeline.batch.inputs import Begun, Failure, Finished, Inputs, open_inputs
from pipeline.batch.output import PART_SCHEMA, TEXT, check_output, write_output
from pipeline.batch.parts import Mark, Part, Parts, last_mark
from pipeline.batch.report import report_parts
from pipeline.corpus.duplicates import Twins
from pipeline.corpus.segment import segment
from pipeline.errors import OutputError
from pipeline.model.classifier import Classifier, load_classifier
from pipeline.model.prediction import Prediction
from pipeline.model.table import to_table
from pipeline.params import Params, SegmentParams
from pipeline.records import Document, Passage

# A part closes at so many documents too, for there may be thousands without a passage.
PART_DOCUMENTS = 1000
ENGLISH = ("", "en")


class Progress(Protocol):
    """What shows how far a batch has come."""

    def start(self, inputs: int) -> None:
        """There are so many files."""

    def resume(self, passages: int) -> None:
        """An interrupted run classified so many passages; time counts from here."""

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        """So much is done."""


@dataclass(frozen=True)
class Options:
    """How a batch is read, and what is written of it.

    `given` overrides fields of every document (author, date, source), `metadata` is a table that does so for single
    ones, `report` the folder of a framing report.
    """

    precision: str = "auto"
    any_language: bool = False
    with_text: bool = False
    restart: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    metadata: Path | None = None
    report: Path | None = None


def classify_paths(
    paths: Sequence[Path], output: Path, params: Params, options: Options, progress: Progress
) -> tuple[Summary, str]:
    """Classify all that can be read below paths into one table, with accounts and, if asked for, a report beside it.

    Returns: what came of it, and the precision it was read in.

    Raises: OutputError if something cannot be written or parts of another run stand in the way; DocumentError if a path
        does not exist or a sidecar cannot be used.
    """
    check_output(output)
    with ExitStack() as stack:
        inputs = open_inputs(paths, output, options.given, options.metadata, options.report, stack)
        count = inputs.count()
        classifier = load_classifier(precision=options.precision)
        progress.start(count)
        parts = classify_inputs(inputs, output, classifier, params, options, progress)
        unused = sum(1 for _ in inputs.unused_rows(_used_rows(parts)))
        summary = summarise(((part.entries, part.problems) for part in parts.accounts()), unused)
        if options.report is not None and summary.classified:
            report_parts(parts, classifier, params, options.report)
        parts.remove()
    return summary, classifier.precision


def classify_inputs(
    inputs: Inputs, output: Path, classifier: Classifier, params: Params, options: Options, progress: Progress
) -> Parts:
    """Classify every document into `output`; returns the parts, which the caller removes.

    Raises: OutputError if something cannot be written, or parts of another run stand in the way.
    """
    run = {
        "model": classifier.checksum,
        "precision": classifier.precision,
        "segment": params.segment.model_dump(),
        "batch": params.batch.model_dump(),
        "any_language": options.any_language,
        "inputs": inputs.described(),
    }
    parts = Parts.open(output, run, restart=options.restart)
    try:
        batch = _Batch(parts, classifier, params, options, progress)
        progress.resume(batch.passages)
        with closing(inputs.results(last_mark(parts.accounts()))) as results:
            batch.take(results)
        about = {"read": "text", "model": classifier.checksum, "precision": classifier.precision}
        warnings = [problem(found, "metadata") for found in inputs.unused_rows(_used_rows(parts))]
        write_output(parts, output, about, warnings, with_text=options.with_text)
    except OSError as error:
        raise OutputError(
            f"{parts.folder}: cannot be written: {error.strerror}; make room there and run the same command again: "
            "what was classified is kept"
        ) from None
    finally:
        parts.close()
    return parts


def _used_rows(parts: Parts) -> Iterator[tuple[int, str]]:
    return (row for part in parts.accounts() for row in part.used_rows)


class _Batch:
    """What is read but not yet written, and what must be known of what was."""

    def __init__(
        self, parts: Parts, classifier: Classifier, params: Params, options: Options, progress: Progress
    ) -> None:
        self._parts, self._classifier, self._params, self._options = parts, classifier, params, options
        self._progress = progress
        self._twins, self._names, self._tried = Twins(params.batch.same_from), set[str](), dict[str, int]()
        self._inputs = self._documents = self.passages = self._taken = 0
        self._begun = ""
        for part in parts:
            self._know(part)
        self._begin()

    def take(self, results: Iterable[Document | Failure | Begun | Finished]) -> None:
        """Classify results in order, a part at a time."""
        for found in results:
            if isinstance(found, Begun):
                self._begun = found.fingerprint
                continue
            if isinstance(found, Finished):
                self._done.append(self._begun)
                self._used_rows |= found.used_rows
                self._taken = 0
                self._show()
                continue
            self._taken += 1
            if isinstance(found, Document):
                self._account(self._distinct(found))
            else:
                self._problems.append(problem(found.error, found.stage))
            if self._is_full():
                self._write()
        if self._done or self._entries or self._problems:
            self._write()

    def _begin(self) -> None:
        self._pending: list[tuple[Document, list[Passage]]] = []
        self._entries: list[Entry] = []
        self._problems: list[Problem] = []
        self._done: list[str] = []
        self._used_rows: set[tuple[int, str]] = set()

    def _account(self, document: Document) -> None:
        if document.language not in ENGLISH and not self._options.any_language:
            self._entries.append(entry(document, "other language"))
        elif (twin := self._twins.find_or_add(document.id, document.text)) is not None:
            self._entries.append(entry(document, "duplicate", twin_of=twin))
        else:
            passages = segment(document, self._params.segment)
            self._pending.append((document, passages))
            self._entries.append(entry(document, "classified", len(passages)))

    def _is_full(self) -> bool:
        passages = sum(len(found) for _, found in self._pending)
        return (
            passages >= self._params.batch.part_passages or len(self._entries) + len(self._problems) >= PART_DOCUMENTS
        )

    def _write(self) -> None:
        table = _classified(self._pending, self._classifier, self._show)
        mark = Mark(tuple(self._done), self._taken, self._begun if self._taken else "")
        part = Part(table, tuple(self._entries), tuple(self._problems), mark, tuple(sorted(self._used_rows)))
        self._parts.add(part)
        self._inputs += len(self._done)
        self._documents += len(self._entries)
        self.passages += table.num_rows
        self._begin()
        self._show()

    def _show(self, passages: int = 0) -> None:
        """An input counts as it is classified: a part is read in no time."""
        pending = sum(len(found) for _, found in self._pending)
        share = passages / pending if pending else 1.0
        inputs, documents = int(share * len(self._done)), int(share * len(self._entries))
        self._progress(self._inputs + inputs, self._documents + documents, self.passages + passages)

    def _distinct(self, document: Document) -> Document:
        """With a number behind an id that stood before: `letter`, `letter-2`."""
        name, count = document.id, self._tried.get(document.id, 1)
        while name in self._names:
            count += 1
            name = f"{document.id}-{count}"
        self._names.add(name)
        self._tried[document.id] = count  # the numbers below are taken: nobody tries them again
        return replace(document, id=name)

    def _know(self, part: Part) -> None:
        self._inputs += len(part.mark.inputs)
        self._documents += len(part.entries)
        self.passages += part.table.num_rows
        self._taken = part.mark.results
        self._names |= {found.document for found in part.entries}
        texts: dict[str, list[str]] = {}
        for name, text in zip(part.table["document"].to_pylist(), part.table["text"].to_pylist(), strict=True):
            texts.setdefault(name, []).append(text)
        for name, passages in texts.items():
            self._twins.find_or_add(name, " ".join(passages))


def classify_documents(documents: Iterable[Document | str], classifier: Classifier, params: SegmentParams) -> pa.Table:
    """A table of predictions, one row a passage, without files; `to_pylist()` makes records of it.

    Args:
        documents: documents or their texts; a text has its number for an id.
    """
    known = [
        Document(str(number), found) if isinstance(found, str) else found
        for number, found in enumerate(documents, start=1)
    ]
    return _classified([(document, segment(document, params)) for document in known], classifier)


def _classified(
    pending: Sequence[tuple[Document, Sequence[Passage]]],
    classifier: Classifier,
    progress: Callable[[int], None] = lambda done: None,
) -> pa.Table:
    places = [(document, passage) for document, passages in pending for passage in passages]
    texts = [document.text[passage.start : passage.end] for document, passage in places]
    scores = classifier.scores(texts, progress)
    rows: list[tuple[Document, Passage, Prediction]] = []
    start = 0
    for document, passages in pending:
        own = range(start, start + len(passages))
        rows += zip(
            [document] * len(passages), passages, classifier.decide(scores.rows(own), document.byline), strict=True
        )
        start = own.stop
    return to_table(rows).append_column(TEXT, [texts]) if rows else PART_SCHEMA.empty_table()
