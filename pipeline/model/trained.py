"""What a training run gives, and how it is kept: safetensors in half precision with a readable config."""

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerBase

from pipeline.frames import LABELS
from pipeline.model.encoder import PROVENANCE
from pipeline.model.familiarity import Familiarity
from pipeline.model.network import FramingNetwork
from pipeline.model.store import ADAPTER, ADAPTER_CONFIG, CONFIG, FAMILIARITY, HEAD
from pipeline.params import TrainParams


@dataclass(frozen=True)
class Trained:
    """What a training run gives."""

    network: FramingNetwork
    tokenizer: PreTrainedTokenizerBase
    familiarity: Familiarity


def save_trained(folder: Path, trained: Trained, encoder_folder: Path, params: TrainParams) -> None:
    """Write what training added: adapters and head in half precision, and all that is needed to read them."""
    folder.mkdir(parents=True, exist_ok=True)
    trained.network.encoder.save_pretrained(folder)  # type: ignore[operator]
    (folder / "README.md").unlink(missing_ok=True)
    _sort_targets(folder / ADAPTER_CONFIG)
    _halve(folder / ADAPTER)
    save_file({k: v.half().contiguous() for k, v in trained.network.head.state_dict().items()}, folder / HEAD)
    trained.familiarity.save(folder / FAMILIARITY)
    config = {
        "encoder": json.loads((encoder_folder / PROVENANCE).read_text(encoding="utf-8")),
        "labels": list(LABELS),
        "train": params.model_dump(),
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _sort_targets(path: Path) -> None:
    """The adapters' places in order: as a set they would stand in another order in every process."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config["target_modules"] = sorted(config["target_modules"])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _halve(path: Path) -> None:
    save_file({name: value.half().contiguous() for name, value in load_file(path).items()}, path)
