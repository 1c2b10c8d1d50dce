"""How fast passages are read: the classifier beside the pipeline that Hugging Face documents, on the same passages.

Everything runs in one process, in rounds, one contestant after the other in each: on a machine that others use too,
a slow minute then hits all of them. It prints and keeps nothing: figures of one machine are no property of the model.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import cast

import torch
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers import pipeline as hugging_face_pipeline

from pipeline.evaluation.scorers import scorers
from pipeline.frames import LABELS
from pipeline.model.calibration import save_calibrations
from pipeline.model.classifier import PLAIN, Classifier, load_uncalibrated
from pipeline.model.encoder import fetch_encoder
from pipeline.model.int8 import Int8Linear, multiplies_bytes, to_bytes
from pipeline.model.network import tokenize
from pipeline.model.precision import Precision
from pipeline.model.store import CALIBRATION, ENCODER, MODEL, weights_checksum
from pipeline.model.train import fit
from pipeline.params import TrainParams
from pipeline.records import WrittenPassage

DOCUMENTED = "Hugging Face pipeline, as documented"
_TRAINED_ON = 32
_LIMIT_ROWS = 4096

Reader = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class Speed:
    """What was measured of one contestant: passages a second, and the share of what the processor could at most."""

    name: str
    precision: str
    rate: float
    ratio: float
    share: float


@dataclass(frozen=True)
class Comparison:
    """All contestants on one encoder. `limits` are passages a second at the largest matrix product rate measured."""

    speeds: tuple[Speed, ...]
    limits: dict[str, float]


def texts_of_length(passages: Sequence[WrittenPassage], encoder_folder: Path, count: int, tokens: int) -> list[str]:
    """So many texts of about so many tokens: passages of the written ones, joined until they are long enough, then cut.

    Returns: `count` texts; fewer where the passages do not suffice.
    """
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    texts, waiting = [], ""
    for passage in passages:
        waiting = f"{waiting} {passage.text}".strip()
        encoded = tokenizer(waiting, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        if len(encoded) >= tokens - 2:  # the special tokens are two
            texts.append(waiting[: encoded[tokens - 3][1]])
            waiting = ""
        if len(texts) == count:
            break
    return texts


def quick_model(
    folder: Path, encoder: str, passages: Sequence[WrittenPassage], params: TrainParams
) -> tuple[Path, Path]:
    """A model and its encoder below `folder`, as the commands look for them; trained on next to nothing.

    How fast a model reads does not depend on what its weights say.
    """
    model_folder, encoder_folder = folder / MODEL, folder / ENCODER
    fetch_encoder(encoder, None, encoder_folder)
    # Training in bf16 takes minutes on a processor that has to imitate it.
    changed = params.model_copy(update={"encoder": encoder, "epochs": 1, "precision": "fp32"})
    fit(passages[:_TRAINED_ON], (), changed, model_folder, encoder_folder=encoder_folder)
    save_calibrations(model_folder / CALIBRATION, PLAIN, weights_checksum(model_folder))
    return model_folder, encoder_folder


def compare(
    texts: Sequence[str],
    learned_from: Sequence[WrittenPassage],
    model_folder: Path,
    encoder_folder: Path,
    rounds: int,
    progress: Callable[[str], None] = lambda doing: None,
) -> Comparison:
    """Read the texts with each contestant in turn, `rounds` times; medians.

    Args:
        learned_from: passages for the logistic regression on the frozen encoder; it needs few.
    """
    wished = [Precision.FP32, *([Precision.INT8] if multiplies_bytes() else []), Precision.AUTO]
    ours = [load_uncalibrated(model_folder, encoder_folder, precision) for precision in wished]
    exact = ours[0]
    contestants = _contestants(ours, learned_from, encoder_folder)
    limits = {precision: 0.0 for precision, _ in contestants.values()}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for read in (read for _, read in contestants.values()):
        read(texts[:32])  # kernels are made at the first meeting with a shape
    for number in range(1, rounds + 1):
        for precision, most in limits.items():
            limits[precision] = max(most, _product_rate(exact.network.encoder, precision))
        for name, (_, read) in contestants.items():
            progress(f"round {number} of {rounds}: {name}")
            start = time.perf_counter()
            read(texts)
            seconds[name].append(time.perf_counter() - start)
    lengths = [len(row) for row in tokenize(exact.tokenizer, list(texts), exact.max_tokens)]
    operations = mean(_operations(exact.network.encoder, length) for length in lengths)
    rates = {name: len(texts) / median(found) for name, found in seconds.items()}
    reached = {precision: rate / operations for precision, rate in limits.items()}
    speeds = (
        Speed(name, precision, rates[name], rates[name] / rates[DOCUMENTED], rates[name] / reached[precision])
        for name, (precision, _) in contestants.items()
    )
    return Comparison(tuple(speeds), reached)


def documented_pipeline(classifier: Classifier, encoder_folder: Path) -> Callable[..., object]:
    """A text-classification pipeline with the classifier's own weights, in fp32."""
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder_folder,
        num_labels=len(LABELS),
        problem_type="multi_label_classification",
        use_safetensors=True,
        local_files_only=True,
        dtype=torch.float32,
    )
    getattr(model, model.base_model_prefix).load_state_dict(classifier.network.encoder.state_dict(), strict=False)
    found = hugging_face_pipeline(  # type: ignore[call-overload]  # its types leave out top_k=None
        "text-classification", model=model.eval(), tokenizer=classifier.tokenizer, device="cpu", top_k=None
    )
    return cast(Callable[..., object], found)


