"""What differs between authors beyond chance, by how much, and who is near whom.

All of it follows from the profiles: a reader can work it out from profiles.csv.

A difference of two shares has the interval of Zou and Donner (2008, "MOVER"), from the two intervals. It counts as
beyond chance where Holm's rule holds over all differences of its table: fewer than one such table in twenty has even
one that is none. Errors of the correction that both authors share are taken for independent, which widens it.

The distance of two authors is the mean absolute difference of their shares, four frames advanced and four contested:
0.1 is ten points a share. Its interval reaches to either side as far as chance alone would put two authors apart who
are not: no distance can be off by more than the mean of what its shares are off by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree
from scipy.stats import norm

from pipeline.frames import FRAMES, Frame
from pipeline.params import ProfileParams
from pipeline.profile.estimate import Share, Shares
from pipeline.profile.profiles import Profile

Array = npt.NDArray[np.float64]
PARTS = ("advanced", "contested")
_CELLS = tuple((frame, part) for frame in FRAMES for part in PARTS)


@dataclass(frozen=True)
class Difference:
    """The second share minus the first, in shares of passages, with its interval; and whether chance may have done it.

    `p` is two-sided and of this difference alone; `beyond_chance` is corrected for all differences of its table.
    """

    frame: Frame
    part: str
    value: float
    low: float
    high: float
    p: float
    beyond_chance: bool


@dataclass(frozen=True)
class Pair:
    """Two authors: their distance, and each difference `second - first` that can be told."""

    first: str
    second: str
    distance: Share | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Near:
    """A neighbour and the distance to it."""

    name: str
    distance: Share


@dataclass(frozen=True)
class Standing:
    """One author among all: the nearest others, and how far he or she is from the average of all the others.

    `distance` and `differences` (the author's share minus that average) are None and empty where there is nobody else.
    """

    name: str
    nearest: tuple[Near, ...]
    distance: Share | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Comparisons:
    """Authors with a profile, compared; `pairs` is empty where they are more than `profile.most_paired`.

    `tests` counts the differences over which Holm's rule was applied, among pairs and among standings.
    """

    level: float
    pairs: tuple[Pair, ...]
    standings: tuple[Standing, ...]
    pair_tests: int
    standing_tests: int


def compare(profiles: Sequence[Profile], params: ProfileParams) -> Comparisons:
    """Compare all profiles that hold a number."""
    known = [profile for profile in profiles if any(bar.share for bar in profile.frames)]
    shares = shares_of(known)
    names = [profile.author for profile in known]
    few = len(known) <= params.most_paired
    first, second = np.triu_indices(len(known) if few else 0, 1)
    pairs, pair_tests = _pairs(names, shares, first, second, params)
    standings, standing_tests = _standings(names, shares, params)
    return Comparisons(params.interval_level, pairs, standings, pair_tests, standing_tests)


def shares_of(profiles: Sequence[Profile]) -> Shares:
    """The advanced and contested shares of profiles, shape (n_profiles, 8); not a number where there is none."""
    found = np.full((3, len(profiles), len(_CELLS)), np.nan)
    for row, profile in enumerate(profiles):
        for column, share in enumerate(s for bar in profile.frames for s in (bar.advanced, bar.contested)):
            if share is not None:
                found[:, row, column] = share.value, share.low, share.high
    return Shares(*found)


def difference_intervals(first: Shares, second: Shares) -> Shares:
    """`second - first` with intervals of the level that theirs have; any shapes that broadcast."""
    value = second.value - first.value
    below = np.hypot(second.value - second.low, first.high - first.value)
    above = np.hypot(second.high - second.value, first.value - first.low)
    return Shares(value, value - below, value + above)


def differences(first: Shares, second: Shares, level: float) -> tuple[list[tuple[Difference, ...]], int]:
    """The differences of each row, as one table, and how many there are."""
    found = difference_intervals(first, second)
    p, beyond = tests(found, level)
    rows = [
        tuple(
            Difference(frame, part, _round(value), _round(low), _round(high), float(f"{chance:.3g}"), bool(far))
            for (frame, part), value, low, high, chance, far in zip(_CELLS, *row, strict=True)
            if not np.isnan(chance)
        )
        for row in zip(found.value, found.low, found.high, p, beyond, strict=True)
    ]
    return rows, int((~np.isnan(p)).sum())


def tests(found: Shares, level: float) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Two-sided p of each difference, and which are beyond chance when all are looked at (Holm 1979)."""
    arm = np.where(found.value > 0, found.value - found.low, found.high - found.value)
    z = np.abs(found.value) / np.maximum(arm, 1e-9) * norm.ppf((1 + level) / 2)
    p = 2 * norm.sf(z)
    flat = p.ravel()
    known = np.flatnonzero(~np.isnan(flat))
    order = known[np.argsort(flat[known], kind="stable")]
    bounds = (1 - level) / np.arange(len(order), 0, -1)
    holds = np.logical_and.accumulate(flat[order] <= bounds)
    beyond = np.zeros(flat.shape, bool)
    beyond[order] = holds
    return p, beyond.reshape(p.shape)


def distances(found: Shares, params: ProfileParams) -> list[Share | None]:
    """Mean absolute difference of each row of `found`, shape (n_pairs, 8), with its interval; None of nothing known."""
    rng = np.random.default_rng(params.seed)
    z = norm.ppf((1 + params.interval_level) / 2)
    noise = rng.standard_normal((params.resamples, found.value.shape[1]))
    shares: list[Share | None] = []
    for value, low, high in zip(found.value, found.low, found.high, strict=True):
        told = ~np.isnan(value)
        if not told.any():
            shares.append(None)
            continue
        arms = np.where(noise[:, told] < 0, (value - low)[told], (high - value)[told]) / z
        distance = np.abs(value[told]).mean()
        chance = np.quantile(np.abs(arms * noise[:, told]).mean(1), params.interval_level)
        shares.append(_share(distance, max(0.0, distance - chance), distance + chance))
    return shares


def _pairs(
    names: Sequence[str],
    shares: Shares,
    first: npt.NDArray[np.int_],
    second: npt.NDArray[np.int_],
    params: ProfileParams,
) -> tuple[tuple[Pair, ...], int]:
    told, count = differences(_rows(shares, first), _rows(shares, second), params.interval_level)
    apart = distances(difference_intervals(_rows(shares, first), _rows(shares, second)), params)
    return tuple(
        Pair(names[a], names[b], apart[row], told[row]) for row, (a, b) in enumerate(zip(first, second, strict=True))
    ), count


def _standings(names: Sequence[str], shares: Shares, params: ProfileParams) -> tuple[tuple[Standing, ...], int]:
    if len(names) < 2:
        return tuple(Standing(name, (), None, ()) for name in names), 0
    average = _average_of_others(shares)
    told, count = differences(average, shares, params.interval_level)
    apart = distances(difference_intervals(average, shares), params)
    nearest = _nearest(shares.value, min(params.neighbours, len(names) - 1))
    rows = np.repeat(np.arange(len(names)), nearest.shape[1])
    near = distances(difference_intervals(_rows(shares, rows), _rows(shares, nearest.ravel())), params)
    width = nearest.shape[1]
    return tuple(
        Standing(name, _by_distance(names, nearest[row], near[row * width : (row + 1) * width]), apart[row], told[row])
        for row, name in enumerate(names)
    ), count


def _by_distance(names: Sequence[str], others: npt.NDArray[np.int_], apart: Sequence[Share | None]) -> tuple[Near, ...]:
    found = [(share, names[other]) for other, share in zip(others, apart, strict=True) if share]
    return tuple(Near(name, share) for share, name in sorted(found, key=lambda pair: pair[0].value))


def _average_of_others(shares: Shares) -> Shares:
    """For each author, the average of all the others, with its interval."""
    known = ~np.isnan(shares.value)
    others = known.sum(0) - known

    def without_own(values: Array) -> Array:
        filled = np.where(known, values, 0.0)
        return np.where(known & (others > 0), filled.sum(0) - filled, np.nan)

    count = np.maximum(others, 1)
    value = without_own(shares.value) / count
    below = np.sqrt(np.maximum(without_own((shares.value - shares.low) ** 2), 0)) / count
    above = np.sqrt(np.maximum(without_own((shares.high - shares.value) ** 2), 0)) / count
    return Shares(value, value - below, value + above)


def _nearest(value: Array, count: int) -> npt.NDArray[np.int_]:
    """The nearest other rows of each, shape (n, count). What cannot be told stands at the average."""
    known = ~np.isnan(value)
    average = np.where(known, value, 0).sum(0) / np.maximum(known.sum(0), 1)
    filled = np.where(known, value, average)
    _, found = KDTree(filled).query(filled, k=count + 1, p=1)
    others = [[other for other in row if other != number][:count] for number, row in enumerate(found)]
    return np.array(others, dtype=int)


def _rows(shares: Shares, rows: npt.NDArray[np.int_]) -> Shares:
    return Shares(shares.value[rows], shares.low[rows], shares.high[rows])


def _share(value: float, low: float, high: float) -> Share:
    return Share(_round(value), _round(min(low, value)), _round(max(high, value)))


def _round(value: float) -> float:
    return round(float(value), 4)
