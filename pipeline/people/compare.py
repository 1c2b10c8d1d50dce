"""What changed between two states of the project: figures, profiles, single passages, with intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.metrics import interval, macro_f1, micro_f1
from pipeline.frames import LABELS
from pipeline.labels.targets import targets
from pipeline.params import EvaluateParams
from pipeline.people.snapshot import Place, Snapshot
from pipeline.profile.profiles import HAND
from pipeline.records import Label
from pipeline.resampling import cluster_resamples

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Figure:
    """A figure in both states, each on its own labels, with intervals; and the first's on the labels of the second.

    `difference` is that of the last two, paired, with its interval: what the classifier gained, labels alike.
    """

    corpus: str
    what: str
    passages: int
    first: float
    first_interval: tuple[float, float]
    second: float
    second_interval: tuple[float, float]
    first_on_new_labels: float
    first_on_new_interval: tuple[float, float]
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class ShareChange:
    """A bar of a profile in both states, with its intervals, and the difference of what it counts, paired.

    The difference is of reference labels where both profiles rest on them, else of the classifier's plain counts:
    of the passages that were familiar to it in each state.
    """

    corpus: str
    author: str
    label: str
    first: str
    second: str
    counted: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class PassageChange:
    """A passage whose label or reading is another now; the labels are None where nobody labelled it."""

    place: Place
    labels: tuple[Label | None, Label | None]
    readings: tuple[Label, Label]


def changed_figures(first: Snapshot, second: Snapshot, params: EvaluateParams) -> list[Figure]:
    """Micro and macro F1 over the frames and F1 per label, on the passages that both states hold labels of.

    A label that the labels of either state give to none of them has no figure.
    """
    rows = []
    for corpus in second.corpora:
        places = [p for p in second.places(corpus) if p in first.readings and p in first.labels and p in second.labels]
        if not places:
            continue
        truth = [targets([state.labels[p] for p in places]).astype(bool) for state in (first, second)]
        decided = [targets([state.readings[p] for p in places]).astype(bool) for state in (first, second)]
        resamples = _resamples(places, params)
        unheard = {f"F1 {LABELS[i]}" for i in np.flatnonzero(~np.any(truth, axis=1).all(0))}
        for what, figure in ((what, figure) for what, figure in _figures().items() if what not in unheard):
            before, after = figure(truth[0], decided[0]), figure(truth[1], decided[1])
            before_now = figure(truth[1], decided[0])
            level = params.interval_level
            low, high = _range(_gain(figure, truth[1], decided), resamples, level)
            own, new, old_by_new = (
                _range(_value(figure, truth[t], decided[d]), resamples, level) for t, d in ((0, 0), (1, 1), (1, 0))
            )
            rows.append(
                Figure(
                    corpus, what, len(places), before, own, after, new, before_now, old_by_new,
                    round(after - before_now, 4), low, high,
                )
            )  # fmt: skip
    return rows


def _range(
    statistic: Callable[[npt.NDArray[np.int_]], float], resamples: Sequence[npt.NDArray[np.int_]], level: float
) -> tuple[float, float]:
    low, high = interval(statistic, resamples, level)
    return low, high


def _value(
    figure: Callable[[Flags, Flags], float], truth: Flags, decided: Flags
) -> Callable[[npt.NDArray[np.int_]], float]:
    return lambda rows: figure(truth[rows], decided[rows])


def _gain(
    figure: Callable[[Flags, Flags], float], truth: Flags, decided: Sequence[Flags]
) -> Callable[[npt.NDArray[np.int_]], float]:
    """By how much the second decisions are better than the first, in a resample."""
    return lambda rows: figure(truth[rows], decided[1][rows]) - figure(truth[rows], decided[0][rows])


def changed_shares(first: Snapshot, second: Snapshot, params: EvaluateParams) -> list[ShareChange]:
    """The bars of profiles whose share or interval is another now."""
    rows = []
    for (corpus, author), bars in second.profiles.items():
        before = first.profiles.get((corpus, author), {})
        places = [p for p in second.places(corpus) if second.author(p) == author and p in first.readings]
        by_hand = all(p in state.labels for p in places for state in (first, second))
        states = [(state.labels if by_hand else state.readings) for state in (first, second)]
        counting = [np.array([by_hand or p not in s.unfamiliar for p in places], bool) for s in (first, second)]
        resamples = _resamples(places, params)
        for label, shown in bars.items():
            if before.get(label) == shown or label not in before or not places:
                continue
            held = [targets([state[p] for p in places])[:, LABELS.index(label)].astype(bool) for state in states]
            moved = _moved(held, counting)
            low, high = interval(moved, resamples, params.interval_level)
            counted = HAND if by_hand else "classifier's count"
            difference = round(moved(np.arange(len(places))), 4)
            rows.append(ShareChange(corpus, author, label, before[label], shown, counted, difference, low, high))
    return rows


def _moved(held: Sequence[Flags], counting: Sequence[Flags]) -> Callable[[npt.NDArray[np.int_]], float]:
    """By how much a share of what counts is larger in the second state, in a resample; a share of nothing is 0."""

    def share(state: int, rows: npt.NDArray[np.int_]) -> float:
        found = held[state][rows][counting[state][rows]]
        return float(found.mean()) if len(found) else 0.0

    return lambda rows: share(1, rows) - share(0, rows)


def changed_passages(first: Snapshot, second: Snapshot) -> list[PassageChange]:
    """The passages that are labelled or read otherwise than before, in order; prominence aside."""
    found = []
    for place in (p for corpus in second.corpora for p in second.places(corpus)):
        if place not in first.readings:
            continue
        labels = first.labels.get(place), second.labels.get(place)
        readings = first.readings[place], second.readings[place]
        same_label = labels[0] is labels[1] or (labels[0] and labels[1] and labels[0].same_sets(labels[1]))
        if not (same_label and readings[0].same_sets(readings[1])):
            found.append(PassageChange(place, labels, readings))
    return found


def _figures() -> Mapping[str, Callable[[Flags, Flags], float]]:
    """Figures of decisions against labels, shape (n_passages, 8) each, as in the metrics; a test compares them."""

    def of_label(column: int) -> Callable[[Flags, Flags], float]:
        return lambda truth, decided: _f1(truth[:, column], decided[:, column])

    of_labels = {f"F1 {label}": of_label(i) for i, label in enumerate(LABELS)}
    return {"micro-F1": micro_f1, "macro-F1": macro_f1, **of_labels}


def _f1(truth: Flags, decided: Flags) -> float:
    found = truth.sum() + decided.sum()
    return round(float(2 * (truth & decided).sum() / found), 4) if found else 0.0


def _resamples(places: Sequence[Place], params: EvaluateParams) -> list[npt.NDArray[np.int_]]:
    rng = np.random.default_rng(params.seed)
    documents = [place.document for place in places]
    return cluster_resamples(documents, params.resamples, params.block_passages, rng) if places else []
