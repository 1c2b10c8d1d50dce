"""Train the recipe once more in a scratch folder and score it: what the learning curve and the repeats rest on."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.evaluation.metrics import Figures
from pipeline.evaluation.unseen import read_without_their_authors
from pipeline.model.calibrate import score_labelled
from pipeline.model.classifier import load_uncalibrated
from pipeline.model.store import ENCODER
from pipeline.model.train import fit
from pipeline.params import Params
from pipeline.records import WrittenPassage


def refit(
    passages: Sequence[WrittenPassage],
    validation: Sequence[WrittenPassage],
    params: Params,
    encoder_folder: Path = ENCODER,
) -> dict[str, Figures]:
    """Figures on each corpus, its documents read with calibrations in which their authors had no say."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "framing"
        fit(passages, (), params.train, folder, encoder_folder=encoder_folder)
        classifier = load_uncalibrated(folder, encoder_folder)
    return read_without_their_authors(score_labelled(classifier.scores, validation), params.calibrate)
