"""What the classifier must beat: a bag of words, and the frozen encoder under logistic regression."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from scipy.special import logit
from transformers import AutoTokenizer

from pipeline.frames import PROBABILITY_COLUMNS
from pipeline.labels.bag_of_words import Array, regress, tfidf_probabilities
from pipeline.labels.targets import targets
from pipeline.model.calibration import calibrate
from pipeline.model.network import FramingNetwork, load_encoder, pad, tokenize
from pipeline.records import WrittenPassage

BASELINES = ("tfidf", "frozen")
FOLDER = Path("data/baselines")


def baseline_decisions(
    train: Sequence[WrittenPassage],
    validation: Sequence[WrittenPassage],
    texts: Sequence[str],
    encoder_folder: Path,
    max_tokens: int,
) -> dict[str, tuple[Array, npt.NDArray[np.bool_]]]:
    """Calibrated probabilities and decisions of each baseline for the texts, shape (n_texts, 8) each.

    Trained on the train split and calibrated on the validation split, as the classifier is.
    """
    labels = targets([passage.label for passage in train])
    learned = [passage.text for passage in train]
    wanted = [*(passage.text for passage in validation), *texts]
    raw = {
        "tfidf": tfidf_probabilities(learned, labels, wanted),
        "frozen": frozen_probabilities(learned, labels, wanted, encoder_folder, max_tokens),
    }
    found = {}
    for name, probabilities in raw.items():
        logits = logit(np.clip(probabilities, 1e-6, 1 - 1e-6))
        calibration = calibrate(logits[: len(validation)], targets([passage.label for passage in validation]))
        calibrated = calibration.probabilities(logits[len(validation) :])
        found[name] = (calibrated, calibration.decide(calibrated))
    return found


def frozen_probabilities(
    train_texts: Sequence[str],
    labels: npt.NDArray[np.floating],
    texts: Sequence[str],
    encoder_folder: Path,
    max_tokens: int,
) -> Array:
    """Mean-pooled vectors of the pretrained encoder as it is, logistic regression per label.

    *Shape:* labels (n_train, n_labels) -> (n_texts, n_labels)
    """
    vectors = _embed([*train_texts, *texts], encoder_folder, max_tokens)
    return regress(vectors[: len(train_texts)], labels, vectors[len(train_texts) :], strength=1.0)


def baseline_table(
    documents: Sequence[str],
    passages: Sequence[int],
    decisions: dict[str, tuple[Array, npt.NDArray[np.bool_]]],
) -> pa.Table:
    """One row a passage and baseline: document, passage, baseline, probabilities and decisions in order of `LABELS`."""
    return pa.concat_tables(
        pa.table(
            {
                "baseline": [name] * len(documents),
                "document": list(documents),
                "passage": list(passages),
                **{column: probabilities[:, i].round(4) for i, column in enumerate(PROBABILITY_COLUMNS)},
                "decided": decided.tolist(),
            }
        )
        for name, (probabilities, decided) in decisions.items()
    )


def _embed(texts: Sequence[str], encoder_folder: Path, max_tokens: int) -> Array:
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    encoder = load_encoder(encoder_folder).eval()
    # The scale at which the classifier's own head reads the vectors.
    network = FramingNetwork(encoder, int(encoder.config.hidden_size), 1, scale=20.0, dropout=0.0)  # type: ignore[union-attr,arg-type]
    rows = tokenize(tokenizer, list(texts), max_tokens)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    vectors = np.zeros((len(rows), network.head.in_features))
    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            vectors[batch] = network.embed(*pad([rows[i] for i in batch], int(tokenizer.pad_token_id or 0))).numpy()
    return vectors
