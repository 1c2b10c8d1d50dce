import numpy as np
import pytest

from pipeline.evaluation.coverage import by_method, compared_figures, error_difference, figures, plot_rows
from pipeline.evaluation.quantifiers import Quantifier
from pipeline.evaluation.replay import COUNTED, Labelled, Result, draw_blocks, replay
from pipeline.evaluation.simulation import WORLDS, Compared, simulate
from pipeline.params import CoverParams, ProfileParams
from pipeline.profile.correction import Rates
from pipeline.profile.estimate import partly_labelled_shares, wilson
from pipeline.profile.profiles import CORRECTED, HAND, ReadPassage
from pipeline.profile.resamples import resamples
from pipeline.resampling import cluster_resamples

PROFILE = ProfileParams(resamples=200)


def result(author: str, low: float, high: float, method: str = CORRECTED, value: float = 0.5) -> Result:
    return Result("essays", author, "present", "status", method, 0.5, value, low, high)


def labelled(name: str, share: float, seed: int, passages: int = 40) -> Labelled:
    """An author whom a good classifier reads."""
    rng = np.random.default_rng(seed)
    truth = rng.random(passages) < share
    seen = np.where(rng.random(passages) < 0.9, truth, ~truth)
    status, nothing = frozenset({"status"}), frozenset()
    read = tuple(
        ReadPassage(name, status if s else nothing, nothing, status if t else nothing, nothing, author=name)
        for s, t in zip(seen, truth, strict=True)
    )
    probabilities = np.full((passages, 4), 0.05)
    probabilities[:, 2] = np.where(seen, 0.9, 0.1)
    against = np.full((passages, 4), 0.01)
    return Labelled(name, "essays", read, {"present": probabilities, "advanced": probabilities, "contested": against})


def test_authors_count_alike_however_much_was_drawn_from_them() -> None:
    results = [result("A", 0.4, 0.6)] + [result("B", 0.6, 0.8)] * 9
    found = figures(results)
    assert (found["coverage"], found["authors"], found["intervals"]) == (0.5, 2, 10)
    assert found["coverage_interval"][0] < 0.2 and found["coverage_interval"][1] > 0.8


def test_a_coverage_of_all_is_not_certain() -> None:
    low, high = figures([result(str(n), 0.4, 0.6) for n in range(12)])["coverage_interval"]
    assert (low, high) == (pytest.approx(0.7575, abs=1e-3), 1.0)


def test_the_error_is_compared_on_the_same_draws_author_by_author() -> None:
    results = [result("A", 0, 1, CORRECTED, 0.6), result("A", 0, 1, COUNTED, 0.8)]
    results += [result("B", 0, 1, CORRECTED, 0.4), result("B", 0, 1, COUNTED, 0.4)]
    found = error_difference(results)
    assert found is not None and found["value"] == -0.1
    assert found["interval"] == [-0.2, 0.0]
    assert error_difference([]) is None


def test_a_replay_never_measures_errors_on_the_author_who_is_replayed() -> None:
    """The only author whom the classifier misreads has an interval that the others' good reading makes."""
    good = [labelled(name, 0.4, seed) for seed, name in enumerate("ABCD")]
    misread = labelled("E", 0.4, 9)
    wrong = tuple(
        ReadPassage("E", frozenset({"status"}), frozenset(), p.labelled, frozenset(), author="E")
        for p in misread.passages
    )
    bad = Labelled("E", "essays", wrong, misread.probabilities)
    found = replay([*good, bad], [*good, bad], PROFILE, CoverParams(draws=4, quantifier_resamples=10))
    own = [r for r in found if r.author == "E" and r.method == CORRECTED and r.part == "present"]
    assert own and not any(r.holds for r in own)
    assert {r.frame for r in found} == {"status"}  # of the others nobody knows how they are read
    held = [r.holds for r in found if r.author != "E" and r.method == HAND]
    assert np.mean(held) > 0.8


def test_a_replay_gives_the_same_results_again() -> None:
    authors = [labelled(name, 0.4, seed) for seed, name in enumerate("ABCD")]
    cover = CoverParams(draws=2, quantifier_resamples=10)
    assert replay(authors, authors, PROFILE, cover) == replay(authors, authors, PROFILE, cover)


def test_draws_are_blocks_of_neighbours_and_half_of_the_text_but_enough_for_a_profile() -> None:
    rows = draw_blocks(["a"] * 40 + ["b"] * 10, PROFILE, np.random.default_rng(0))
    assert 25 <= len(rows) < 29
    starts = rows[::4][rows[::4] < 40]
    assert all(start % 4 == 0 for start in starts)
    assert len(draw_blocks(["a"] * 9, PROFILE, np.random.default_rng(0))) >= PROFILE.min_passages


