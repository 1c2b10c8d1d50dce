"""How much real text counts in a calibration, and that nobody has a say in how he or she is read."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.model.calibrate import fit_calibrations
from pipeline.model.calibration import bare, calibrate
from pipeline.model.scores import LabelledScores
from pipeline.params import CalibrateParams

RNG = np.random.default_rng(0)


def labelled(source: str, author: str, shift: float, count: int = 80) -> LabelledScores:
    """Passages whose labels follow the logits, but for a shift."""
    logits = RNG.normal(0, 2, (count, 8))
    labels = (RNG.random((count, 8)) < 1 / (1 + np.exp(-(logits + shift)))).astype(np.float32)
    return LabelledScores(source, author, author, frozenset({author}), labels, bare(logits))


def test_a_passage_that_counts_twice_is_as_good_as_two() -> None:
    own = labelled("essays", "Ann", 1.0)
    real = np.arange(80) < 30
    twice = np.concatenate([np.arange(80), np.flatnonzero(real)])
    weighted = calibrate(own.scores, own.labels, CalibrateParams(), real, 2.0)
    doubled = calibrate(own.scores.rows(twice.tolist()), own.labels[twice], CalibrateParams())
    assert weighted.intercept == pytest.approx(doubled.intercept, abs=1e-3)
    assert weighted.slope == pytest.approx(doubled.slope, abs=1e-3)
    assert weighted.threshold == pytest.approx(doubled.threshold, abs=0.011)


@pytest.mark.parametrize(("shift_of_written", "weight"), [(-3.0, 8.0), (1.5, 1.0)])
def test_real_text_counts_as_much_as_reads_unseen_essays_best(shift_of_written: float, weight: float) -> None:
    written = labelled("validation", "validation", shift_of_written, 240)
    # Where the written passages are of another kind than the essays the latter must count; where they are of the
    # same kind, and the few essays of each other author are not, they must not.
    others = [1.5, 1.5, 1.5] if shift_of_written < 0 else [1.5, 4.0, -1.0]
    essays = [labelled("essays", name, shift, 40) for name, shift in zip("ABC", others, strict=True)]
    assert fit_calibrations([written, *essays], CalibrateParams()).anybody.real_weight == weight


def test_the_author_who_is_read_has_no_say_in_the_weight_either() -> None:
    scored = [labelled("validation", "validation", 0.0), *(labelled("essays", name, 1.0, 40) for name in "ABC")]
    turned = [replace(own, labels=1 - own.labels) if own.byline == "A" else own for own in scored]
    params = CalibrateParams()
    assert fit_calibrations(scored, params).without["A"] == fit_calibrations(turned, params).without["A"]


def test_without_essays_to_choose_by_the_first_weight_stands() -> None:
    scored = [labelled("validation", "validation", 0.0), labelled("op-eds", "A", 1.0), labelled("essays", "B", 1.0)]
    assert fit_calibrations(scored, CalibrateParams()).anybody.real_weight == 1.0


def test_calibrations_stand_in_the_order_of_names_whatever_the_order_of_sets() -> None:
    """Else the same fit is written in another order by another process, and everything after it is computed anew."""
    authors = ("Dov", "Ann", "Cid", "Bea", "Eve", "Fay")
    together = replace(labelled("essays", " and ".join(authors), 1.0), authors=frozenset(authors))
    found = fit_calibrations([labelled("validation", "validation", 0.0), together], CalibrateParams())
    assert list(found.without) == [together.byline, *sorted(authors)]
