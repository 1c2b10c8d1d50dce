"""What a task of the cluster does with a few inputs: parse them in a process apart, and cut them into passages."""

import atexit
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyarrow as pa
from datasketch import LeanMinHash

from pipeline.batch.account import Entry, entry
from pipeline.batch.inputs import Begun, Failure, Finished, Inputs
from pipeline.batch.ledger import ENGLISH
from pipeline.batch.twins import Sketcher
from pipeline.corpus.sandbox import Sandbox
from pipeline.corpus.segment import segment
from pipeline.errors import DocumentError, EngineError
from pipeline.params import SegmentParams
from pipeline.records import Document, Passage

SLAB = "slab"
# A slab is what moves through the cluster at a time, and what a lost process costs.
_SLAB_PASSAGES, _SLAB_CHARACTERS, _SLAB_RESULTS = 256, 2_000_000, 1000

Unit = tuple[tuple[Path | DocumentError, int], ...]


@dataclass(frozen=True)
class CutDocument:
    """A document and its passages; without text and sketch where it will not be classified for its language."""

    document: Document
    entry: Entry
    sketch: LeanMinHash | None
    passages: tuple[Passage, ...]


Slab = tuple[Begun | Finished | Failure | CutDocument, ...]


@dataclass(frozen=True)
class ReadJob:
    """What a reader must know. `folder` is where the command runs: paths are relative to it on every node."""

    folder: Path
    inputs: Inputs
    segment: SegmentParams
    same_from: float
    any_language: bool


def read_units(units: pa.Table, job: ReadJob) -> Iterator[pa.Table]:
    """The slabs of each unit in a column `unit`, in order."""
    stand_in(job.folder)
    for unit in units["unit"]:
        for slab in _slabs(_results(pickle.loads(unit.as_py()), job)):
            yield packed(slab)


def packed(slab: object) -> pa.Table:
    """A slab as Ray moves it."""
    return pa.table({SLAB: pa.array([pickle.dumps(slab)], pa.large_binary())})


def unpacked(table: pa.Table) -> Iterator[tuple[object, ...]]:
    """The slabs that Ray moved."""
    return (pickle.loads(slab.as_py()) for slab in table[SLAB])


def stand_in(folder: Path) -> None:
    """Work in the folder where the command runs.

    Raises: EngineError if this node has no such folder.
    """
    try:
        os.chdir(folder)
    except OSError as error:
        raise EngineError(
            f"{os.uname().nodename}: {folder}: {error.strerror}; the project must lie at the same place on every node"
        ) from None


def _results(unit: Unit, job: ReadJob) -> Iterator[Begun | Finished | Failure | CutDocument]:
    sketcher = Sketcher(job.same_from)
    for source, taken in unit:
        for found in job.inputs.read(source, _sandbox(), taken):
            yield _cut(found, job, sketcher) if isinstance(found, Document) else found


def _cut(document: Document, job: ReadJob, sketcher: Sketcher) -> CutDocument:
    account = entry(document)
    if document.language not in ENGLISH and not job.any_language:
        return CutDocument(replace(document, text=""), account, None, ())
    return CutDocument(document, account, sketcher(document.text), tuple(segment(document, job.segment)))


def _slabs(results: Iterable[Begun | Finished | Failure | CutDocument]) -> Iterator[Slab]:
    """As much as a model reads in one go, as memory should hold, or a great many results without passages."""
    held: list[Begun | Finished | Failure | CutDocument] = []
    passages = characters = 0
    for found in results:
        held.append(found)
        if isinstance(found, CutDocument):
            passages += len(found.passages)
            characters += len(found.document.text)
        if passages >= _SLAB_PASSAGES or characters >= _SLAB_CHARACTERS or len(held) >= _SLAB_RESULTS:
            yield tuple(held)
            held, passages, characters = [], 0, 0
    if held:
        yield tuple(held)


@cache
def _sandbox() -> Sandbox:
    """One child for all tasks that this process runs: it takes seconds to start."""
    sandbox = Sandbox()
    atexit.register(sandbox.__exit__, None, None, None)
    return sandbox
