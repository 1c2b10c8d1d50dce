"""What stands in the metrics beside a figure: what is advanced, intervals, counts, tiers and when they are unsure."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from pipeline.evaluation.advanced import ADVANCED, MEASURED
from pipeline.evaluation.evaluate import Scored, drop_of, evaluate
from pipeline.evaluation.intervals import percentiles
from pipeline.evaluation.metrics import f1_scores, figures, macro_f1, micro_f1
from pipeline.evaluation.tiers import RULE, known_tiers, tiers, unsure
from pipeline.frames import FRAMES, LABELS
from pipeline.params import EvaluateParams

PARAMS = EvaluateParams(resamples=300)
RNG = np.random.default_rng(0)


def flags(*passages: str) -> np.ndarray:
    """Labels of passages, each named by its labels with spaces between them."""
    return np.array([[label in passage.split() for label in LABELS] for passage in passages])


def scored(truth: np.ndarray, decided: np.ndarray, uncertain: np.ndarray | None = None, each: int = 4) -> Scored:
    """Passages in documents of `each`, a document an author."""
    count = len(truth)
    return Scored(
        documents=tuple(f"d{i // each}" for i in range(count)),
        passages=tuple(i % each + 1 for i in range(count)),
        authors=tuple(f"a{i // each}" for i in range(count)),
        words=(100,) * count,
        truth=truth,
        probabilities=np.where(decided, 0.9, 0.1),
        decided=decided,
        uncertain=np.zeros_like(truth) if uncertain is None else uncertain,
        unfamiliar=np.zeros(count, bool),
        annotations=((),) * count,
    )


def read(count: int, right: float = 0.85) -> Scored:
    """Passages on which decisions agree with labels at a rate."""
    truth = RNG.random((count, len(LABELS))) < 0.4
    return scored(truth, np.where(RNG.random(truth.shape) < right, truth, ~truth))


def test_what_is_advanced_is_present_and_not_contested_on_both_sides() -> None:
    truth = flags("realist", "realist contested-realist", "realist", "status", "", "realist contested-realist")
    decided = flags(
        "realist", "realist", "realist contested-realist", "status realist", "", "contested-realist realist"
    )
    found = figures(truth, np.zeros(truth.shape), decided)["labels"]
    # Advanced by the labels: passages 1 and 3; by the decisions: 1, 2 and 4.
    assert found["advanced-realist"] == {
        "support": 2, "precision": 0.3333, "recall": 0.5, "f1": 0.4,
        "pr_auc": None, "roc_auc": None, "calibration_error": None,
    }  # fmt: skip
    assert found["realist"]["f1"] == pytest.approx(2 * 4 / 9, abs=1e-4)
    assert found["advanced-status"]["f1"] == 1.0
    assert list(found) == list(MEASURED)


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_f1_is_what_scikit_learn_says_where_the_label_is_given(n: int, seed: int) -> None:
    """Ours is for the thousands of resamples, in which scikit-learn's takes many times as long."""
    truth, decided = (np.random.default_rng([seed, i]).random((n, len(LABELS))) < 0.3 for i in range(2))
    theirs = f1_score(truth, decided, average=None, zero_division=0)
    assert f1_scores(truth, decided) == pytest.approx(np.where(truth.any(0), theirs, np.nan), nan_ok=True)
    over_frames = f1_score(truth[:, : len(FRAMES)], decided[:, : len(FRAMES)], average="micro", zero_division=0)
    assert micro_f1(truth, decided) == pytest.approx(over_frames, abs=1e-4)


def test_a_label_that_no_passage_has_has_no_f1_and_none_of_it_weighs_on_the_mean() -> None:
    truth = flags("realist", "realist", "status", "")
    decided = flags("realist", "memory-politics", "status", "")
    found = figures(truth, np.full(truth.shape, 0.3), decided)
    for label in ("memory-politics", "identity", "contested-status", "advanced-identity"):
        own = found["labels"][label]
        assert (own["support"], own["precision"], own["recall"], own["f1"]) == (0, None, None, None)
    assert found["macro_f1"] == macro_f1(truth, decided) == pytest.approx((2 / 3 + 1) / 2, abs=1e-4)
    assert tiers(found)["memory-politics"] == "exploratory"
    nothing = np.zeros((3, len(LABELS)), bool)
    assert (macro_f1(nothing, nothing), figures(nothing, nothing * 1.0, nothing)["micro_f1"]) == (0.0, 0.0)


