"""What an actor of the cluster does: it holds the model, and classifies one slab after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from datasketch import LeanMinHash

from pipeline.batch.account import Entry
from pipeline.batch.inputs import Begun, Failure, Finished
from pipeline.batch.run import classify_cut
from pipeline.errors import ModelError
from pipeline.model.classifier import Classifier
from pipeline.scale.device import load_here
from pipeline.scale.reading import CutDocument, Slab, packed, stand_in, unpacked


@dataclass(frozen=True)
class ScoredDocument:
    """What is left of a document for the books: its account, what its near-duplicates are known by, and its rows."""

    entry: Entry
    sketch: LeanMinHash | None
    table: pa.Table


ScoredSlab = tuple[Begun | Finished | Failure | ScoredDocument, ...]


@dataclass(frozen=True)
class ScoreJob:
    """The model as the command found it; every node must have the same."""

    folder: Path
    checksum: str
    precision: str


class Scorer:
    """Classifies slabs; the model is loaded once, when the actor starts.

    Raises: ModelError if this node has another model.
    """

    def __init__(self, job: ScoreJob) -> None:
        stand_in(job.folder)
        self._classifier = load_here(job.precision)
        if self._classifier.checksum != job.checksum:
            raise ModelError(
                f"{job.folder}: this node has another model than the one that runs the command; copy models/ to it"
            )

    def __call__(self, slabs: pa.Table) -> pa.Table:
        """One slab in, one slab out."""
        return pa.concat_tables(packed(scored(slab, self._classifier)) for slab in unpacked(slabs))  # type: ignore[arg-type]


def scored(slab: Slab, classifier: Classifier) -> ScoredSlab:
    """The slab with the rows of each document in place of its text; all passages are read together."""
    documents = [found for found in slab if isinstance(found, CutDocument)]
    table = classify_cut([(found.document, found.passages) for found in documents], classifier)
    tables = iter(_split(table, [len(found.passages) for found in documents]))
    return tuple(
        ScoredDocument(found.entry, found.sketch, next(tables)) if isinstance(found, CutDocument) else found
        for found in slab
    )


def _split(table: pa.Table, lengths: Iterable[int]) -> Iterable[pa.Table]:
    start = 0
    for length in lengths:
        yield table.slice(start, length).combine_chunks()
        start += length
