"""The trained classifier: what training added, kept as safetensors with a readable config, and fast prediction."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from pipeline.errors import ModelError
from pipeline.frames import FRAMES, LABELS, Frame
from pipeline.model.calibration import Array, Calibration
from pipeline.model.encoder import PROVENANCE, WEIGHTS, file_sha256
from pipeline.model.network import FramingNetwork, load_encoder, pad, tokenize
from pipeline.params import TrainParams

MODEL = Path("models/framing")
ENCODER = Path("models/encoder")
_CONFIG = "config.json"
_HEAD = "head.safetensors"
_ADAPTER = "adapter_model.safetensors"
# Tokens in a batch, padding included: large enough to keep the processor busy, small enough for its caches.
_BATCH_TOKENS = 4096

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Prediction:
    """Calibrated probabilities in the order of `LABELS`, and what follows from them, most probable first."""

    probabilities: tuple[float, ...]
    frames: tuple[Frame, ...]
    contested: tuple[Frame, ...]


@dataclass(frozen=True)
class Classifier:
    """A trained classifier, ready to read passages."""

    network: FramingNetwork
    tokenizer: PreTrainedTokenizerBase
    max_tokens: int
    calibration: Calibration
    checksum: str
    precision: str

    def logits(self, texts: Sequence[str], progress: Progress = lambda done: None) -> npt.NDArray[np.float32]:
        """The network's raw scores.

        Args:
            progress: called with the number of passages read after each batch.

        Returns: shape (n_passages, 8).
        """
        rows = tokenize(self.tokenizer, list(texts), self.max_tokens) if texts else []
        pad_id = int(self.tokenizer.pad_token_id or 0)
        scores = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
        done = 0
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16"):
            for batch in _batches(rows):
                scores[batch] = self.network(*pad([rows[i] for i in batch], pad_id)).float().numpy()
                progress(done := done + len(batch))
        return scores

    def probabilities(self, texts: Sequence[str], progress: Progress = lambda done: None) -> Array:
        """Calibrated probabilities, shape (n_passages, 8), columns in the order of `LABELS`."""
        return self.calibration.probabilities(self.logits(texts, progress))

    def classify(self, texts: Sequence[str], progress: Progress = lambda done: None) -> list[Prediction]:
        """One prediction a passage. A text longer than `max_tokens` is read up to there: segment it first."""
        return predictions(self.probabilities(texts, progress), self.calibration)


def predictions(probabilities: Array, calibration: Calibration) -> list[Prediction]:
    """What follows from calibrated probabilities, shape (n_passages, 8)."""
    decided = calibration.decide(probabilities)
    found = []
    for row, holds in zip(probabilities, decided, strict=True):
        order = sorted(range(len(FRAMES)), key=lambda i: -row[i])
        found.append(
            Prediction(
                probabilities=tuple(round(float(p), 4) for p in row),
                frames=tuple(FRAMES[i] for i in order if holds[i]),
                contested=tuple(FRAMES[i] for i in order if holds[len(FRAMES) + i]),
            )
        )
    return found


def save_classifier(
    folder: Path, network: FramingNetwork, encoder_folder: Path, params: TrainParams, calibration: Calibration
) -> None:
    """Write what training added: adapters and head in half precision, and all that is needed to read them."""
    folder.mkdir(parents=True, exist_ok=True)
    network.encoder.save_pretrained(folder)  # type: ignore[operator]
    (folder / "README.md").unlink(missing_ok=True)
    _sort_targets(folder / "adapter_config.json")
    _halve(folder / _ADAPTER)
    save_file({k: v.half().contiguous() for k, v in network.head.state_dict().items()}, folder / _HEAD)
    _write_config(folder, encoder_folder, params, calibration)


def save_calibration(folder: Path, calibration: Calibration) -> None:
    """Put another calibration beside the weights."""
    config = _read_config(folder)
    config["calibration"] = {key: list(value) for key, value in asdict(calibration).items()}
    (folder / _CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def load_classifier(folder: Path = MODEL, encoder_folder: Path = ENCODER, precision: str = "auto") -> Classifier:
    """Load the trained classifier, its adapters merged into the encoder.

    Args:
        precision: `bf16`, `fp32`, or `auto`: bf16 where the processor multiplies it natively.

    Raises: ModelError if a part is absent, broken or made for another encoder.
    """
    config = _read_config(folder)
    _check_encoder(config, encoder_folder)
    if precision == "auto":
        precision = "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"
    try:
        adapted = PeftModel.from_pretrained(load_encoder(encoder_folder), str(folder))
        encoder: nn.Module = adapted.merge_and_unload()
        head = {name: value.float() for name, value in load_file(folder / _HEAD).items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{folder}: cannot be read: {error}; restore it with `git checkout {folder}`") from None
    network = FramingNetwork(encoder, head["weight"].shape[1], len(LABELS), scale=config["scale"], dropout=0.0)
    network.head.load_state_dict(head)
    if precision == "bf16":
        for module in network.encoder.modules():
            if isinstance(module, nn.Linear):
                module.to(torch.bfloat16)
    calibration = Calibration(**{key: tuple(value) for key, value in config["calibration"].items()})
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    return Classifier(network.eval(), tokenizer, config["max_tokens"], calibration, model_checksum(folder), precision)


def model_checksum(folder: Path = MODEL) -> str:
    """One sha256 for all that training made: config (with the encoder's checksum), adapters and head.

    Raises: ModelError if there is no trained model.
    """
    _read_config(folder)
    parts = [file_sha256(folder / name) for name in (_CONFIG, _ADAPTER, _HEAD)]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _batches(rows: list[list[int]]) -> list[list[int]]:
    """Passages of like length together, as many as `_BATCH_TOKENS` hold; the same batches for the same passages."""
    batches: list[list[int]] = []
    for i in sorted(range(len(rows)), key=lambda i: (len(rows[i]), i)):
        if batches and (len(batches[-1]) + 1) * len(rows[i]) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _sort_targets(path: Path) -> None:
    """The adapters' places in order: as a set they would stand in another order in every process."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _halve(path: Path) -> None:
    save_file({name: value.half().contiguous() for name, value in load_file(path).items()}, path)


def _write_config(folder: Path, encoder_folder: Path, params: TrainParams, calibration: Calibration) -> None:
    config = {
        "encoder": json.loads((encoder_folder / PROVENANCE).read_text(encoding="utf-8")),
        "labels": list(LABELS),
        "scale": params.scale,
        "max_tokens": params.max_tokens,
        "train": params.model_dump(),
        "calibration": {key: list(value) for key, value in asdict(calibration).items()},
    }
    (folder / _CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder}: no trained model; restore it with `git checkout {folder}` or train: `dvc repro train`"
        ) from None
    except json.JSONDecodeError as error:
        raise ModelError(
            f"{folder / _CONFIG}: not JSON: {error.msg}; restore it with `git checkout {folder}`"
        ) from None
    if config.get("labels") != list(LABELS):
        raise ModelError(
            f"{folder / _CONFIG}: labels {config.get('labels')} are not this version's; train anew: `dvc repro train`"
        )
    found: dict[str, Any] = config
    return found


def _check_encoder(config: dict[str, Any], encoder_folder: Path) -> None:
    try:
        provenance = json.loads((encoder_folder / PROVENANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{encoder_folder}: no encoder there; make it with `dvc repro encoder`") from None
    if provenance["sha256"] != config["encoder"]["sha256"]:
        raise ModelError(
            f"the model was trained on encoder {config['encoder']['name']} ({config['encoder']['sha256'][:12]}...), "
            f"but {encoder_folder / WEIGHTS} is {provenance['name']} ({provenance['sha256'][:12]}...); "
            "set encoder.name back, or train on this one: `dvc repro train`"
        )
