"""The train stage: fine-tune on the train split, calibrate on the validation split, keep what training added."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dvclive.live import Live

from pipeline.labels.targets import targets
from pipeline.model.calibration import Calibration, calibrate
from pipeline.model.classifier import ENCODER, MODEL, load_classifier, save_calibration, save_classifier
from pipeline.model.training import Log, train
from pipeline.params import TrainParams
from pipeline.records import WrittenPassage

LOG = Path("reports/training")
_UNCALIBRATED = Calibration((1.0,) * 8, (0.0,) * 8, (0.5,) * 8)
_LOGGED = {"loss": "train/loss", "eval_loss": "validation/loss"}


def train_classifier(
    passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: TrainParams
) -> None:
    """Fit the classifier into models/framing; the losses go to reports/training as they come."""
    with Live(str(LOG), report=None, dvcyaml=None, save_dvc_exp=False) as live:

        def log(values: dict[str, float]) -> None:
            for name, metric in _LOGGED.items():
                if name in values:
                    live.step = int(values["step"])
                    live.log_metric(metric, round(values[name], 6))

        fit(passages, validation, params, MODEL, log)


def fit(
    passages: Sequence[WrittenPassage],
    validation: Sequence[WrittenPassage],
    params: TrainParams,
    folder: Path,
    log: Log | None = None,
) -> None:
    """Train, calibrate and save a classifier into `folder`, whole or not at all.

    The validation loss is followed only where it is logged.
    """
    with tempfile.TemporaryDirectory() as scratch:
        if log is None:
            network, _ = train(passages, (), ENCODER, params, Path(scratch))
        else:
            network, _ = train(passages, validation, ENCODER, params, Path(scratch), log)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".trained-") as beside:
        fresh = Path(beside) / folder.name
        save_classifier(fresh, network, ENCODER, params, _UNCALIBRATED)
        # Calibrated as it will be used: loaded from disk, adapters merged, in this machine's fastest precision.
        logits = load_classifier(fresh).logits([passage.text for passage in validation])
        save_calibration(fresh, calibrate(logits, targets([passage.label for passage in validation])))
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