def _contestants(
    ours: Sequence[Classifier],
    learned_from: Sequence[WrittenPassage],
    encoder_folder: Path,
) -> dict[str, tuple[str, Reader]]:
    """By name the precision and what reads texts; the last is the one that `framing classify` takes."""
    exact, chosen = ours[0], ours[-1]
    documented = documented_pipeline(exact, encoder_folder)
    frozen = scorers(learned_from, encoder_folder, exact.max_tokens)["frozen"]
    found: dict[str, tuple[str, Reader]] = {
        DOCUMENTED: ("fp32", lambda texts: documented(list(texts))),
        "Hugging Face pipeline, batch_size=16": ("fp32", lambda texts: documented(list(texts), batch_size=16)),
        "frozen encoder + logistic regression": (chosen.precision, frozen),
    }
    for classifier in ours:
        found[f"this classifier, {classifier.precision}"] = (classifier.precision, classifier.classify)
    return found


def linear_shapes(encoder: nn.Module) -> list[tuple[int, int]]:
    """Inputs and outputs of every linear map of the encoder's layers."""
    return [(m.in_features, m.out_features) for m in encoder.modules() if isinstance(m, nn.Linear)]


def _operations(encoder: nn.Module, tokens: int) -> int:
    """Multiplications and additions to read a passage: the linear maps, and attention between all pairs of tokens."""
    shapes = linear_shapes(encoder)
    width, layers = int(encoder.config.hidden_size), int(encoder.config.num_hidden_layers)  # type: ignore[union-attr,arg-type]
    return 2 * tokens * sum(inputs * outputs for inputs, outputs in shapes) + 4 * tokens**2 * width * layers


def _product_rate(encoder: nn.Module, precision: str) -> float:
    """Operations a second of the fastest matrix product at the encoder's shapes, in this precision."""
    return max(rate for shape in sorted(set(linear_shapes(encoder))) for rate in _rates(*shape, precision))


def _rates(inputs: int, outputs: int, precision: str) -> Iterator[float]:
    layer = nn.Linear(inputs, outputs).requires_grad_(False)
    rows = torch.randn(_LIMIT_ROWS, inputs)
    if precision == Precision.INT8:
        product = partial(Int8Linear(layer).product, to_bytes(rows)[0])
    else:
        dtype = torch.bfloat16 if precision == Precision.BF16 else torch.float32
        product = partial(layer.to(dtype), rows.to(dtype))
    product()
    for _ in range(5):
        start = time.perf_counter()
        product()
        yield 2 * _LIMIT_ROWS * inputs * outputs / (time.perf_counter() - start)


def copy_model(model_folder: Path, encoder_folder: Path, folder: Path) -> None:
    """The committed model below `folder`, where a command that runs there looks for it."""
    shutil.copytree(model_folder, folder / MODEL)
    (folder / ENCODER).parent.mkdir(parents=True, exist_ok=True)
    (folder / ENCODER).symlink_to(encoder_folder.resolve(), target_is_directory=True)
