"""The network's scores of hand-labelled passages that trained nothing, kept by the calibrate stage for others."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.model.calibration import Scores
from pipeline.model.table import metadata, read_table, write_table

SCORES = Path("data/scores.parquet")
SCORE_NAMES = tuple(field.name for field in fields(Scores))


@dataclass(frozen=True)
class LabelledScores:
    """The network's scores of hand-labelled passages from one source by one author.

    `source` is `validation` or the name of a corpus; `labels` ones and zeros, shape (n_passages, 8).
    """

    source: str
    document: str
    byline: str
    authors: frozenset[str]
    labels: npt.NDArray[np.float32]
    scores: Scores


def save_scores(labelled: Sequence[LabelledScores], weights: str) -> None:
    """Keep the scores for those who measure them, with the checksum of the weights that made them."""
    table = pa.table(
        {
            "source": [own.source for own in labelled],
            "document": [own.document for own in labelled],
            "byline": [own.byline for own in labelled],
            "authors": [sorted(own.authors) for own in labelled],
            "labels": [own.labels.tolist() for own in labelled],
            **{name: [getattr(own.scores, name).tolist() for own in labelled] for name in SCORE_NAMES},
        }
    )
    write_table(table.replace_schema_metadata({"weights": weights}), SCORES)


def load_scores(weights: str) -> list[LabelledScores]:
    """What `save_scores` kept; nothing where other weights made it."""
    if not SCORES.exists() or metadata(table := read_table(SCORES)).get("weights") != weights:
        return []
    return [
        LabelledScores(
            row["source"],
            row["document"],
            row["byline"],
            frozenset(row["authors"]),
            np.array(row["labels"], dtype=np.float32),
            Scores(*(np.array(row[name]) for name in SCORE_NAMES)),
        )
        for row in table.to_pylist()
    ]
