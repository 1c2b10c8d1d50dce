"""What the baselines decided, kept beside what they learned it from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.corpus.catalogue import GOLD
from pipeline.corpus.corpora import OP_EDS
from pipeline.evaluation.metrics import Floats, Labels
from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.labels.splits import PREPARED
from pipeline.model.encoder import PROVENANCE, file_sha256
from pipeline.model.store import ENCODER
from pipeline.model.table import metadata, read_table, write_table

BASELINES = ("majority", "keywords", "tfidf", "frozen")
WRITTEN, CONTRAST = "written_test", "contrast"
FOLDER = Path("data/baselines")


def save_decisions(
    name: str, places: Sequence[tuple[str, int]], decisions: Mapping[str, tuple[Floats, Labels]]
) -> None:
    """Keep what each baseline made of a test set: a row a passage and baseline.

    Args:
        places: document and number of each passage.
        decisions: by baseline, probabilities and decisions, shape (n_passages, 8) each.
    """
    documents, passages = zip(*places, strict=True)
    table = pa.concat_tables(
        pa.table(
            {
                "baseline": [baseline] * len(places),
                "document": list(documents),
                "passage": list(passages),
                **{column: probabilities[:, i].round(4) for i, column in enumerate(PROBABILITY_COLUMNS)},
                "decided": decided.tolist(),
            }
        )
        for baseline, (probabilities, decided) in decisions.items()
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_table(table.replace_schema_metadata({"made_from": _origin()}), FOLDER / f"{name}.parquet")


def load_decisions(name: str, places: Sequence[tuple[str, int]]) -> dict[str, tuple[Floats, Labels]]:
    """The baselines' decisions on these passages, in their order.

    None where they were made on other passages, or learned from other passages than today's.
    """
    path = FOLDER / f"{name}.parquet"
    if not path.exists():
        return {}
    table = read_table(path)
    if metadata(table).get("made_from") != _origin():
        return {}
    rows = table.to_pylist()
    found = {}
    for baseline in BASELINES:
        own = [row for row in rows if row["baseline"] == baseline]
        if [(row["document"], row["passage"]) for row in own] != list(places):
            return {}
        probabilities = np.array([[row[column] for column in PROBABILITY_COLUMNS] for row in own])
        found[baseline] = (probabilities, np.array([row["decided"] for row in own], dtype=bool))
    return found


def forget_stale_baselines() -> None:
    """Remove the baselines' decisions on the essays where they were learned from other passages than today's."""
    path = FOLDER / "essays.parquet"
    known = all(part.exists() for part in (path, PREPARED / "train.jsonl", ENCODER / PROVENANCE))
    if known and metadata(read_table(path)).get("made_from") != _origin():
        path.unlink()


def _origin() -> str:
    """One sha256 of what the baselines learn from and stand on: train and validation split, gold labels, encoder."""
    parts = [file_sha256(PREPARED / f"{split}.jsonl") for split in ("train", "validation")]
    parts += [file_sha256(path) for path in sorted([*GOLD.glob("*.jsonl"), *OP_EDS.glob("gold/*.jsonl")])]
    encoder = json.loads((ENCODER / PROVENANCE).read_text(encoding="utf-8"))["sha256"]
    return hashlib.sha256("".join([*parts, encoder]).encode()).hexdigest()
