"""Simulated authors whose true shares are known, read by classifiers that err in known ways.

Three kinds of worlds, for nobody knows which one the real texts are from:
- same rates: every author is misread at the same rates, the only case in which Rogan and Gladen's correction is right;
- own rates: each author is misread at rates of his own, as far apart as if one error in ten were the author's;
- graded: passages carry a frame more or less, the classifier sees how much and is sure of nothing; its counts are
  nearly right as they are, and correcting them by rates would spoil them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from scipy.stats import norm

from pipeline.evaluation.replay import COUNTED, FULL, Result, fully
from pipeline.frames import FRAMES
from pipeline.params import CoverParams, ProfileParams
from pipeline.profile.compare import difference_intervals, distances, tests
from pipeline.profile.correction import Calibration, Correction, fit_corrections
from pipeline.profile.estimate import Shares, corrected_shares, labelled_shares, wilson
from pipeline.profile.profiles import CORRECTED, HAND
from pipeline.profile.resamples import Array, Flags, resamples

World = Literal["same rates", "own rates", "graded"]
WORLDS: tuple[World, ...] = get_args(World)

_CALIBRATING = 5
_HITS, _ALARMS = 0.75, 0.15
# Two neighbours in a block, or two errors of an author, are alike as if one in ten were drawn together.
_ALIKE = 1 / 0.1 - 1
# As many values of the normal distribution, evenly by rank: a population.
_NORMAL = norm.ppf((np.arange(4000) + 0.5) / 4000)


@dataclass(frozen=True)
class Author:
    """A simulated author: `share` of all that he could write, (n_frames,), and passages, (n_passages, n_frames).

    `leaning` is what the share comes from in a graded world.
    """

    share: Array
    truth: Flags
    decided: Flags
    documents: tuple[str, ...]
    leaning: Array | None = None


@dataclass(frozen=True)
class Compared:
    """Two simulated authors: do the intervals of their differences and of their distance hold the truth?

    `alike` authors have the same true shares; `beyond_chance` says whether any difference was called so.
    """

    world: World
    alike: bool
    differences_held: float
    distance_held: bool
    beyond_chance: bool


def simulate(profile: ProfileParams, cover: CoverParams) -> Iterator[tuple[list[Result], list[Compared]]]:
    """For each world and time: the intervals of one author, and two comparisons with another."""
    for world in WORLDS:
        for number in range(cover.worlds):
            rng = np.random.default_rng((cover.seed, WORLDS.index(world), number))
            correction = _calibrate([_author(world, f"c{n}", rng) for n in range(_CALIBRATING)], profile)
            if correction is None or not correction.known.all():
                continue
            first, second = _author(world, "a", rng), _author(world, "b", rng)
            twin = _author(world, "t", rng, like=first)
            yield (
                _results(world, str(number), first, correction, profile),
                [_compared(world, first, other, other is twin, correction, profile) for other in (second, twin)],
            )


def _author(world: World, name: str, rng: np.random.Generator, like: Author | None = None) -> Author:
    sizes = rng.integers(8, 25, rng.integers(1, 4))
    blocks = np.concatenate([[f"{name}{d}-{p // 4}" for p in range(size)] for d, size in enumerate(sizes)])
    documents = tuple(np.repeat([f"{name}{d}" for d in range(len(sizes))], sizes))
    if world == "graded":
        return _graded(blocks, documents, rng, like)
    share = like.share if like else rng.beta(1, 2, len(FRAMES))
    rates = np.array([_HITS, _ALARMS])[:, None] * np.ones(len(FRAMES))
    if world == "own rates":
        rates = rng.beta(rates * _ALIKE, (1 - rates) * _ALIKE)
    kept = np.clip(share, 0.001, 0.999)
    truth = rng.random((len(blocks), len(FRAMES))) < _by_block(
        blocks, lambda count: rng.beta(kept * _ALIKE, (1 - kept) * _ALIKE, (count, len(FRAMES)))
    )
    decided = rng.random(truth.shape) < np.where(truth, rates[0], rates[1])
    return Author(kept, truth, decided, documents)


def _graded(
    blocks: npt.NDArray[np.str_], documents: tuple[str, ...], rng: np.random.Generator, like: Author | None
) -> Author:
    width = len(FRAMES)
    leaning = rng.normal(-1, 1.2, width) if like is None or like.leaning is None else like.leaning
    spread = np.sqrt(0.5**2 + 1.5**2)  # of blocks, and of passages in a block
    share = expit(leaning + spread * _NORMAL[:, None]).mean(0)
    drawn = leaning + _by_block(blocks, lambda count: rng.normal(0, 0.5, (count, width)))
    chance = expit(drawn + rng.normal(0, 1.5, drawn.shape))
    return Author(share, rng.random(chance.shape) < chance, chance > 0.5, documents, leaning)


def _by_block(blocks: npt.NDArray[np.str_], draw: Callable[[int], Array]) -> Array:
    """A draw for each block, given to all its passages."""
    _, number = np.unique(blocks, return_inverse=True)
    return draw(int(number.max()) + 1)[number]


def _calibrate(authors: Sequence[Author], params: ProfileParams) -> Correction | None:
    found = fit_corrections(
        Calibration(
            np.concatenate([author.truth for author in authors])[:, None],
            np.concatenate([author.decided for author in authors])[:, None],
            tuple(name for author in authors for name in author.documents),
            tuple(str(number) for number, author in enumerate(authors) for _ in author.documents),
        ),
        params,
    )
    return found[0] if found else None


def _estimates(author: Author, correction: Correction, params: ProfileParams) -> dict[str, Shares]:
    rng = np.random.default_rng(params.seed)
    own = resamples(author.documents, params.resamples, params.block_passages, rng)
    counted = author.decided.mean(0)
    return {
        HAND: labelled_shares(author.truth, own, params.interval_level),
        CORRECTED: corrected_shares(author.decided, own, correction, params.interval_level),
        COUNTED: Shares(counted, *wilson(counted, len(author.decided), params.interval_level)),
        FULL: corrected_shares(author.decided, own, fully(correction), params.interval_level),
    }


def _results(world: World, name: str, author: Author, correction: Correction, params: ProfileParams) -> list[Result]:
    results = []
    for method, shares in _estimates(author, correction, params).items():
        for place, frame in enumerate(FRAMES):
            share, truth = shares.at(place), float(author.share[place])
            results.append(Result(world, name, "present", frame, method, truth, share.value, share.low, share.high))
    return results


def _compared(
    world: World, first: Author, second: Author, alike: bool, correction: Correction, params: ProfileParams
) -> Compared:
    mine, other = (_estimates(author, correction, params)[CORRECTED] for author in (first, second))
    mine, other = (Shares(*np.clip([s.value, s.low, s.high], 0, 1)) for s in (mine, other))
    found = difference_intervals(mine, other)
    truth = second.share - first.share
    row = Shares(found.value[None], found.low[None], found.high[None])
    [distance] = distances(row, params)
    _, beyond = tests(found, params.interval_level)
    return Compared(
        world,
        alike,
        float(((found.low <= truth) & (truth <= found.high)).mean()),
        distance is not None and distance.low <= round(float(np.abs(truth).mean()), 4) <= distance.high,
        bool(beyond.any()),
    )
