"""The trained classifier: loaded from what training kept, and fast at reading passages."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from pipeline.errors import ModelError
from pipeline.frames import LABELS
from pipeline.model.calibration import Array, Calibrations, Scores, load_calibrations, plain_calibration
from pipeline.model.familiarity import Familiarity, load_familiarity
from pipeline.model.int8 import to_int8
from pipeline.model.network import (
    READ_WIDTH_STEP,
    FramingNetwork,
    layers_below,
    load_encoder,
    pad,
    padded_width,
    tokenize,
)
from pipeline.model.precision import Precision, chosen_precision
from pipeline.model.prediction import Prediction, predictions
from pipeline.model.store import (
    CALIBRATION,
    CONFIG,
    ENCODER,
    FAMILIARITY,
    HEAD,
    MODEL,
    check_encoder,
    model_checksum,
    read_config,
    weights_checksum,
)
from pipeline.model.vocabulary import naming
from pipeline.params import TrainParams

PLAIN = Calibrations(plain_calibration(len(LABELS)))
# Tokens in a batch, padding included: large enough to keep a core busy, small enough for its caches.
_BATCH_TOKENS = 2048

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Classifier:
    """A trained classifier, ready to read passages. `below` is the number of layers that training left alone."""

    network: FramingNetwork
    tokenizer: PreTrainedTokenizerBase
    familiarity: Familiarity
    calibrations: Calibrations
    max_tokens: int
    below: int
    checksum: str
    precision: str

    def scores(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Scores:
        """The network's logits, how plainly labels are named, and how far the passages are from those trained on.

        Args:
            progress: called with the number of passages read after each batch.
        """
        rows = tokenize(self.tokenizer, list(texts), self.max_tokens)
        logits = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
        features = np.zeros((len(rows), self.network.head.linear.in_features), dtype=np.float32)
        batches, done = _batches(rows), 0
        with _a_thread_a_batch() as pool:
            found = pool.map(self._read, ([rows[i] for i in batch] for batch in batches))
            for batch, (raw, states) in zip(batches, found, strict=True):
                logits[batch], features[batch] = raw.numpy(), states.numpy()
                progress(done := done + len(batch))
        return Scores(logits.astype(float), naming(texts), self.familiarity.distance(features).astype(float))

    @torch.inference_mode()
    def _read(self, rows: list[list[int]]) -> tuple[Tensor, Tensor]:
        padded = pad(rows, int(self.tokenizer.pad_token_id or 0), READ_WIDTH_STEP)
        return self.network.read(*padded, self.below)

    def probabilities(self, texts: Sequence[str], progress: Progress = lambda done: None, byline: str = "") -> Array:
        """Calibrated probabilities, shape (n_passages, 8), columns in the order of `LABELS`."""
        return self.calibrations.for_author(byline).probabilities(self.scores(texts, progress))

    def classify(
        self, texts: Sequence[str], progress: Progress = lambda done: None, byline: str = ""
    ) -> list[Prediction]:
        """One prediction a passage. A text longer than `max_tokens` is read up to there: segment it first.

        Args:
            byline: the passages' author; one whose texts were labelled by hand is read with the calibration in
                which those labels had no say.
        """
        return self.decide(self.scores(texts, progress), byline)

    def decide(self, scores: Scores, byline: str = "") -> list[Prediction]:
        """What follows from raw scores, for passages by this author."""
        calibration = self.calibrations.for_author(byline)
        return predictions(calibration.probabilities(scores), calibration, scores.distances)


def load_classifier(
    folder: Path = MODEL, encoder_folder: Path = ENCODER, precision: str = Precision.AUTO
) -> Classifier:
    """Load the trained classifier, its adapters merged into the encoder.

    Args:
        precision: `bf16`, `fp32` or `int8`, which is faster, less exact and without gradients; `auto` for bf16 where
            the processor multiplies it, else fp32.

    Raises: ModelError if a part is absent, broken or made for another encoder.
    """
    calibrations, weights = load_calibrations(folder / CALIBRATION)
    if weights != weights_checksum(folder):
        raise ModelError(f"{folder / CALIBRATION}: was fitted for other weights; make it anew: `dvc repro calibrate`")
    return load_uncalibrated(folder, encoder_folder, precision, calibrations)


def load_uncalibrated(
    folder: Path, encoder_folder: Path = ENCODER, precision: str = Precision.AUTO, calibrations: Calibrations = PLAIN
) -> Classifier:
    """The trained part as training left it, to score the passages that a calibration is fitted on."""
    config = read_config(folder)
    check_encoder(config, encoder_folder)
    try:
        params = TrainParams.model_validate(config["train"])
    except ValidationError:
        raise ModelError(f"{folder / CONFIG}: not of this version; train anew: `dvc repro train`") from None
    precision = chosen_precision(precision)
    try:
        adapted = PeftModel.from_pretrained(load_encoder(encoder_folder), str(folder))
        encoder: nn.Module = adapted.merge_and_unload()
        head = {name: value.float() for name, value in load_file(folder / HEAD).items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{folder}: cannot be read: {error}; restore it with `git checkout {folder}`") from None
    network = FramingNetwork(encoder, len(LABELS), scale=params.scale, dropout=0.0)
    network.head.load_state_dict(head)
    if precision == Precision.INT8:
        to_int8(network.encoder)
    elif precision == Precision.BF16:
        network.encoder.to(torch.bfloat16)
    return Classifier(
        network=network.eval(),
        tokenizer=AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True),
        familiarity=load_familiarity(folder / FAMILIARITY),
        calibrations=calibrations,
        max_tokens=params.max_tokens,
        below=layers_below(int(encoder.config.num_hidden_layers), params),  # type: ignore[union-attr,arg-type]
        checksum=model_checksum(folder) if calibrations is not PLAIN else weights_checksum(folder),
        precision=str(precision),
    )


@contextmanager
def _a_thread_a_batch() -> Iterator[ThreadPoolExecutor]:
    """As many threads as torch may use, each of them reading a batch by itself: they need not wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)


def _batches(rows: list[list[int]]) -> list[list[int]]:
    """Passages of one padded width together, as many as `_BATCH_TOKENS` hold; always the same for the same passages."""
    by_width: dict[int, list[int]] = {}
    for i in sorted(range(len(rows)), key=lambda i: (len(rows[i]), i)):
        by_width.setdefault(padded_width(len(rows[i]), READ_WIDTH_STEP), []).append(i)
    batches = []
    for width, own in by_width.items():
        size = max(1, _BATCH_TOKENS // width)
        batches += [own[start : start + size] for start in range(0, len(own), size)]
    return batches
