"""How well the classifier reads texts that it never saw, beside what it must beat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.advanced import ADVANCED
from pipeline.evaluation.intervals import intervals
from pipeline.evaluation.metrics import Floats, Labels, figures, interval, micro_f1, reliability
from pipeline.frames import FRAMES, LABELS
from pipeline.labels.targets import targets
from pipeline.params import EvaluateParams
from pipeline.records import Annotation
from pipeline.resampling import Rows, cluster_resamples

# Passages by their number of words: from, and up to but not including.
_LENGTHS = {"under 80 words": (0, 80), "80 to 129 words": (80, 130), "130 words and more": (130, 100_000)}


@dataclass(frozen=True)
class Scored:
    """Passages with hand labels and decisions, shape (n_passages, 8) each, and where each passage stands.

    `uncertain` has the same shape, `unfamiliar` is (n_passages,); `annotations` are the labelling passes of each.
    """

    documents: tuple[str, ...]
    passages: tuple[int, ...]
    authors: tuple[str, ...]
    words: tuple[int, ...]
    truth: Labels
    probabilities: Floats
    decided: Labels
    uncertain: Labels
    unfamiliar: npt.NDArray[np.bool_]
    annotations: tuple[tuple[Annotation, ...], ...]

    def rows(self, chosen: Sequence[int]) -> "Scored":
        """The passages at these places."""
        index = np.asarray(chosen, dtype=int)
        return Scored(
            tuple(self.documents[i] for i in index),
            tuple(self.passages[i] for i in index),
            tuple(self.authors[i] for i in index),
            tuple(self.words[i] for i in index),
            self.truth[index],
            self.probabilities[index],
            self.decided[index],
            self.uncertain[index],
            self.unfamiliar[index],
            tuple(self.annotations[i] for i in index),
        )


def evaluate(scored: Scored, baselines: Mapping[str, tuple[Floats, Labels]], params: EvaluateParams) -> dict[str, Any]:
    """Figures with intervals, by author, for the baselines, and the lead over each of them.

    The intervals resample documents and blocks of passages within them; the leads are paired, on the same resamples.
    """
    resamples = _resamples(scored, params)
    level = params.interval_level
    result = figures(scored.truth, scored.probabilities, scored.decided)
    spans = intervals(scored.truth, scored.decided, resamples, level)
    result["micro_f1_interval"] = spans.micro_f1
    result["macro_f1_interval"] = spans.macro_f1
    result["exact_match_interval"] = spans.exact_match
    for label, own in spans.f1.items():
        result["labels"][label]["f1_interval"] = own
    for i, label in enumerate(LABELS):
        result["labels"][label] |= _certainty(scored, i)
    for label in ADVANCED:  # two decisions, each certain or not
        result["labels"][label] |= dict.fromkeys(_certainty(scored, 0))
    result["unfamiliar_share"] = round(float(scored.unfamiliar.mean()), 4)
    result["passes"] = _passes(scored)
    result["lengths"] = {
        name: _brief(scored.rows(chosen))
        for name, (low, high) in _LENGTHS.items()
        if (chosen := [i for i, words in enumerate(scored.words) if low <= words < high])
    }
    authors = list(dict.fromkeys(scored.authors))
    if len(authors) > 1:
        result["authors"] = {
            author: _brief(scored.rows([i for i, name in enumerate(scored.authors) if name == author]))
            for author in authors
        }
    if baselines:
        result["baselines"] = {
            name: _baseline_figures(scored, probabilities, decided, resamples, level)
            for name, (probabilities, decided) in baselines.items()
        }
    return result


def drop_of(scored: Scored, changed: Labels, params: EvaluateParams) -> tuple[float, list[float]]:
    """By how much micro-F1 falls where the passages are decided otherwise, shape (n_passages, 8), with its interval."""
    drop = micro_f1(scored.truth, scored.decided) - micro_f1(scored.truth, changed)
    return round(drop, 4), _lead_interval(scored, changed, _resamples(scored, params), params.interval_level)


def reliability_points(name: str, scored: Scored) -> list[dict[str, Any]]:
    """Rows for the reliability diagrams."""
    return [
        {"set": name, "label": label, **point}
        for i, label in enumerate(LABELS)
        for point in reliability(scored.truth[:, i], scored.probabilities[:, i])
    ]


def confusion(scored: Scored) -> list[dict[str, int | str]]:
    """How often a frame was decided where another frame, or none, was the truth, a row a pair."""
    rows: list[dict[str, int | str]] = []
    for i, decided in enumerate(FRAMES):
        for j, true in enumerate(FRAMES):
            rows.append(
                {"decided": decided, "true": true, "passages": int((scored.decided[:, i] & scored.truth[:, j]).sum())}
            )
        none = ~scored.truth[:, : len(FRAMES)].any(1)
        rows.append({"decided": decided, "true": "none", "passages": int((scored.decided[:, i] & none).sum())})
    return rows


def _brief(own: Scored) -> dict[str, Any]:
    found = figures(own.truth, own.probabilities, own.decided)
    return {key: found[key] for key in ("passages", "micro_f1", "macro_f1", "exact_match")}


def _certainty(scored: Scored, column: int) -> dict[str, float | int | None]:
    """How many decisions on a label are called uncertain, and how many of the others are right: for, and against."""
    uncertain, decided, truth = scored.uncertain[:, column], scored.decided[:, column], scored.truth[:, column]
    return {
        "uncertain_share": round(float(uncertain.mean()), 4),
        **_right("certain_for", truth[decided & ~uncertain]),
        **_right("certain_against", ~truth[~decided & ~uncertain]),
    }


def _right(name: str, right: npt.NDArray[np.bool_]) -> dict[str, float | int | None]:
    """The share of decisions that are right, how many that is, and of how many."""
    share = round(float(right.mean()), 4) if len(right) else None
    return {f"{name}_right": share, f"{name}_right_count": int(right.sum()), f"{name}_count": len(right)}


def _passes(scored: Scored) -> dict[str, Any]:
    """How the second labelling pass does against the first, measured as the classifier is; nothing with one pass."""
    if any(len(annotations) < 2 for annotations in scored.annotations):
        return {}
    first, second = (targets([passes[k] for passes in scored.annotations]).astype(bool) for k in (0, 1))
    found = figures(first, second.astype(float), second)
    f1 = {label: found["labels"][label]["f1"] for label in LABELS}
    return {**{key: found[key] for key in ("micro_f1", "macro_f1", "exact_match")}, "f1": f1}


def _baseline_figures(
    scored: Scored, probabilities: Floats, decided: Labels, resamples: Sequence[Rows], level: float
) -> dict[str, Any]:
    found = figures(scored.truth, probabilities, decided)
    lead = micro_f1(scored.truth, scored.decided) - micro_f1(scored.truth, decided)
    between = _lead_interval(scored, decided, resamples, level)
    kept = {key: found[key] for key in ("micro_f1", "macro_f1", "exact_match")}
    roc = {label: found["labels"][label]["roc_auc"] for label in LABELS}
    return {**kept, "lead": round(lead, 4), "lead_interval": between, "roc_auc": roc}


def _lead_interval(scored: Scored, decided: Labels, resamples: Sequence[Rows], level: float) -> list[float]:
    """Of the difference in micro-F1 to other decisions on the same passages, paired."""
    return interval(
        lambda rows: micro_f1(scored.truth[rows], scored.decided[rows]) - micro_f1(scored.truth[rows], decided[rows]),
        resamples,
        level,
    )


def _resamples(scored: Scored, params: EvaluateParams) -> list[Rows]:
    rng = np.random.default_rng(params.seed)
    return cluster_resamples(scored.documents, params.resamples, params.block_passages, rng)
