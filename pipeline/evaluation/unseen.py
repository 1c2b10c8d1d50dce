"""Figures on hand-labelled documents, each read with a calibration in which its authors had no say."""

from collections.abc import Sequence

import numpy as np

from pipeline.corpus.corpora import CORPORA
from pipeline.evaluation.metrics import Figures, figures
from pipeline.model.calibrate import fit_calibrations
from pipeline.model.scores import LabelledScores
from pipeline.params import CalibrateParams


def read_without_their_authors(labelled: Sequence[LabelledScores], params: CalibrateParams) -> dict[str, Figures]:
    """Figures on each corpus that has scores."""
    calibrations = fit_calibrations(labelled, params)
    found = {}
    for corpus in CORPORA:
        truth, probabilities, decided = [], [], []
        for own in (own for own in labelled if own.source == corpus):
            calibration = calibrations.for_author(own.byline)
            truth.append(own.labels.astype(bool))
            probabilities.append(calibration.probabilities(own.scores))
            decided.append(calibration.decide(probabilities[-1]))
        if truth:
            found[corpus] = figures(*(np.concatenate(parts) for parts in (truth, probabilities, decided)))
    return found
