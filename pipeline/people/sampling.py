"""Which passages to label next: by chance, to estimate from; or those that would teach the classifier most."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from pipeline.errors import LabelsError
from pipeline.labels.human import Purpose
from pipeline.labels.ledger import DrawLine, people_of
from pipeline.people.candidates import WRITTEN, Candidate
from pipeline.people.draws import ALL, Drawn

Array = npt.NDArray[np.float64]
Reader = Callable[[Sequence[str]], Array]
TEST_CORPORA = ("essays", "op-eds")


def take_all(candidates: Sequence[Candidate], earlier: Sequence[DrawLine], draw: str) -> list[Drawn]:
    """Every passage, each with a probability of one; written passages of the train split for training.

    Raises: LabelsError for an author of whom something was drawn for training.
    """
    trained = _people(earlier, "training")
    if mixed := [one for one in candidates if one.corpus != WRITTEN and one.people & trained]:
        raise LabelsError(
            f"{mixed[0].document}: passages by {mixed[0].byline} were drawn for training, so these texts cannot "
            "test the classifier; leave the document out, or draw more of it with --sample informative"
        )
    return [
        Drawn(one, draw, "training") if one.split == "train" else Drawn(one, draw, "estimation", 1.0)
        for one in candidates
    ]


def population(candidates: Sequence[Candidate], earlier: Sequence[DrawLine]) -> list[Candidate]:
    """What a random sample is drawn from: passages by authors of whom nothing was drawn for training.

    Of the written passages those that choose and test.
    """
    trained = _people(earlier, "training")
    # What was exported as a whole was not drawn.
    drawn = {line.key for line in earlier if line.draw != ALL}
    return [
        one
        for one in candidates
        if one.key not in drawn and (one.split != "train" if one.corpus == WRITTEN else not one.people & trained)
    ]


def draw_random(candidates: Sequence[Candidate], passages: int, draw: str, seed: int) -> list[Drawn]:
    """A simple random sample without replacement, in random order; each passage had the same probability.

    Raises: LabelsError if there are fewer passages than wanted.
    """
    _check(candidates, passages, "a random sample", "drawn before, or by authors whose texts are for training")
    chosen = np.random.default_rng(seed).choice(len(candidates), passages, replace=False)
    probability = round(passages / len(candidates), 6)
    return [Drawn(candidates[i], draw, "estimation", probability) for i in chosen]


def teachable(
    candidates: Sequence[Candidate], earlier: Sequence[DrawLine], testing: Collection[str] = ()
) -> list[Candidate]:
    """What an informative sample is drawn from: nobody's texts that are for estimation, the project's test texts least.

    Of the written passages those of the train split.

    Args:
        testing: by-lines of texts that test the classifier, whether anything was drawn of them or not.
    """
    tested = _people(earlier, "estimation").union(*map(people_of, testing))
    drawn = {line.key for line in earlier if line.draw != ALL}
    return [
        one
        for one in candidates
        if one.corpus not in TEST_CORPORA
        and one.key not in drawn
        and (one.split == "train" if one.corpus == WRITTEN else not one.people & tested)
    ]


def draw_informative(
    candidates: Sequence[Candidate], passages: int, draw: str, second_reader: Reader, most_per_document: int = 5
) -> list[Drawn]:
    """In turn the most uncertain, the unfamiliar, and those on which a second, simpler reader disagrees most.

    Args:
        second_reader: probabilities of texts, shape (n_texts, 8).
        most_per_document: a document that is hard throughout shall not take every place; where the documents are too
            few for that, as many of each as it takes.

    Raises: LabelsError if there are fewer passages than wanted, or some were never classified.
    """
    _check(candidates, passages, "an informative sample", "drawn before, or by authors whose texts are for estimation")
    if unread := [one for one in candidates if one.reading is None]:
        raise LabelsError(
            f"{unread[0].document}: an informative sample needs the classifier's readings; take it --from predictions"
        )
    sizes = Counter(one.document for one in candidates).values()
    bounds = range(most_per_document, max(most_per_document, passages) + 1)
    bound = next(most for most in bounds if sum(min(size, most) for size in sizes) >= passages)
    found: list[Drawn] = []
    taken: set[int] = set()
    per_document: dict[str, int] = {}
    for why, i in _in_turn(_rankings(candidates, second_reader)):
        document = candidates[i].document
        if i in taken or per_document.get(document, 0) >= bound:
            continue
        taken.add(i)
        per_document[document] = per_document.get(document, 0) + 1
        found.append(Drawn(candidates[i], draw, "training", why=why))
        if len(found) == passages:
            break
    return found


def _people(earlier: Sequence[DrawLine], purpose: Purpose) -> frozenset[str]:
    """Of whom something was drawn for this."""
    lines = (line for line in earlier if line.purpose == purpose and line.corpus != WRITTEN)
    return frozenset[str]().union(*(line.people for line in lines))


def _rankings(candidates: Sequence[Candidate], second_reader: Reader) -> dict[str, list[int]]:
    """For each reason to learn from a passage, the passages that have it, those that have it most first."""
    readings = [one.reading for one in candidates if one.reading is not None]
    probabilities = np.array([reading.probabilities for reading in readings])
    doubt = _entropy(probabilities).sum(1)
    other = second_reader([one.text for one in candidates])
    distance = np.abs(probabilities - other).max(1)
    return {
        "uncertain": [int(i) for i in np.argsort(-doubt, kind="stable")],
        "unfamiliar": [i for i, reading in enumerate(readings) if reading.unfamiliar],
        "disagreeing": [int(i) for i in np.argsort(-distance, kind="stable")],
    }


def _in_turn(rankings: dict[str, list[int]]) -> list[tuple[str, int]]:
    rounds = zip_longest(*([(why, i) for i in ranked] for why, ranked in rankings.items()))
    return [one for turn in rounds for one in turn if one is not None]


def _entropy(probabilities: Array) -> Array:
    """Of each decision by itself, in bits.

    *Shape:* (n_passages, n_labels) -> (n_passages, n_labels)
    """
    p = np.clip(probabilities, 1e-9, 1 - 1e-9)
    bits: Array = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    return bits


def _check(candidates: Sequence[Candidate], passages: int, what: str, why: str) -> None:
    if len(candidates) < passages:
        raise LabelsError(
            f"{what} of {passages} passages: there are {len(candidates)} to draw from; the others were {why}, "
            "or are not for this; name more texts, or ask for fewer"
        )
