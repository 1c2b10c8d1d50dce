"""What a document costs: the command with one worker and two, here and on Ray, and each step by itself.

Everything is measured in rounds, one contestant after the other in each, and said as the median with the lowest and the
highest round: on a machine that others use too, that range is the uncertainty.
"""

import pickle
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from pipeline.batch.account import entry
from pipeline.batch.inputs import open_inputs
from pipeline.batch.ledger import Ledger
from pipeline.batch.output import write_output
from pipeline.batch.parts import Mark, Parts
from pipeline.batch.run import Options
from pipeline.batch.twins import SketchedTwins, Sketcher
from pipeline.corpus.segment import segment
from pipeline.evaluation.growth import Run, time_command
from pipeline.model.classifier import Classifier
from pipeline.model.network import tokenize
from pipeline.params import Params
from pipeline.records import Document
from pipeline.scale.cluster import layout
from pipeline.scale.engine import OnRay
from pipeline.scale.reading import CutDocument
from pipeline.scale.scoring import scored

WORKERS = (1, 2)
STEPS = ("reading", "cutting", "tokenising", "model", "moving", "books", "writing")
# In order, by the one process that sees all documents.
IN_ORDER = ("books", "writing")
_SKETCHED = 2000


@dataclass(frozen=True)
class Spread:
    """The median over the rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Command:
    """`framing classify`: seconds for one document, seconds for each further one, passages a second of those."""

    engine: str
    workers: int
    start: Spread
    document: Spread
    rate: Spread


@dataclass(frozen=True)
class Figures:
    """All that was measured. `steps` are seconds a document on one core, `overhead` what Ray adds to them.

    `books_bytes` is what the books remember of a document, `output_bytes` what stands of it in Parquet.
    """

    documents: int
    passages: int
    rounds: int
    processors: int
    precision: str
    commands: tuple[Command, ...]
    steps: dict[str, Spread]
    overhead: Spread
    books_bytes: float
    output_bytes: float


def measure(
    project: Path,
    one: Path,
    many: Path,
    classifier: Classifier,
    params: Params,
    rounds: int,
    say: Callable[[str], None],
) -> Figures:
    """Measure in a project with the classifier's model; `one` is a folder with one document, `many` one with many."""
    runs: dict[tuple[str, int], list[tuple[Run, Run]]] = {}
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    count = sum(1 for _ in many.iterdir())
    for number in range(1, rounds + 1):
        for engine, workers in ((engine, workers) for workers in WORKERS for engine in ("local", "ray")):
            say(f"round {number} of {rounds}: {engine}, {workers} worker(s)")
            first, whole = (_timed(project, source, engine, workers) for source in (one, many))
            runs.setdefault((engine, workers), []).append((first, whole))
        say(f"round {number} of {rounds}: step by step")
        for name, seconds in step_seconds(many, classifier, params):
            steps[name].append(seconds / count)
    own = {key: [_document(*pair, count) for pair in pairs] for key, pairs in runs.items()}
    return Figures(
        documents=count,
        passages=runs["local", 1][0][1].passages,
        rounds=rounds,
        processors=torch.get_num_threads(),
        precision=classifier.precision,
        commands=tuple(_command(*key, pairs, count) for key, pairs in runs.items()),
        steps={name: spread(found) for name, found in steps.items()},
        overhead=spread([ray - local for ray, local in zip(own["ray", 1], own["local", 1], strict=True)]),
        books_bytes=books_bytes(params.batch.same_from),
        output_bytes=(project / "predictions.parquet").stat().st_size / count,
    )


def spread(found: Sequence[float]) -> Spread:
    """Of the rounds."""
    return Spread(median(found), min(found), max(found))


def _timed(project: Path, source: Path, engine: str, workers: int) -> Run:
    """One worker is a thread of the local engine, and a process of Ray's."""
    arguments = ["--restart", "--engine", engine, *(["--workers", str(workers)] if engine == "ray" else [])]
    threads = str(workers) if engine == "local" else "1"
    return time_command(project, source, arguments, {"OMP_NUM_THREADS": threads})


