"""Where the trained part lies and what it is: paths, config and checksums, asked without loading any weights."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.frames import LABELS
from pipeline.model.encoder import PROVENANCE, WEIGHTS, file_sha256

MODEL = Path("models/framing")
ENCODER = Path("models/encoder")
CONFIG = "config.json"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER = "adapter_model.safetensors"
HEAD = "head.safetensors"
FAMILIARITY = "familiarity.safetensors"
CALIBRATION = "calibration.json"


def read_config(folder: Path) -> dict[str, Any]:
    """The config of the trained part.

    Raises: ModelError if there is none, or if it was made for other labels.
    """
    config = read_json(folder / CONFIG)
    if config.get("labels") != list(LABELS):
        raise ModelError(
            f"{folder / CONFIG}: labels {config.get('labels')} are not this version's; train anew: `dvc repro train`"
        )
    return config


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file of the trained part.

    Raises: ModelError if it is absent or broken.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{path}: no trained model there; restore it with `git checkout {path.parent}`, or train: `dvc repro train`"
        ) from None
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}: not JSON: {error.msg}; restore it with `git checkout {path.parent}`") from None
    return found


def weights_checksum(folder: Path = MODEL) -> str:
    """One sha256 for what training made: config (with the encoder's checksum), adapters, head, familiarity.

    Raises: ModelError if a part is absent.
    """
    read_config(folder)
    return _joint(folder, (CONFIG, ADAPTER_CONFIG, ADAPTER, HEAD, FAMILIARITY))


def model_checksum(folder: Path = MODEL) -> str:
    """One sha256 for all that decides a reading: what training made, and the calibration.

    Raises: ModelError if a part is absent.
    """
    return hashlib.sha256((weights_checksum(folder) + _joint(folder, (CALIBRATION,))).encode()).hexdigest()


def check_encoder(config: dict[str, Any], encoder_folder: Path) -> None:
    """Refuse an encoder on which the trained part was not trained.

    Raises: ModelError with what was wanted and what is there.
    """
    try:
        provenance = json.loads((encoder_folder / PROVENANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{encoder_folder}: no encoder there; make it with `dvc repro encoder`") from None
    if provenance["sha256"] != config["encoder"]["sha256"]:
        raise ModelError(
            f"the model was trained on encoder {config['encoder']['name']} ({config['encoder']['sha256'][:12]}...), "
            f"but {encoder_folder / WEIGHTS} is {provenance['name']} ({provenance['sha256'][:12]}...); "
            "set train.encoder back, or train on this one: `dvc repro train`"
        )


def _joint(folder: Path, names: tuple[str, ...]) -> str:
    try:
        parts = [file_sha256(folder / name) for name in names]
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename}: absent; restore it with `git checkout {folder}`") from None
    return hashlib.sha256("".join(parts).encode()).hexdigest()
