"""Which recipe learns best: trials that change one thing of where the search started.

Scored on the validation split and on the op-eds written for the project, never on the essays.
"""

import hashlib
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.corpus.corpora import check_offsets, load_corpus
from pipeline.evaluation.metrics import figures, interval, micro_f1
from pipeline.evaluation.results import RECIPES, write_csv
from pipeline.evaluation.scorers import scorers
from pipeline.labels import targets as targets_module
from pipeline.labels.targets import targets
from pipeline.model import averaging, contrastive, network, training
from pipeline.model.calibration import bare, calibrate, log_losses
from pipeline.model.classifier import load_uncalibrated
from pipeline.model.encoder import fetch_encoder, file_sha256
from pipeline.model.train import fit
from pipeline.params import Params, TrainParams
from pipeline.records import WrittenPassage
from pipeline.resampling import Rows, cluster_resamples

# What a trial scored, kept so that an interrupted run goes on where it stopped.
TRIALS = Path("build/recipes")

_CODE = [
    file_sha256(Path(str(module.__file__))) for module in (targets_module, training, network, averaging, contrastive)
]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """What a recipe changes of `START`; `with_frozen` takes the mean with a regression on the frozen encoder.

    It learns from a part of the passages, or from the `whole`. The first of an encoder on as many passages is what the
    others are compared with.
    """

    encoder: str
    name: str
    changes: dict[str, Any] = field(default_factory=dict)
    with_frozen: bool = False
    whole: bool = False


START: dict[str, Any] = {
    "seed": 0,
    "epochs": 3,
    "learning_rate": 5.0e-4,
    "method": "lora",
    "tuned_layers": 4,
    "layer_decay": 1.0,
    "positive_weight": 0.5,
    "smoothing": 0.0,
    "averaged_share": 0.0,
    "contrastive_steps": 0,
    "max_tokens": 256,
}
# Trials on a part of the passages learn from the same: what differs between them is the recipe.
FEW = 1200
FAST, LARGE = "minilm", "mpnet"
_BEST: dict[str, Any] = {"learning_rate": 2.0e-3}
_SIX_LAYERS = {**_BEST, "tuned_layers": 6}
ALL = (
    Trial(LARGE, "learning rate 2e-3, adapters on 4 layers, 3 epochs", _BEST, whole=True),
    Trial(LARGE, "adapters on 6 layers", _SIX_LAYERS, whole=True),
    Trial(LARGE, "learning rate 2e-3, adapters on 4 layers, 3 epochs", _BEST),
    Trial(LARGE, "adapters on 6 layers", _SIX_LAYERS),
    Trial(LARGE, "adapters on 8 layers, 2 epochs", {**_BEST, "tuned_layers": 8, "epochs": 2}),
    Trial(LARGE, "5 epochs", {**_BEST, "epochs": 5}),
    Trial(LARGE, "contrastive warm-up of 40 steps", {**_BEST, "contrastive_steps": 40}),
    Trial(LARGE, "mean with the frozen encoder's regression", _BEST, with_frozen=True),
    Trial(LARGE, "learning rate 5e-4"),
    Trial(LARGE, "learning rate 1e-3", {"learning_rate": 1.0e-3}),
    Trial(LARGE, "2 epochs", {**_BEST, "epochs": 2}),
    Trial(LARGE, "learning rate 1e-3, no positive weights", {"learning_rate": 1.0e-3, "positive_weight": 0.0}),
    Trial(FAST, "start: adapters on 4 layers, 3 epochs, learning rate 5e-4"),
    Trial(FAST, "seed 1", {"seed": 1}),
    Trial(FAST, "6 epochs", {"epochs": 6}),
    Trial(FAST, "learning rate 2.5e-4", {"learning_rate": 2.5e-4}),
    Trial(FAST, "learning rate 1e-3", {"learning_rate": 1.0e-3}),
    Trial(FAST, "each layer learns at 0.7 of the rate above it", {"layer_decay": 0.7}),
    Trial(FAST, "4 top layers instead of adapters, learning rate 5e-5", {"method": "layers", "learning_rate": 5.0e-5}),
    Trial(FAST, "adapters on all 6 layers", {"tuned_layers": 6}),
    Trial(FAST, "cut at 128 tokens", {"max_tokens": 128}),
    Trial(FAST, "no positive weights", {"positive_weight": 0.0}),
    Trial(FAST, "full positive weights", {"positive_weight": 1.0}),
    Trial(FAST, "smoothed by the labelling passes", {"smoothing": 1.0}),
    Trial(FAST, "weights averaged over the last half", {"averaged_share": 0.5}),
    Trial(FAST, "contrastive warm-up of 40 steps", {"contrastive_steps": 40}),
    Trial(FAST, "mean with the frozen encoder's regression", with_frozen=True),
)


