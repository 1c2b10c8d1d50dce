"""The train stage: fine-tune on the train split and keep what training added."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dvclive.live import Live

from pipeline.model.store import ENCODER, MODEL
from pipeline.model.trained import save_trained
from pipeline.model.training import Log, train
from pipeline.params import TrainParams
from pipeline.records import WrittenPassage

LOG = Path("reports/training")
_LOGGED = {"loss": "train/loss", "eval_loss": "validation/loss"}


def run_train(passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: TrainParams) -> None:
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
    log: Log = lambda values: None,
    encoder_folder: Path = ENCODER,
) -> None:
    """Train and save a classifier into `folder`, whole or not at all; other files there stay.

    Args:
        validation: passages whose loss is logged after every epoch; may be none.
    """
    with tempfile.TemporaryDirectory() as scratch:
        trained = train(passages, validation, encoder_folder, params, Path(scratch), log)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".trained-") as beside:
        save_trained(Path(beside), trained, encoder_folder, params)
        for file in Path(beside).iterdir():
            shutil.move(file, folder / file.name)
