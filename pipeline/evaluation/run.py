"""The evaluate stage: the classifier on every test set, into the metrics and the plots."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.adopted import load_adopted
from pipeline.corpus.corpora import CORPORA, TEXTS_OF_PEOPLE
from pipeline.evaluation.contrast import told_apart
from pipeline.evaluation.decisions import CONTRAST, WRITTEN, load_decisions
from pipeline.evaluation.evaluate import Scored, confusion, drop_of, evaluate, reliability_points
from pipeline.evaluation.metrics import interval, micro_f1
from pipeline.evaluation.results import METRICS, RELIABILITY, write_csv
from pipeline.evaluation.robustness import CHANGES, changed
from pipeline.evaluation.scored import scored_documents, scored_written
from pipeline.evaluation.tiers import tiers, unsure
from pipeline.evaluation.unseen import read_without_their_authors
from pipeline.frames import FRAMES, LABELS
from pipeline.labels.contrast import contrast_passages, load_contrast
from pipeline.labels.splits import PREPARED
from pipeline.model.classifier import Classifier, load_classifier
from pipeline.model.prediction import Prediction
from pipeline.model.readings import labelled_texts, load_readings
from pipeline.model.scores import LabelledScores, load_scores
from pipeline.model.store import MODEL, model_checksum, read_config, weights_checksum
from pipeline.model.words import strongest, without, word_scores
from pipeline.params import CalibrateParams, EvaluateParams
from pipeline.records import UnfamiliarText, WrittenPassage, read_jsonl

UNFAMILIAR = Path("data/unfamiliar/texts.jsonl")
_FIFTH = 0.2


def run_evaluation(params: EvaluateParams, calibrate: CalibrateParams) -> dict[str, Any]:
    """Measure the classifier on every test set; write the metrics and the points of the plots."""
    classifier = load_classifier()
    test = read_jsonl(PREPARED / "test.jsonl", WrittenPassage)
    readings = {corpus: load_readings(corpus) for corpus in CORPORA}
    if own := labelled_texts():
        readings[TEXTS_OF_PEOPLE] = own
    sets: dict[str, Scored | None] = {corpus: scored_documents(found) for corpus, found in readings.items()}
    sets[WRITTEN] = scored_written(test, classifier)
    current = model_checksum(MODEL)
    metrics: dict[str, Any] = {"model": current, "encoder": read_config(MODEL)["encoder"]["name"]}
    points: list[dict[str, Any]] = []
    for name, scored in sets.items():
        if scored is None:
            continue
        metrics[name] = evaluate(
            scored, load_decisions(name, list(zip(scored.documents, scored.passages, strict=True))), params
        )
        if name == WRITTEN:
            metrics[name]["voices"] = metrics[name].pop("authors")
        metrics[name]["confusion"] = confusion(scored)
        metrics[name]["stale"] = any(d.model != current for d in readings.get(name, ()) if d.rows)
        if people := [label for label in load_adopted(name) if label.purpose == "estimation"]:
            metrics[name]["labelled_by_people"] = len(people)
        points += reliability_points(name, scored)
        if name == WRITTEN:
            metrics[name]["robustness"] = _robustness(test, scored, classifier, params)
            metrics[name]["evidence_words"] = _evidence_words(test, scored, classifier, params)
    metrics["contrast"] = _contrast(classifier, params)
    metrics["unfamiliar"] = _unfamiliar(classifier)
    if labelled := load_scores(weights_checksum(MODEL)):
        metrics["naming"] = _worth_of_naming(labelled, calibrate)
    if "essays" in metrics:
        metrics["tiers"] = tiers(metrics["essays"])
        metrics["tier_unsure"] = unsure(metrics["essays"])
    METRICS.parent.mkdir(parents=True, exist_ok=True)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    write_csv(RELIABILITY, points)
    return metrics


def _robustness(
    passages: Sequence[WrittenPassage], scored: Scored, classifier: Classifier, params: EvaluateParams
) -> dict[str, Any]:
    """Micro-F1 on the same passages changed, and the drop; beyond `limit_drop` it is a limit of the classifier."""
    calibration = classifier.calibrations.anybody
    found = {}
    for name, change in CHANGES.items():
        texts = changed([passage.text for passage in passages], change, params.seed)
        decided = calibration.decide(calibration.probabilities(classifier.scores(texts)))
        drop, between = drop_of(scored, decided, params)
        found[name] = {
            "micro_f1": micro_f1(scored.truth, decided),
            "drop": drop,
            "drop_interval": between,
            "limit": drop > params.limit_drop,
        }
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
            left = calibration.probabilities(classifier.scores(texts))[:, column]
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


def _worth_of_naming(labelled: Sequence[LabelledScores], params: CalibrateParams) -> dict[str, Any]:
    """The figures without a look at how plainly frames are named, and with it, calibrated in the same way."""
    alone = [replace(own, scores=replace(own.scores, naming=np.zeros_like(own.scores.naming))) for own in labelled]
    return {
        name: {
            corpus: {figure: found[figure] for figure in ("micro_f1", "macro_f1", "exact_match")}
            for corpus, found in read_without_their_authors(scored, params).items()
        }
        for name, scored in (("network_alone", alone), ("with_naming", labelled))
    }


def _contrast(classifier: Classifier, params: EvaluateParams) -> dict[str, Any]:
    """How often the classifier tells the two passages of a pair apart, and how often the baselines do."""
    pairs, scored = load_contrast(), scored_written(contrast_passages(), classifier)
    baselines = load_decisions(CONTRAST, list(zip(scored.documents, scored.passages, strict=True)))
    return {
        **told_apart(pairs, scored.probabilities, scored.decided, params),
        "baselines": {name: told_apart(pairs, *decisions, params) for name, decisions in baselines.items()},
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