def test_intervals_hold_the_truth_in_every_simulated_world_and_counting_does_not() -> None:
    simulated = list(simulate(PROFILE, CoverParams(worlds=60)))
    for world in WORLDS:
        found = by_method([r for own, _ in simulated for r in own if r.corpus == world])
        assert found[HAND]["coverage"] >= 0.92, world
        assert found[CORRECTED]["coverage"] >= 0.92, world
        assert found[CORRECTED]["error"] <= found[COUNTED]["error"] + 0.002, world
        assert found[COUNTED]["coverage"] < 0.9, world
    compared = compared_figures([c for _, pairs in simulated for c in pairs])
    assert compared["difference_coverage"] >= 0.92 and compared["distance_coverage"] >= 0.92
    assert compared["false_alarms"] <= 0.06


def test_figures_of_comparisons_are_shares_of_pairs() -> None:
    pairs = [Compared("graded", True, 1.0, True, False), Compared("graded", False, 0.5, False, True)]
    found = compared_figures(pairs)
    assert (found["difference_coverage"], found["distance_coverage"], found["false_alarms"]) == (0.75, 0.5, 0.0)
    assert (found["found"], found["distance_coverage_apart"]) == (1.0, 0.0)


def test_the_plot_has_a_row_for_each_method_in_each_cell() -> None:
    known = by_method([result("A", 0, 1), result("A", 0, 1, COUNTED)])
    rows = plot_rows({"replay": {"all": {"present": {"all": known, "status": known}}}, "simulation": {"graded": known}})
    assert [(row["what"], row["method"]) for row in rows] == [
        (what, method) for what in ("present, status", "simulated, graded") for method in (CORRECTED, COUNTED)
    ]


def test_quapys_estimators_are_given_the_probabilities_as_they_are() -> None:
    """PACC by hand: (mean - mean of the negatives) / (mean of the positives - mean of the negatives)."""
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.3
    probabilities = np.clip(0.2 + 0.5 * truth + rng.normal(0, 0.1, 300), 0.01, 0.99)
    sample = probabilities[:60]
    low, high = probabilities[~truth].mean(), probabilities[truth].mean()
    pacc = Quantifier("PACC", probabilities, truth)
    assert pacc.share(sample) == pytest.approx((sample.mean() - low) / (high - low))
    assert 0 <= Quantifier("EMQ", probabilities, truth).share(sample) <= 1
    first = pacc.interval(sample, 0.95, 50, seed=3)
    assert first == pacc.interval(sample, 0.95, 50, seed=3)
    assert first[0] < pacc.share(sample) < first[1]


def test_rogan_and_gladens_correction_is_quapys_adjusted_count() -> None:
    from quapy.method.aggregative import ACC

    rng = np.random.default_rng(1)
    truth = rng.random(400) < 0.4
    decided = np.where(rng.random(400) < 0.8, truth, ~truth)
    hits, alarms = decided[truth].mean(), decided[~truth].mean()
    ours = Rates(np.array([hits]), np.array([alarms])).correct(np.array([0.45]))
    rates = np.array([[1 - alarms, 1 - hits], [alarms, hits]])
    theirs = ACC.solve_adjustment(rates, np.array([0.55, 0.45]), solver="exact-raise", method="inversion")
    assert ours == pytest.approx([theirs[1]])


def test_partly_labelled_text_is_estimated_as_prediction_powered_inference_does() -> None:
    ppi = pytest.importorskip("ppi_py", reason="the oracle is not installed: pip install ppi-python")
    rng = np.random.default_rng(2)
    truth = rng.random(300) < 0.35
    decided = np.where(rng.random(300) < 0.8, truth, ~truth)
    known = np.arange(300) < 80
    own, own_others = (resamples([str(n) for n in range(count)], 3000, 1, rng) for count in (80, 220))
    parts = (truth[known, None], decided[known, None], decided[~known, None])
    found = partly_labelled_shares(*parts, own, own_others, 0.95).at(0)
    y, read, others = (v.astype(float) for v in (truth[known], decided[known], decided[~known]))
    assert found.value == pytest.approx(float(ppi.ppi_mean_pointestimate(y, read, others, lam=None)[0]), abs=1e-3)
    low, high = (float(end[0]) for end in ppi.ppi_mean_ci(y, read, others, alpha=0.05))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_wilsons_interval_is_scipys() -> None:
    from scipy.stats import binomtest

    expected = binomtest(7, 20).proportion_ci(0.95, method="wilson")
    assert [float(end) for end in wilson(np.array(0.35), 20, 0.95)] == pytest.approx([expected.low, expected.high])


def test_resamples_are_those_of_the_bootstrap_over_documents_and_blocks() -> None:
    """Mean and spread of shares are as when each sample is drawn passage by passage."""
    documents = ["a"] * 10 + ["b"] * 5 + ["c"] * 3
    flags = np.arange(18)[:, None] % 3 == 0
    fast = resamples(documents, 4000, 4, np.random.default_rng(0)).shares(flags)[:, 0]
    slow = [flags[rows].mean() for rows in cluster_resamples(documents, 4000, 4, np.random.default_rng(1))]
    assert fast.mean() == pytest.approx(np.mean(slow), abs=0.01)
    assert fast.std() == pytest.approx(np.std(slow), rel=0.06)
