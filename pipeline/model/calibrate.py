"""The calibrate stage: fit probabilities and thresholds on hand-labelled passages that trained nothing."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.corpus.corpora import CORPORA, TEXTS_OF_PEOPLE, check_offsets, load_corpus
from pipeline.errors import ModelError
from pipeline.labels.targets import targets
from pipeline.model.calibration import (
    Calibration,
    Calibrations,
    Scores,
    calibrate,
    load_calibrations,
    log_losses,
    save_calibrations,
)
from pipeline.model.classifier import load_uncalibrated
from pipeline.model.scores import LabelledScores, save_scores
from pipeline.model.store import CALIBRATION, MODEL, weights_checksum
from pipeline.params import CalibrateParams
from pipeline.records import WrittenPassage

WRITTEN = "validation"
# With fewer essays by others there is nothing to choose a weight by.
_FEWEST_ESSAYS = 2


def run_calibrate(validation: Sequence[WrittenPassage], params: CalibrateParams) -> list[str]:
    """Fit the calibrations of the trained classifier and put them beside its weights; return a line for each source.

    Where labelled essays are absent, a calibration that these weights already have stays: it may have seen them.
    """
    absent = [member.document.id for member in load_corpus("essays") if member.gold and not member.present]
    if absent and _has_calibration():
        return [f"kept as it stands: {', '.join(absent)} absent; add them with `framing essays add FILE...`"]
    classifier = load_uncalibrated(MODEL)
    labelled = score_labelled(classifier.scores, validation)
    calibrations = fit_calibrations(labelled, params)
    save_calibrations(MODEL / CALIBRATION, calibrations, classifier.checksum)
    save_scores(labelled, classifier.checksum)
    lines = [f"{source}: {count} passages" for source, count in calibrations.fitted_on.items()]
    if absent:
        lines.append(f"absent, so without a say: {', '.join(absent)}; add them with `framing essays add FILE...`")
    return lines


def forget_stale_calibration() -> None:
    """Remove a calibration in which essays that are present had no say, so that `dvc repro` makes it anew."""
    labelled = sum(len(member.gold) for member in load_corpus("essays") if member.present)
    if _has_calibration() and load_calibrations(MODEL / CALIBRATION)[0].fitted_on.get("essays", 0) < labelled:
        (MODEL / CALIBRATION).unlink()


def _has_calibration() -> bool:
    """Whether the trained weights have a calibration that was fitted for them."""
    try:
        return load_calibrations(MODEL / CALIBRATION)[1] == weights_checksum(MODEL)
    except ModelError:
        return False


def score_labelled(
    score: Callable[[Sequence[str]], Scores], validation: Sequence[WrittenPassage]
) -> list[LabelledScores]:
    """Score the validation split and every hand-labelled document whose text is present, those of people among them.

    Args:
        score: what makes scores of texts: a classifier's `scores`, or a baseline's.
    """
    found = [
        LabelledScores(
            WRITTEN,
            WRITTEN,
            WRITTEN,
            frozenset(),
            targets([passage.label for passage in validation]),
            score([passage.text for passage in validation]),
        )
    ]
    for corpus in (*CORPORA, TEXTS_OF_PEOPLE):
        for member in load_corpus(corpus):
            if member.gold and member.present:
                check_offsets(member.document, member.gold)
                texts = [member.document.text[gold.start : gold.end] for gold in member.gold]
                found.append(
                    LabelledScores(
                        corpus,
                        member.document.id,
                        member.document.byline,
                        frozenset(member.document.authors or (member.document.id,)),
                        targets([gold.label for gold in member.gold]),
                        score(texts),
                    )
                )
    return found


def fit_calibrations(labelled: Sequence[LabelledScores], params: CalibrateParams) -> Calibrations:
    """One calibration on everything, and one for each author, and by-line, without any text that they had a part in."""
    names = {own.byline: own.authors for own in labelled if own.source != WRITTEN}
    names |= {author: frozenset({author}) for authors in list(names.values()) for author in sorted(authors)}
    without = {
        name: _fit([other for other in labelled if not authors & other.authors], params)
        for name, authors in names.items()
    }
    fitted_on: dict[str, int] = {}
    for own in labelled:
        fitted_on[own.source] = fitted_on.get(own.source, 0) + len(own.labels)
    return Calibrations(_fit(labelled, params), without, fitted_on)


def _fit(labelled: Sequence[LabelledScores], params: CalibrateParams) -> Calibration:
    """A calibration on these passages; how much real text counts in it, the essays among them decide."""
    weights = params.real_weights
    essays = [own for own in labelled if own.source == "essays"]
    if len(essays) < _FEWEST_ESSAYS or len(weights) == 1:
        return _fit_weighted(labelled, params, weights[0])
    return _fit_weighted(
        labelled, params, min(weights, key=lambda weight: _loss_unseen(essays, labelled, params, weight))
    )


def _loss_unseen(
    essays: Sequence[LabelledScores], labelled: Sequence[LabelledScores], params: CalibrateParams, weight: float
) -> float:
    """Log loss on essays, each read with a calibration of this weight in which its authors had no say."""
    found = []
    for own in essays:
        others = [other for other in labelled if not own.authors & other.authors]
        calibration = _fit_weighted(others, params, weight)
        found.append(log_losses(calibration.probabilities(own.scores), own.labels))
    return float(np.concatenate(found).mean())


def _fit_weighted(labelled: Sequence[LabelledScores], params: CalibrateParams, weight: float) -> Calibration:
    scores = Scores(
        *(np.concatenate([getattr(own.scores, name) for own in labelled]) for name in ("logits", "naming", "distances"))
    )
    real = np.concatenate([np.full(len(own.labels), own.source != WRITTEN) for own in labelled])
    return calibrate(scores, np.concatenate([own.labels for own in labelled]), params, real, weight)
