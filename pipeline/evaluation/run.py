"""The baselines and evaluate stages: what they read and what they write."""

import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.corpus.corpora import CORPORA, load_corpus, load_segments
from pipeline.evaluation.baselines import BASELINES, FOLDER, baseline_decisions, baseline_table
from pipeline.evaluation.evaluate import Scored, confusion, evaluate, reliability_points
from pipeline.evaluation.metrics import Floats, Labels
from pipeline.evaluation.scored import scored_documents, scored_written
from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.labels.prepare import PREPARED
from pipeline.labels.splits import SPLITS
from pipeline.model.classifier import ENCODER, MODEL, load_classifier, model_checksum
from pipeline.model.encoder import PROVENANCE, file_sha256
from pipeline.model.readings import load_readings
from pipeline.model.table import metadata, read_table, write_table
from pipeline.params import EvaluateParams, TrainParams
from pipeline.records import WrittenPassage, read_jsonl

METRICS = Path("reports/metrics.json")
PLOTS = Path("reports/plots")
RELIABILITY = PLOTS / "reliability.csv"
WRITTEN = "written_test"


def run_baselines(params: TrainParams) -> list[str]:
    """Train the baselines and keep their decisions on every test set; return a line for each set."""
    train, validation, test = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in SPLITS)
    sets = {WRITTEN: [(passage.id, 1, passage.text) for passage in test]}
    lines = []
    for corpus in CORPORA:
        rows = _corpus_texts(corpus)
        if rows is None:
            lines.append(f"{corpus}: texts absent; decisions kept as they stand")
        else:
            sets[corpus] = rows
    texts = [text for rows in sets.values() for _, _, text in rows]
    decisions = baseline_decisions(train, validation, texts, ENCODER, params.max_tokens)
    start = 0
    for name, rows in sets.items():
        part = {b: (p[start : start + len(rows)], d[start : start + len(rows)]) for b, (p, d) in decisions.items()}
        start += len(rows)
        FOLDER.mkdir(parents=True, exist_ok=True)
        table = baseline_table([r[0] for r in rows], [r[1] for r in rows], part)
        write_table(table.replace_schema_metadata({"made_from": baseline_origin()}), FOLDER / f"{name}.parquet")
        lines.append(f"{name}: {len(rows)} passages by {', '.join(BASELINES)}")
    return lines


def run_evaluation(params: EvaluateParams) -> dict[str, Any]:
    """Measure the classifier on every test set; write the metrics and the points of the plots."""
    classifier = load_classifier()
    test = read_jsonl(PREPARED / "test.jsonl", WrittenPassage)
    readings = {corpus: load_readings(corpus) for corpus in CORPORA}
    sets: dict[str, Scored | None] = {corpus: scored_documents(found) for corpus, found in readings.items()}
    sets[WRITTEN] = scored_written(test, classifier)
    current = model_checksum(MODEL)
    metrics: dict[str, Any] = {"model": current, "encoder": classifier_encoder()}
    points: list[dict[str, Any]] = []
    for name, scored in sets.items():
        if scored is None:
            continue
        metrics[name] = evaluate(scored, _baselines(name, scored), params)
        if name == WRITTEN:
            metrics[name]["voices"] = metrics[name].pop("authors")
        metrics[name]["confusion"] = confusion(scored)
        metrics[name]["stale"] = any(d.model != current for d in readings.get(name, ()) if d.rows)
        points += reliability_points(name, scored)
    METRICS.parent.mkdir(parents=True, exist_ok=True)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    write_csv(RELIABILITY, points)
    return metrics


def classifier_encoder() -> str:
    """The name of the encoder that the trained model stands on."""
    config = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))
    return str(config["encoder"]["name"])


def baseline_origin() -> str:
    """One sha256 of what the baselines learn from and stand on: train and validation split, encoder."""
    parts = [file_sha256(PREPARED / f"{split}.jsonl") for split in ("train", "validation")]
    encoder = json.loads((ENCODER / PROVENANCE).read_text(encoding="utf-8"))["sha256"]
    return hashlib.sha256("".join([*parts, encoder]).encode()).hexdigest()


def forget_stale_baselines() -> None:
    """Remove the baselines' decisions on the essays where they were learned from other passages than today's."""
    path = FOLDER / "essays.parquet"
    known = all(part.exists() for part in (path, PREPARED / "train.jsonl", ENCODER / PROVENANCE))
    if known and metadata(read_table(path)).get("made_from") != baseline_origin():
        path.unlink()


def _corpus_texts(corpus: str) -> list[tuple[str, int, str]] | None:
    """Document, passage and text of the hand-labelled passages; None unless every labelled document is present."""
    rows = []
    for member in load_corpus(corpus):
        if member.gold and not member.present:
            return None
        for passage in load_segments(corpus, member.document.id) if member.gold else ():
            rows.append((member.document.id, passage.passage, member.document.text[passage.start : passage.end]))
    return rows


def _baselines(name: str, scored: Scored) -> dict[str, tuple[Floats, Labels]]:
    """The baselines' decisions on the same passages in the same order.

    None where they were made on other passages, or learned from other passages than today's.
    """
    path = FOLDER / f"{name}.parquet"
    if not path.exists():
        return {}
    table = read_table(path)
    if metadata(table).get("made_from") != baseline_origin():
        return {}
    rows = table.to_pylist()
    found = {}
    for baseline in BASELINES:
        own = [row for row in rows if row["baseline"] == baseline]
        if [(row["document"], row["passage"]) for row in own] != list(
            zip(scored.documents, scored.passages, strict=True)
        ):
            return {}
        probabilities = np.array([[row[column] for column in PROBABILITY_COLUMNS] for row in own])
        found[baseline] = (probabilities, np.array([row["decided"] for row in own], dtype=bool))
    return found


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same keys as a CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
