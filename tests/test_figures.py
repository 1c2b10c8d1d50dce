from dataclasses import replace

import numpy as np

from pipeline.evaluation.metrics import expected_calibration_error, figures
from pipeline.evaluation.tiers import tier
from pipeline.frames import LABELS
from pipeline.model.calibration import bare, calibrate
from pipeline.model.prediction import predictions
from pipeline.params import CalibrateParams
from pipeline.resampling import cluster_resamples

RNG = np.random.default_rng(0)


def test_a_perfect_classifier_scores_one_and_a_blind_one_nothing() -> None:
    truth = RNG.random((50, 8)) < 0.3
    perfect = figures(truth, truth.astype(float), truth)
    assert (perfect["micro_f1"], perfect["exact_match"]) == (1.0, 1.0)
    assert perfect["labels"]["status"]["roc_auc"] == 1.0
    assert figures(truth, np.zeros((50, 8)), np.zeros((50, 8), bool))["micro_f1"] == 0.0


def test_a_figure_that_the_labels_do_not_allow_is_none() -> None:
    truth = np.zeros((10, 8), bool)
    assert figures(truth, np.full((10, 8), 0.3), truth)["labels"]["identity"]["roc_auc"] is None


def test_calibration_error_of_honest_probabilities_is_small_and_of_boasts_large() -> None:
    probability = RNG.random(20_000)
    truth = RNG.random(20_000) < probability
    assert expected_calibration_error(truth, probability) < 0.02
    assert expected_calibration_error(truth, np.where(probability > 0.5, 0.99, 0.01)) > 0.2


def test_calibration_undoes_a_shift_and_a_stretch() -> None:
    logits = RNG.normal(0, 2, (3000, 8))
    truth = (RNG.random((3000, 8)) < 1 / (1 + np.exp(-(logits - 1)))).astype(int)
    calibration = calibrate(bare(3 * logits), truth, CalibrateParams())
    assert np.allclose(calibration.slope, 1 / 3, atol=0.05)
    assert np.allclose(calibration.intercept, -1, atol=0.2)


def test_calibration_learns_what_plain_naming_is_worth() -> None:
    logits, naming = RNG.normal(0, 2, (4000, 8)), np.log1p(RNG.integers(0, 4, (4000, 8)))
    truth = (RNG.random((4000, 8)) < 1 / (1 + np.exp(-(logits + 2 * naming - 1)))).astype(int)
    calibration = calibrate(replace(bare(logits), naming=naming), truth, CalibrateParams())
    assert np.allclose(calibration.worth, 2, atol=0.3)
    assert np.allclose(calibration.slope, 1, atol=0.15)


def test_naming_never_speaks_against_a_label() -> None:
    logits, naming = RNG.normal(0, 2, (2000, 8)), np.log1p(RNG.integers(0, 4, (2000, 8)))
    truth = (RNG.random((2000, 8)) < 1 / (1 + np.exp(-(logits - naming)))).astype(int)
    calibration = calibrate(replace(bare(logits), naming=naming), truth, CalibrateParams())
    assert calibration.worth == (0.0,) * 8


def test_decisions_that_are_not_called_uncertain_are_right_at_the_stated_rate() -> None:
    logits = RNG.normal(0, 2, (4000, 8))
    truth = RNG.random((4000, 8)) < 1 / (1 + np.exp(-logits))
    fitted = calibrate(bare(logits[:2000]), truth[:2000].astype(int), CalibrateParams(sure=0.8))
    probabilities = fitted.probabilities(bare(logits[2000:]))
    right = fitted.decide(probabilities)[:, :4] == truth[2000:, :4]
    certain, sure_of = ~fitted.doubt(probabilities)[:, :4], np.maximum(probabilities, 1 - probabilities)[:, :4]
    # Not only over all of them, but also of those that are barely certain.
    assert right[certain & (sure_of < 0.85)].mean() > 0.77
    assert right[~certain].mean() < 0.77
    assert 0.3 < certain.mean() < 0.9


def test_a_frame_that_is_contested_is_present() -> None:
    logits = RNG.normal(0, 2, (200, 8))
    calibration = calibrate(bare(logits), (RNG.random((200, 8)) < 0.4).astype(int), CalibrateParams())
    for found in predictions(calibration.probabilities(bare(logits)), calibration):
        assert set(found.contested) <= set(found.frames)
        order = [found.probabilities[LABELS.index(frame)] for frame in found.frames]
        assert order == sorted(order, reverse=True)


def test_resamples_keep_neighbouring_passages_of_a_document_together() -> None:
    documents = ["a"] * 8 + ["b"] * 4
    for rows in cluster_resamples(documents, 20, 4, np.random.default_rng(0)):
        for block in rows.reshape(-1, 4):
            assert list(block) == list(range(block[0], block[0] + 4))


def test_tiers_fall_with_support_and_f1() -> None:
    good = {"support": 40, "f1": 0.8, "calibration_error": 0.05}
    assert tier(good) == "solid"
    assert tier({**good, "support": 20}) == "usable"
    assert tier({**good, "f1": 0.3}) == "exploratory"