@dataclass(frozen=True)
class Scoring:
    """The passages that recipes are compared on: texts, labels, shape (n_passages, 8), and where each stands."""

    texts: list[str]
    labels: npt.NDArray[np.float32]
    documents: list[str]
    n_validation: int


def try_recipes(
    train: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: Params
) -> Iterator[dict[str, Any]]:
    """Train every trial that was not trained yet on this data by this code; write the table as it grows.

    Yields: one row a trial.
    """
    scoring = _scoring(validation)
    rng = np.random.default_rng(params.evaluate.seed)
    resamples = cluster_resamples(scoring.documents, params.evaluate.resamples, params.evaluate.block_passages, rng)
    part = random.Random(START["seed"]).sample(list(train), min(FEW, len(train)))
    starts: dict[tuple[str, bool], Array] = {}
    rows = []
    for trial in ALL:
        learned = list(train) if trial.whole else part
        scores = bare(_logits(trial, learned, scoring, params.train))
        calibration = calibrate(scores, scoring.labels, params.calibrate)
        probabilities = calibration.probabilities(scores)
        decided, truth = calibration.decide(probabilities), scoring.labels.astype(bool)
        losses = log_losses(probabilities, scoring.labels)
        difference = losses - starts.setdefault((trial.encoder, trial.whole), losses)
        low, high = interval(partial(_mean, difference), resamples, params.evaluate.interval_level)
        written, op_eds = slice(scoring.n_validation), slice(scoring.n_validation, None)
        rows.append(
            {
                "encoder": trial.encoder,
                "passages": len(learned),
                "drawn_from": len(train),
                "recipe": trial.name,
                "loss": round(float(losses.mean()), 4),
                "difference": round(float(difference.mean()), 4),
                "low": low,
                "high": high,
                "validation_micro_f1": micro_f1(truth[written], decided[written]),
                "op_eds_micro_f1": micro_f1(truth[op_eds], decided[op_eds]),
                "contested_realist_pr_auc": figures(truth, probabilities, decided)["labels"]["contested-realist"][
                    "pr_auc"
                ],
            }
        )
        write_csv(RECIPES, rows)
        yield rows[-1]


def _scoring(validation: Sequence[WrittenPassage]) -> Scoring:
    texts = [passage.text for passage in validation]
    labels = [targets([passage.label for passage in validation])]
    documents = [passage.id for passage in validation]
    for member in load_corpus("op-eds"):
        check_offsets(member.document, member.gold)
        texts += [member.document.text[gold.start : gold.end] for gold in member.gold]
        labels.append(targets([gold.label for gold in member.gold]))
        documents += [member.document.id] * len(member.gold)
    return Scoring(texts, np.concatenate(labels), documents, len(validation))


def _mean(values: Array, chosen: Rows) -> float:
    return float(values[chosen].mean())


def _logits(trial: Trial, train: Sequence[WrittenPassage], scoring: Scoring, params: TrainParams) -> Array:
    """The trial's logits, shape (n_passages, 8)."""
    logits = _fine_tuned(trial, train, scoring, params)
    return (logits + _frozen(trial.encoder, train, scoring, params.max_tokens)) / 2 if trial.with_frozen else logits


def _frozen(encoder: str, train: Sequence[WrittenPassage], scoring: Scoring, max_tokens: int) -> Array:
    """Logits of logistic regressions on the mean-pooled vectors of the encoder as it is, shape (n_passages, 8)."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "encoder"
        fetch_encoder(encoder, None, folder)
        return scorers(train, folder, max_tokens)["frozen"](scoring.texts)


def _fine_tuned(trial: Trial, train: Sequence[WrittenPassage], scoring: Scoring, params: TrainParams) -> Array:
    """The trained network's logits, shape (n_passages, 8); kept, so that it is not trained twice."""
    changes = {"encoder": trial.encoder, "encoder_revision": None, **START, **trial.changes}
    own = params.model_copy(update=changes)
    kept = TRIALS / f"{_key(own, train, scoring)}.npy"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as scratch:
            encoder, folder = Path(scratch) / "encoder", Path(scratch) / "framing"
            fetch_encoder(trial.encoder, None, encoder)
            fit(train, (), own, folder, encoder_folder=encoder)
            found = load_uncalibrated(folder, encoder).scores(scoring.texts)
        TRIALS.mkdir(parents=True, exist_ok=True)
        np.save(kept, found.logits)
    logits: Array = np.load(kept)
    return logits


def _key(params: TrainParams, train: Sequence[WrittenPassage], scoring: Scoring) -> str:
    data = [passage.model_dump_json() for passage in train] + scoring.texts
    return hashlib.sha256(json.dumps([params.model_dump(), _CODE, data]).encode()).hexdigest()[:16]
