"""Agreement pair by pair, where it fails, and which entry of the codebook that speaks of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.frames import FRAMES
from pipeline.labels.human import HumanLabel, Key
from pipeline.params import EvaluateParams
from pipeline.people.alpha import Alpha, alphas
from pipeline.people.readers import MODEL, Readings
from pipeline.records import Label

CONTESTED_ENTRY = "The contested test"


@dataclass(frozen=True)
class Pair:
    """Two readers of the same passages, in order of documents, and their agreement."""

    first: str
    second: str
    keys: tuple[Key, ...]
    labels: tuple[tuple[Label, Label], ...]
    agreement: tuple[Alpha, ...]


@dataclass(frozen=True)
class Entry:
    """An entry of the codebook, how many passages readers differ on because of it, and with what it was confused."""

    heading: str
    passages: int
    confused_with: Mapping[str, int]


def pairs(
    people: Mapping[str, Mapping[Key, HumanLabel]],
    others: Mapping[str, Readings],
    params: EvaluateParams,
    least: int = 5,
) -> list[Pair]:
    """Each annotator with each other one, and with each of the others; with no annotators, the others with each other.

    What an annotator could not tell is left out, and from the comparison with the model what was labelled in its
    sight. Pairs with fewer than `least` passages in common are left out.
    """
    told: dict[str, Readings] = {
        name: {key: label for key, label in labels.items() if not label.cannot_tell} for name, labels in people.items()
    }
    blind = {
        name: {key: label for key, label in labels.items() if people[name][key].blind} for name, labels in told.items()
    }
    wanted = [(a, told[a], b, told[b]) for a, b in combinations(told, 2)]
    wanted += [(a, (blind if b == MODEL else told)[a], b, others[b]) for a in told for b in others]
    if not told:
        wanted = [(a, others[a], b, others[b]) for a, b in combinations(others, 2)]
    found = (_pair(*names, params) for names in wanted if len(names[1].keys() & names[3].keys()) >= least)
    return list(found)


def _pair(first: str, mine: Readings, second: str, its: Readings, params: EvaluateParams) -> Pair:
    keys = tuple(sorted(mine.keys() & its.keys()))
    labels = tuple((mine[key], its[key]) for key in keys)
    documents = [f"{key[0]} {key[1]}" for key in keys]
    found = alphas([a for a, _ in labels], [b for _, b in labels], documents, params)
    return Pair(first, second, keys, labels, tuple(found))


def readings(found: Sequence[Pair]) -> dict[Key, dict[str, Label]]:
    """What each reader says of each passage."""
    said: dict[Key, dict[str, Label]] = {}
    for pair in found:
        for key, (a, b) in zip(pair.keys, pair.labels, strict=True):
            said.setdefault(key, {}).update({pair.first: a, pair.second: b})
    return said


def disagreements(found: Sequence[Pair]) -> list[Key]:
    """The passages that are read differently, worst first.

    By the mean over pairs of the share of labels that only one of the two gives.
    """
    apart: dict[Key, list[float]] = {}
    for pair in found:
        for key, (a, b) in zip(pair.keys, pair.labels, strict=True):
            apart.setdefault(key, []).append(_distance(a, b))
    return sorted((key for key in apart if sum(apart[key])), key=lambda key: (-sum(apart[key]) / len(apart[key]), key))


def entries_to_sharpen(found: Sequence[Pair]) -> list[Entry]:
    """Entries of the codebook by the number of passages on which two readers differ because of them, most first.

    A frame that one gives and the other does not is confused with what the other gives instead: another frame, or
    nothing at all. Where both give it and only one calls it contested, the contested test is meant.
    """
    passages: dict[str, set[Key]] = {}
    confused: dict[str, Counter[str]] = {}
    for pair in found:
        for key, labels in zip(pair.keys, pair.labels, strict=True):
            for heading, instead in _differences(*labels):
                passages.setdefault(heading, set()).add(key)
                confused.setdefault(heading, Counter()).update(instead)
    entries = [Entry(heading, len(keys), dict(confused[heading].most_common())) for heading, keys in passages.items()]
    return sorted(entries, key=lambda entry: (-entry.passages, entry.heading))


def _differences(a: Label, b: Label) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for mine, its in ((a, b), (b, a)):
        only_its: list[str] = [frame for frame in its.frames if frame not in mine.frames]
        for frame in mine.frames:
            if frame not in its.frames:
                found.append((frame, only_its or (["nothing"] if its.frames else ["none"])))
    for frame in FRAMES:
        if frame in a.frames and frame in b.frames and (frame in a.contested) != (frame in b.contested):
            found.append((CONTESTED_ENTRY, [frame]))
    return found


def _distance(a: Label, b: Label) -> float:
    mine, its = ({*label.frames, *(f"contested-{frame}" for frame in label.contested)} for label in (a, b))
    return len(mine ^ its) / len(mine | its) if mine | its else 0.0
