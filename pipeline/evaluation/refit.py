"""Train the recipe once more in a scratch folder and score it: what the learning curve and the repeats rest on."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.corpus.corpora import CORPORA
from pipeline.evaluation.metrics import Figures, figures
from pipeline.model.calibrate import fit_calibrations, score_labelled
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
    labelled = score_labelled(classifier.scores, validation)
    calibrations = fit_calibrations(labelled, params.calibrate)
    found = {}
    for corpus in CORPORA:
        truth, probabilities, decided = [], [], []
        for own in (own for own in labelled if own.source == corpus):
            calibration = calibrations.for_author(own.byline)
            truth.append(own.labels.astype(bool))
            probabilities.append(calibration.probabilities(own.scores.logits))
            decided.append(calibration.decide(probabilities[-1]))
        if truth:
            found[corpus] = figures(*(np.concatenate(parts) for parts in (truth, probabilities, decided)))
    return found
