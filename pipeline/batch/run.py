"""Classify any number of documents: read, cut, classified and written part by part."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from pipeline.batch.account import Entry, Problem, Summary, entry, problem, summarise
from pipeline.batch.inputs import Inputs, open_inputs
from pipeline.batch.ledger import Ledger, Progress, Work
from pipeline.batch.output import PART_SCHEMA, TEXT, check_output, write_output
from pipeline.batch.parts import Mark, Parts, last_mark
from pipeline.batch.report import report_parts
from pipeline.batch.twins import SketchedTwins
from pipeline.corpus.segment import segment
from pipeline.errors import LostError
from pipeline.model.classifier import Classifier, load_classifier
from pipeline.model.prediction import Prediction
from pipeline.model.table import to_table
from pipeline.params import Params, SegmentParams
from pipeline.records import Document, Passage

Cut = tuple[Document, Sequence[Passage]]


class Engine(Work[Any], Protocol):
    """Where documents are read, cut and classified, with a model and in a precision."""

    checksum: str
    precision: str

    def described(self) -> Mapping[str, str]:
        """What the results depend on, beside model, precision and parameters."""

    def results(self, inputs: Inputs, mark: Mark) -> Generator[Any, None, None]:
        """What is read, in order, from where an earlier run stopped: see `Inputs.results`."""


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


Start = Callable[[Params, Options], AbstractContextManager[Engine]]


class Local:
    """Documents cut and classified in this process, one part after the other."""

    def __init__(self, classifier: Classifier, params: Params) -> None:
        self._classifier, self._params = classifier, params
        self.checksum, self.precision = classifier.checksum, classifier.precision

    def described(self) -> dict[str, str]:
        """What the results depend on, beside model, precision and parameters: nothing."""
        return {}

    def results(self, inputs: Inputs, mark: Mark) -> Generator[Any, None, None]:
        """What is read, in order."""
        return inputs.results(mark)

    def entry(self, document: Document) -> Entry:
        """The account of a document."""
        return entry(document)

    def twin(self, document: Document, name: str, twins: SketchedTwins) -> str | None:
        """By its text."""
        return twins.find_or_add(name, document.text)

    def cut(self, document: Document, name: str) -> tuple[int, Cut]:
        """Into passages."""
        passages = segment(document, self._params.segment)
        return len(passages), (replace(document, id=name), passages)

    def classified(self, pending: Sequence[Cut], progress: Callable[[int], None]) -> pa.Table:
        """All passages of a part at once: batches of the network follow from the part."""
        return classify_cut(pending, self._classifier, progress)


@contextmanager
def local(params: Params, options: Options) -> Iterator[Local]:
    """The engine of one process."""
    yield Local(load_classifier(precision=options.precision), params)


def classify_paths(
    paths: Sequence[Path],
    output: Path,
    params: Params,
    options: Options,
    progress: Progress,
    start: Start = local,
    opened: Callable[..., Inputs] = open_inputs,
) -> tuple[Summary, str]:
    """Classify all that can be read below paths into one table, with accounts and, if asked for, a report beside it.

    Args:
        start: what starts the engine, once the inputs are known to be there.
        opened: what opens the inputs.

    Returns: what came of it, and the precision it was read in.

    Raises: OutputError if something cannot be written or parts of another run stand in the way; DocumentError if a path
        does not exist or a sidecar cannot be used.
    """
    check_output(output)
    with ExitStack() as stack:
        inputs = opened(paths, output, options.given, options.metadata, options.report, stack)
        count = inputs.count()
        engine = stack.enter_context(start(params, options))
        progress.start(count)
        parts = classify_inputs(inputs, output, engine, params, options, progress)
        accounts = ((part.entries, part.problems) for part in parts.accounts())
        summary = summarise(accounts, _warnings(inputs, parts))
        if options.report is not None and summary.classified:
            report_parts(parts, engine.checksum, params, options.report)
        parts.remove()
    return summary, engine.precision


def classify_inputs(
    inputs: Inputs, output: Path, engine: Engine, params: Params, options: Options, progress: Progress
) -> Parts:
    """Classify every document into `output`; returns the parts, which the caller removes.

    Raises: OutputError if something cannot be written, or parts of another run stand in the way.
    """
    run = {
        "model": engine.checksum,
        "precision": engine.precision,
        "segment": params.segment.model_dump(),
        "batch": params.batch.model_dump(),
        "any_language": options.any_language,
        "inputs": inputs.described(),
        **engine.described(),
    }
    parts = Parts.open(output, run, restart=options.restart)
    try:
        _take_all(inputs, parts, engine, params, options, progress)
        about = {"read": "text", "model": engine.checksum, "precision": engine.precision}
        write_output(parts, output, about, _warnings(inputs, parts), with_text=options.with_text)
    finally:
        parts.close()
    return parts


def _take_all(
    inputs: Inputs, parts: Parts, engine: Engine, params: Params, options: Options, progress: Progress
) -> None:
    """Every result into the books, from the last part on; what is lost is begun again, while parts are added."""
    while True:
        ledger = Ledger(parts, engine, params.batch, progress, any_language=options.any_language)
        progress.resume(ledger.passages)
        before = len(parts)
        try:
            with closing(engine.results(inputs, last_mark(parts.accounts()))) as results:
                ledger.take(results)
        except LostError:
            if len(parts) == before:
                raise
        else:
            return


def _warnings(inputs: Inputs, parts: Parts) -> Iterator[Problem]:
    used = (row for part in parts.accounts() for row in part.used_rows)
    yield from (problem(found, "metadata") for found in inputs.unused_rows(used))
    yield from (problem(found, "earlier") for found in inputs.earlier_results())


def classify_documents(documents: Iterable[Document | str], classifier: Classifier, params: SegmentParams) -> pa.Table:
    """A table of predictions, one row a passage, without files; `to_pylist()` makes records of it.

    Args:
        documents: documents or their texts; a text has its number for an id.
    """
    known = [
        Document(str(number), found) if isinstance(found, str) else found
        for number, found in enumerate(documents, start=1)
    ]
    return classify_cut([(document, segment(document, params)) for document in known], classifier)


def classify_cut(
    pending: Sequence[Cut], classifier: Classifier, progress: Callable[[int], None] = lambda done: None
) -> pa.Table:
    """The rows of documents that are cut into passages, each with its passage as `text`."""
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