def _document(first: Run, whole: Run, count: int) -> float:
    return (whole.seconds - first.seconds) / (count - 1)


def _command(engine: str, workers: int, pairs: Sequence[tuple[Run, Run]], count: int) -> Command:
    seconds = [_document(first, whole, count) for first, whole in pairs]
    rates = [
        (whole.passages - first.passages) / (whole.seconds - first.seconds)
        for first, whole in pairs
        if whole.seconds > first.seconds
    ]
    return Command(
        engine, workers, spread([first.seconds for first, _ in pairs]), spread(seconds), spread(rates or [0.0])
    )


def step_seconds(folder: Path, classifier: Classifier, params: Params) -> Iterator[tuple[str, float]]:
    """Seconds of each step over the documents of a folder, on one core; the start of the reading process left out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory(prefix="framing-scale-") as scratch:
            yield from _steps(folder, Path(scratch) / "out.parquet", classifier, params)
    finally:
        torch.set_num_threads(threads)


def _steps(folder: Path, output: Path, classifier: Classifier, params: Params) -> Iterator[tuple[str, float]]:
    with ExitStack() as stack:
        inputs = open_inputs([folder], output, {}, None, None, stack)
        results = inputs.results(Mark())
        found = [next(results), next(results)]  # the process that reads is there
        seconds, rest = _clocked(lambda: list(results))
        found += rest
        yield "reading", seconds
    sketcher = Sketcher(params.batch.same_from)

    def cut(document: Document) -> CutDocument:
        passages = segment(document, params.segment)
        return CutDocument(document, entry(document), sketcher(document.text), tuple(passages))

    seconds, slab = _clocked(lambda: tuple(cut(one) if isinstance(one, Document) else one for one in found))
    yield "cutting", seconds
    texts = [
        one.document.text[passage.start : passage.end]
        for one in slab
        if isinstance(one, CutDocument)
        for passage in one.passages
    ]
    tokenising, _ = _clocked(lambda: tokenize(classifier.tokenizer, texts, classifier.max_tokens))
    yield "tokenising", tokenising
    seconds, made = _clocked(lambda: scored(slab, classifier))
    yield "model", seconds - tokenising
    seconds, _ = _clocked(lambda: [pickle.loads(pickle.dumps(one)) for one in (slab, made)])
    yield "moving", seconds
    yield from _books_and_writing(made, output, params)


def _books_and_writing(made: Sequence[Any], output: Path, params: Params) -> Iterator[tuple[str, float]]:
    """What the driver does with what comes from the cluster; writing is done once more, by itself."""
    engine = OnRay(params, Options(), layout({"CPU": 1}, 1), "fp32")
    first, again = (Parts.open(output.with_stem(name), {}) for name in ("first", "again"))
    try:
        kept, _ = _clocked(lambda: Ledger(first, engine, params.batch, _Unseen(), any_language=False).take(made))
        parts = list(first)

        def write() -> None:
            for part in parts:
                again.add(part)

        added, _ = _clocked(write)
        put_together, _ = _clocked(lambda: write_output(again, output, {}, with_text=False))
    finally:
        first.close()
        again.close()
    yield "books", max(0.0, kept - added)
    yield "writing", added + put_together


class _Unseen:
    """Progress that nobody watches."""

    def start(self, inputs: int) -> None: ...

    def resume(self, passages: int) -> None: ...

    def __call__(self, inputs: int, documents: int, passages: int) -> None: ...


def _clocked(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def books_bytes(same_from: float) -> float:
    """What is remembered of a document while a run goes on, by counting what is allocated for two thousand."""
    sketcher, twins = Sketcher(same_from), SketchedTwins(same_from)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(_SKETCHED):
            twins.find_or_add_sketched(f"document-{number}", sketcher(f"{number} ships lay off port {number * 7919}"))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / _SKETCHED