def test_every_figure_over_the_frames_and_every_f1_stands_in_its_interval() -> None:
    found = evaluate(read(80), {}, PARAMS)
    shown = [(found[name], found[f"{name}_interval"]) for name in ("micro_f1", "macro_f1", "exact_match")]
    shown += [(own["f1"], own["f1_interval"]) for own in found["labels"].values()]
    assert len(shown) == 3 + len(MEASURED)
    for value, (low, high) in shown:
        assert 0 <= low <= value <= high <= 1 and low < high


def test_more_documents_tell_an_f1_more_narrowly() -> None:
    widths = []
    for count in (40, 800):
        low, high = evaluate(read(count), {}, PARAMS)["labels"]["advanced-realist"]["f1_interval"]
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_an_f1_of_a_label_in_one_document_or_without_any_error_has_no_interval() -> None:
    truth = flags(*["identity realist"] * 7, "identity contested-identity realist")
    decided = flags(*["identity realist"] * 6, "identity", "identity contested-identity realist")
    found = evaluate(scored(truth, decided), {}, PARAMS)["labels"]
    assert found["contested-identity"]["f1"] == 1.0 and found["contested-identity"]["f1_interval"] is None
    assert found["identity"]["f1"] == 1.0 and found["identity"]["f1_interval"] is None
    assert found["realist"]["f1_interval"]
    assert found["status"]["f1_interval"] is None


def test_resamples_without_a_value_are_left_out_while_they_are_too_few_to_move_an_end() -> None:
    drawn = np.linspace(0.4, 0.8, 1000)
    told = percentiles(0.6, drawn, 0.95)
    drawn[:20] = np.nan
    assert told and percentiles(0.6, drawn, 0.95) == pytest.approx(told, abs=0.01)
    drawn[:60] = np.nan
    assert percentiles(0.6, drawn, 0.95) is None
    assert percentiles(float("nan"), np.ones(10), 0.95) is None
    assert percentiles(0.9, np.full(10, 0.5), 0.95) == [0.5, 0.9]


def test_certain_decisions_that_are_right_are_counted() -> None:
    truth = flags("realist", "realist", "realist", "", "realist", "")
    decided = flags("realist", "realist", "", "realist", "realist", "")
    uncertain = flags("", "realist", "", "", "", "")
    found = evaluate(scored(truth, decided, uncertain, each=2), {}, PARAMS)["labels"]
    own = found["realist"]
    assert (own["certain_for_right_count"], own["certain_for_count"]) == (2, 3)
    assert own["certain_for_right"] == pytest.approx(2 / 3, abs=1e-4)
    assert (own["certain_against_right_count"], own["certain_against_count"]) == (1, 2)
    assert (found["status"]["certain_for_right"], found["status"]["certain_for_count"]) == (None, 0)
    assert set(found["advanced-realist"]) == set(own) and found["advanced-realist"]["certain_for_count"] is None


def test_a_drop_is_paired_with_what_was_decided_before() -> None:
    before = read(60)
    assert drop_of(before, before.decided, PARAMS) == (0.0, [0.0, 0.0])
    worse = np.where(RNG.random(before.truth.shape) < 0.3, ~before.decided, before.decided)
    drop, (low, high) = drop_of(before, worse, PARAMS)
    assert low < drop < high and drop > 0


def label(**changes: Any) -> dict[str, Any]:
    return {"support": 40, "f1": 0.8, "calibration_error": 0.05, "f1_interval": [0.76, 0.84]} | changes


def test_tiers_go_by_the_figure_and_say_where_its_interval_reaches_below_the_bound() -> None:
    own = {
        "realist": label(f1_interval=[RULE["solid"]["f1"] - 0.01, 0.9]),
        "identity": label(),
        "status": label(f1=0.6, f1_interval=[0.56, 0.64]),
        "memory-politics": label(f1_interval=None),
        "contested-realist": label(support=10, f1_interval=[0.1, 0.9]),
        "advanced-realist": label(f1=0.59, f1_interval=[0.4, 0.7], calibration_error=None),
        "advanced-identity": label(calibration_error=None),
    }
    nobody = {"support": 0, "f1": None, "calibration_error": 0.0, "f1_interval": None}
    found = {"labels": {name: own.get(name, nobody) for name in MEASURED}}
    given = tiers(found)
    assert [given[frame] for frame in FRAMES] == ["solid", "solid", "usable", "solid"]
    assert (given["contested-realist"], given["contested-status"]) == ("exploratory", "exploratory")
    assert (given["advanced-realist"], given["advanced-identity"]) == ("usable", "solid")
    assert unsure(found) == ["realist", "memory-politics", "advanced-realist"]
    assert known_tiers({"tiers": given}) == given
    assert set(known_tiers({}).values()) == {"exploratory"} and set(ADVANCED) <= set(known_tiers({}))
