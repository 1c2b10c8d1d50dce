"""Profiles replayed on labelled authors, each as if nobody had labelled him: does the interval hold the true share?

From each author blocks of passages are drawn, half as many as there are, with replacement, so that the whole text is to
the draw what all that the author writes is to a text. The truth is the share of the author's hand labels, over the
passages that are familiar to the classifier; the classifier's errors are measured on the essays by other authors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.quantifiers import METHODS, Quantifier
from pipeline.frames import FRAMES
from pipeline.params import CoverParams, ProfileParams
from pipeline.profile.correction import Correction
from pipeline.profile.estimate import (
    Shares,
    corrected_shares,
    labelled_shares,
    partly_labelled_shares,
    wilson,
)
from pipeline.profile.profiles import (
    CORRECTED,
    HAND,
    PARTLY,
    Part,
    ReadPassage,
    decisions,
    labels,
    measure,
    own_resamples,
)

Array = npt.NDArray[np.float64]
COUNTED = "plain counting"
FULL = "Rogan and Gladen"


@dataclass(frozen=True)
class Labelled:
    """An author's labelled passages that are familiar to the classifier, and its probabilities for each.

    `probabilities` of each part, shape (n_passages, n_frames).
    """

    name: str
    corpus: str
    passages: tuple[ReadPassage, ...]
    probabilities: dict[Part, Array]


@dataclass(frozen=True)
class Result:
    """One interval beside the truth."""

    corpus: str
    author: str
    part: Part
    frame: str
    method: str
    truth: float
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth; both are rounded as in a profile."""
        return self.low <= round(self.truth, 4) <= self.high

    @property
    def error(self) -> float:
        """By how much the share is off."""
        return abs(self.value - self.truth)


def replay(
    authors: Sequence[Labelled], calibrating: Sequence[Labelled], profile: ProfileParams, cover: CoverParams
) -> list[Result]:
    """Draw from every author and estimate by every method; a frame with too few labels elsewhere is left out.

    Args:
        calibrating: real text, on which errors are measured; never the author's own.
    """
    results = []
    for number, author in enumerate(authors):
        others = [other for other in calibrating if other.name != author.name]
        rng = np.random.default_rng((cover.seed, number))
        for part, correction in measure(tuple(p for other in others for p in other.passages), profile).items():
            if not correction.known.any():
                continue
            fitted = _quantifiers(others, correction, part)
            for draw in range(cover.draws):
                rows = draw_blocks([p.document for p in author.passages], profile, rng)
                for method, shares in _estimates(author, rows, correction, fitted, part, profile, cover, draw).items():
                    results += _results(author, part, method, shares, correction)
    return results


def fully(correction: Correction) -> Correction:
    """Rogan and Gladen's correction as it stands, whose interval takes authors to be misread alike."""
    return replace(
        correction,
        weight=1.0,
        drawn_weights=np.ones_like(correction.drawn_weights),
        reach=np.zeros_like(correction.reach),
    )


def draw_blocks(documents: Sequence[str], params: ProfileParams, rng: np.random.Generator) -> npt.NDArray[np.int_]:
    """Passages in blocks drawn with replacement: half as many as there are, and never less than a profile needs."""
    rows = np.arange(len(documents))
    blocks = [
        run[start : start + params.block_passages]
        for name in dict.fromkeys(documents)
        for run in [rows[[d == name for d in documents]]]
        for start in range(0, len(run), params.block_passages)
    ]
    wanted = max(params.min_passages, -(-len(rows) // 2))
    drawn: list[int] = []
    while sum(len(blocks[number]) for number in drawn) < wanted:
        drawn.append(int(rng.integers(len(blocks))))
    return np.concatenate([blocks[number] for number in sorted(drawn)])  # a document's passages stand together


def _estimates(
    author: Labelled,
    rows: npt.NDArray[np.int_],
    correction: Correction,
    fitted: dict[str, list[Quantifier | None]],
    part: Part,
    profile: ProfileParams,
    cover: CoverParams,
    draw: int,
) -> dict[str, Shares]:
    level = profile.interval_level
    passages = [author.passages[row] for row in rows]
    truth, decided = labels(passages, part), decisions(passages, part)
    own = own_resamples(passages, profile)
    counted = decided.mean(0)
    found = {
        HAND: labelled_shares(truth, own, level),
        CORRECTED: corrected_shares(decided, own, correction, level),
        COUNTED: Shares(counted, *wilson(counted, len(rows), level)),
        FULL: corrected_shares(decided, own, fully(correction), level),
    }
    half = np.arange(len(rows)) // profile.block_passages % 2 == 0
    if half.sum() >= profile.min_passages:
        own_labelled, own_others = (
            own_resamples([passages[n] for n in np.flatnonzero(kept)], profile, stream)
            for stream, kept in enumerate((half, ~half))
        )
        found[PARTLY] = partly_labelled_shares(
            truth[half], decided[half], decided[~half], own_labelled, own_others, level
        )
    probabilities = author.probabilities[part][rows]
    for method, quantifiers in fitted.items():
        found[method] = _quantified(quantifiers, probabilities, level, cover.quantifier_resamples, draw)
    return found


def _quantifiers(others: Sequence[Labelled], correction: Correction, part: Part) -> dict[str, list[Quantifier | None]]:
    truth = labels([p for other in others for p in other.passages], part)
    probabilities = np.concatenate([other.probabilities[part] for other in others])
    return {
        method: [
            Quantifier(method, probabilities[:, place], truth[:, place]) if correction.known[place] else None
            for place in range(len(FRAMES))
        ]
        for method in METHODS
    }


def _quantified(
    quantifiers: Sequence[Quantifier | None], probabilities: Array, level: float, count: int, seed: int
) -> Shares:
    found = np.zeros((3, len(quantifiers)))
    for place, quantifier in enumerate(quantifiers):
        if quantifier:
            given = probabilities[:, place]
            found[:, place] = quantifier.share(given), *quantifier.interval(given, level, count, seed)
    return Shares(*found)


def _results(author: Labelled, part: Part, method: str, shares: Shares, correction: Correction) -> list[Result]:
    truth = labels(author.passages, part).mean(0)
    found = [shares.at(place) for place in range(len(FRAMES))]
    return [
        Result(author.corpus, author.name, part, frame, method, float(truth[place]), share.value, share.low, share.high)
        for place, (frame, share) in enumerate(zip(FRAMES, found, strict=True))
        if correction.known[place]
    ]
