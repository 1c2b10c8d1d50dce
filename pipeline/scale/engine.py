"""The engine that runs on a Ray cluster: readers cut, actors classify, and the books are kept here, in order.

Documents that prove to be near-duplicates have been classified in vain: only who sees all documents in order knows.
"""

import logging
import pickle
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.batch.account import Entry
from pipeline.batch.inputs import Inputs
from pipeline.batch.output import PART_SCHEMA
from pipeline.batch.parts import Mark
from pipeline.batch.run import Options
from pipeline.batch.twins import SketchedTwins
from pipeline.errors import FramingError, LostError
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import Params
from pipeline.scale.cluster import Layout, connected, import_ray, layout
from pipeline.scale.device import precision_here
from pipeline.scale.reading import ReadJob, Unit, read_units, unpacked
from pipeline.scale.remote import Remote
from pipeline.scale.scoring import ScoredDocument, ScoreJob, Scorer

# A task of the cluster reads so many files, or fewer where they are large: it costs milliseconds beyond their reading.
_UNIT_FILES, _UNIT_BYTES = 32, 8_000_000


class OnRay:
    """Documents read, cut and classified by a cluster."""

    def __init__(
        self, params: Params, options: Options, found: Layout, precision: str, memory_bytes: int | None = None
    ) -> None:
        self._params, self._options, self._layout, self._memory_bytes = params, options, found, memory_bytes
        self.checksum, self.precision = model_checksum(MODEL), precision

    def described(self) -> dict[str, str]:
        """Probabilities differ from the local engine's in the last decimals, so its parts are not mixed in."""
        return {"engine": "ray"}

    def results(self, inputs: Inputs, mark: Mark) -> Generator[Any, None, None]:
        """What is read and classified, in order, from where an earlier run stopped."""
        units = [pa.table({"unit": [pickle.dumps(unit)]}) for unit in _units(inputs.remaining(mark))]
        if not units:
            return
        with _told_plainly(), _in_order(self._memory_bytes) as data:
            folder = Path.cwd()
            options = self._options
            read = ReadJob(folder, inputs, self._params.segment, self._params.batch.same_from, options.any_language)
            score = ScoreJob(folder, self.checksum, self.precision)
            found = (
                data.from_arrow(units)
                .map_batches(read_units, **_TABLES, fn_kwargs={"job": read}, num_cpus=self._layout.reader_cpus)
                .map_batches(
                    Scorer,
                    **_TABLES,
                    fn_constructor_kwargs={"job": score},
                    num_cpus=self._layout.worker_cpus,
                    num_gpus=self._layout.worker_gpus,
                    compute=data.ActorPoolStrategy(size=self._layout.workers),
                )
            )
            for table in found.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                for slab in unpacked(table):
                    yield from slab

    def entry(self, document: ScoredDocument) -> Entry:
        """As the reader made it."""
        return document.entry

    def twin(self, document: ScoredDocument, name: str, twins: SketchedTwins) -> str | None:
        """By the sketch that the reader made."""
        assert document.sketch is not None  # only what is passed over for its language has none
        return twins.find_or_add_sketched(name, document.sketch)

    def cut(self, document: ScoredDocument, name: str) -> tuple[int, pa.Table]:
        """Its rows, under this name."""
        table = document.table
        if name != document.entry.document:
            column = table.schema.get_field_index("document")
            table = table.set_column(column, "document", pa.array([name] * table.num_rows, pa.string()))
        return table.num_rows, table

    def classified(self, pending: Sequence[pa.Table], progress: Callable[[int], None]) -> pa.Table:
        """The rows that are there already."""
        return pa.concat_tables(pending).combine_chunks() if pending else PART_SCHEMA.empty_table()


def on_ray(
    address: str | None = None, workers: int | None = None, memory_bytes: int | None = None
) -> Callable[..., Any]:
    """What starts the engine, for `classify_paths`.

    Args:
        address: of a cluster; None starts one on this machine.
        workers: how many processes hold a model; None: as many as the cluster has room for.
        memory_bytes: what texts on their way through the cluster may take; None: half of its object store. Beyond it
            reading waits for the models, and they for the books. Ray counts late what is under way, so that half
            as much again is held at times. The tests hold it to that at 24 MiB; of less it makes a multiple.
    """

    @contextmanager
    def start(params: Params, options: Options) -> Iterator[OnRay]:
        with connected(address, workers) as resources:
            found = layout(resources, workers)
            here = address is None and not found.worker_gpus
            precision = precision_here(options.precision) if here else _precision(options.precision, found)
            yield OnRay(params, options, found, precision, memory_bytes)

    return start


_TABLES: dict[str, Any] = {"batch_size": None, "batch_format": "pyarrow", "zero_copy_batch": True}


def _precision(asked: str, found: Layout) -> str:
    """What `auto` is on a node that models are put on."""
    if asked != "auto":
        return asked
    ray = import_ray()
    ask = ray.remote(num_cpus=found.worker_cpus, num_gpus=found.worker_gpus)(precision_here)
    with _told_plainly():
        answer: str = ray.get(ask.remote(asked))
    return answer


def _units(remaining: Iterable[tuple[Any, int]]) -> Iterator[Unit]:
    """A few inputs in a row; a large one by itself."""
    held: list[tuple[Any, int]] = []
    size = 0
    for source, taken in remaining:
        held.append((source, taken))
        size += _bytes(source)
        if len(held) >= _UNIT_FILES or size >= _UNIT_BYTES:
            yield tuple(held)
            held, size = [], 0
    if held:
        yield tuple(held)


def _bytes(source: Any) -> int:
    if isinstance(source, Remote):
        return source.size_bytes
    try:
        return source.stat().st_size if isinstance(source, Path) else 0
    except OSError:
        return 0


@contextmanager
def _in_order(memory_bytes: int | None) -> Iterator[Any]:
    """Within: Ray Data keeps the order of the inputs, passes slabs on one by one, and draws nothing on the terminal."""
    data = import_ray().data
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    before = data.DataContext.get_current()
    context = before.copy()
    context.execution_options.preserve_order = True
    if memory_bytes is not None:
        limits = data.ExecutionResources.for_limits(object_store_memory=memory_bytes)
        context.execution_options.resource_limits = limits
    context.target_max_block_size = 1  # a slab a block: else they gather until they are 128 MiB
    context.enable_progress_bars = False
    data.DataContext._set_current(context)
    try:
        yield data
    finally:
        data.DataContext._set_current(before)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Within: what goes wrong in the cluster is one line, and what a user can mend is what was raised there."""
    ray = import_ray()
    try:
        yield
    except ray.exceptions.RayError as error:
        raise _plain(error) from None


def _plain(error: BaseException) -> FramingError:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, FramingError):
            return seen
        seen = getattr(seen, "cause", None) or seen.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return LostError(f"Ray: {lines[-1] if lines else type(error).__name__}; what was classified is kept")
