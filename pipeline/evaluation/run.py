"""The baselines and evaluate stages: what they read and what they write."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.corpus.catalogue import GOLD
from pipeline.corpus.corpora import CORPORA, OP_EDS, load_corpus
from pipeline.evaluation.baselines import BASELINES, FOLDER, baseline_table, scorers
from pipeline.evaluation.evaluate import Scored, confusion, evaluate, reliability_points
from pipeline.evaluation.metrics import Floats, Labels, interval, micro_f1
from pipeline.evaluation.results import METRICS, RELIABILITY, write_csv
from pipeline.evaluation.robustness import CHANGES, changed
from pipeline.evaluation.scored import scored_documents, scored_written
from pipeline.evaluation.tiers import tiers
from pipeline.frames import FRAMES, LABELS, PROBABILITY_COLUMNS
from pipeline.labels.prepare import PREPARED
from pipeline.labels.splits import SPLITS
from pipeline.labels.targets import targets
from pipeline.model.calibrate import fit_calibrations, score_labelled
from pipeline.model.classifier import Classifier, Scores, load_classifier
from pipeline.model.encoder import PROVENANCE, file_sha256
from pipeline.model.prediction import Prediction
from pipeline.model.readings import load_readings
from pipeline.model.store import ENCODER, MODEL, model_checksum
from pipeline.model.table import metadata, read_table, write_table
from pipeline.model.words import strongest, without, word_scores
from pipeline.params import EvaluateParams, Params
from pipeline.records import UnfamiliarText, WrittenPassage, read_jsonl

WRITTEN = "written_test"
UNFAMILIAR = Path("data/unfamiliar/texts.jsonl")
_FIFTH = 0.2


def run_baselines(params: Params) -> list[str]:
    """Train the baselines and keep their decisions on every test set; return a line for each set.

    They are calibrated as the classifier is: no author's passages have a say in how that author is read.
    """
    train, validation, test = (read_jsonl(PREPARED / f"{split}.jsonl", WrittenPassage) for split in SPLITS)
    complete = {corpus: all(member.present for member in load_corpus(corpus) if member.gold) for corpus in CORPORA}
    decisions: dict[str, dict[str, tuple[Floats, Labels]]] = {}
    places: dict[str, list[tuple[str, int]]] = {WRITTEN: [(passage.id, 1) for passage in test]}
    for name, score in scorers(train, ENCODER, params.train.max_tokens).items():
        labelled = score_labelled(lambda texts, raw=score: _familiar(raw(texts)), validation)  # type: ignore[misc]
        calibrations = fit_calibrations(labelled, params.calibrate)
        found = {WRITTEN: [(calibrations.anybody, score([passage.text for passage in test]))]}
        for own in (own for own in labelled if complete.get(own.source)):
            found.setdefault(own.source, []).append(
                (calibrations.for_author(own.byline), own.scores.logits.astype(float))
            )
            if name == BASELINES[0]:
                count = len(own.labels)
                places.setdefault(own.source, []).extend(zip([own.document] * count, range(1, count + 1), strict=True))
        for source, parts in found.items():
            probabilities = np.concatenate([calibration.probabilities(raw) for calibration, raw in parts])
            if name == "majority":  # a threshold below a half would find what is merely common everywhere
                decided = probabilities >= 0.5
            else:
                decided = np.concatenate([own.decide(own.probabilities(raw)) for own, raw in parts])
            decisions.setdefault(source, {})[name] = (probabilities, decided)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for source, by_baseline in decisions.items():
        documents, passages = zip(*places[source], strict=True)
        table = baseline_table(documents, passages, by_baseline)
        write_table(table.replace_schema_metadata({"made_from": baseline_origin()}), FOLDER / f"{source}.parquet")
    return [f"{source}: {len(rows)} passages by {', '.join(BASELINES)}" for source, rows in places.items()] + [
        f"{corpus}: texts absent; decisions kept as they stand" for corpus in CORPORA if not complete[corpus]
    ]


def _familiar(logits: Floats) -> Scores:
    return Scores(logits.astype(np.float32), np.zeros(len(logits), dtype=np.float32))


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
        if name == WRITTEN:
            metrics[name]["robustness"] = _robustness(test, classifier, metrics[name]["micro_f1"], params)
            metrics[name]["evidence_words"] = _evidence_words(test, scored, classifier, params)
    metrics["unfamiliar"] = _unfamiliar(classifier)
    if "essays" in metrics:
        metrics["tiers"] = tiers(metrics["essays"])
    METRICS.parent.mkdir(parents=True, exist_ok=True)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    write_csv(RELIABILITY, points)
    return metrics


def _robustness(
    passages: Sequence[WrittenPassage], classifier: Classifier, unchanged: float, params: EvaluateParams
) -> dict[str, Any]:
    """Micro-F1 on the same passages changed; a drop beyond `limit_drop` is a limit of the classifier."""
    truth = targets([passage.label for passage in passages]).astype(bool)
    found = {}
    for name, change in CHANGES.items():
        texts = changed([passage.text for passage in passages], change, params.seed)
        calibration = classifier.calibrations.anybody
        reached = micro_f1(truth, calibration.decide(calibration.probabilities(classifier.scores(texts).logits)))
        drop = round(unchanged - reached, 4)
        found[name] = {"micro_f1": reached, "drop": drop, "limit": drop > params.limit_drop}
    return found


def _evidence_words(
    passages: Sequence[WrittenPassage], scored: Scored, classifier: Classifier, params: EvaluateParams
) -> dict[str, Any]:
    """How far a decided frame's probability falls without the fifth of the words that spoke most for it, and without
    a random fifth, in the first `explained_passages` of the split."""
    rng = np.random.default_rng(params.seed)
    calibration = classifier.calibrations.anybody
    top, chance = [], []
    for i, passage in enumerate(passages[: params.explained_passages]):
        for column in np.flatnonzero(scored.decided[i, : len(FRAMES)]):
            scores = word_scores(classifier, passage.text, LABELS[column])
            best = strongest(scores, _FIFTH)
            drawn = [rng.choice(len(scores), len(best), replace=False).tolist() for _ in range(3)]
            texts = [without(scores, places) for places in (best, *drawn)]
            left = calibration.probabilities(classifier.scores(texts).logits)[:, column]
            moved = scored.probabilities[i, column] - left
            top.append(moved[0])
            chance.append(moved[1:].mean())
    if not top:
        return {"readings": 0}
    more = np.array(top) - np.array(chance)
    resamples = [rng.integers(0, len(more), len(more)) for _ in range(params.resamples)]
    return {
        "readings": len(top),
        "moved_by_top_fifth": round(float(np.mean(top)), 4),
        "moved_by_random_fifth": round(float(np.mean(chance)), 4),
        "difference_interval": interval(lambda rows: more[rows].mean(), resamples, params.interval_level),
    }


def _unfamiliar(classifier: Classifier) -> dict[str, Any]:
    """The share of texts of each foreign kind that is called unfamiliar, and of those called so or given no frame."""
    texts = read_jsonl(UNFAMILIAR, UnfamiliarText)
    found = classifier.classify([text.text for text in texts])
    kinds: dict[str, list[Prediction]] = {}
    for text, prediction in zip(texts, found, strict=True):
        kinds.setdefault(text.kind, []).append(prediction)
    return {
        kind: {
            "texts": len(own),
            "unfamiliar_share": round(float(np.mean([p.unfamiliar for p in own])), 4),
            "unfamiliar_or_no_frame_share": round(float(np.mean([p.unfamiliar or not p.frames for p in own])), 4),
        }
        for kind, own in kinds.items()
    }


def classifier_encoder() -> str:
    """The name of the encoder that the trained model stands on."""
    config = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))
    return str(config["encoder"]["name"])


def baseline_origin() -> str:
    """One sha256 of what the baselines learn from and stand on: train and validation split, gold labels, encoder."""
    parts = [file_sha256(PREPARED / f"{split}.jsonl") for split in ("train", "validation")]
    parts += [file_sha256(path) for path in sorted([*GOLD.glob("*.jsonl"), *OP_EDS.glob("gold/*.jsonl")])]
    encoder = json.loads((ENCODER / PROVENANCE).read_text(encoding="utf-8"))["sha256"]
    return hashlib.sha256("".join([*parts, encoder]).encode()).hexdigest()


def forget_stale_baselines() -> None:
    """Remove the baselines' decisions on the essays where they were learned from other passages than today's."""
    path = FOLDER / "essays.parquet"
    known = all(part.exists() for part in (path, PREPARED / "train.jsonl", ENCODER / PROVENANCE))
    if known and metadata(read_table(path)).get("made_from") != baseline_origin():
        path.unlink()


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
