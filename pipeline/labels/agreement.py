"""How far two labelling passes agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, masi_distance

from pipeline.frames import LABELS
from pipeline.records import Label, Labelled


@dataclass(frozen=True)
class Agreement:
    """Per label and for whole sets: Krippendorff's alpha, share of passages labelled alike, number of positives."""

    what: str
    alpha: float
    alike: float
    first: int
    second: int


def agreement(passages: Sequence[Labelled]) -> list[Agreement]:
    """Agreement of the first two annotations, per label (nominal) and for the set of frames (MASI distance).

    Passages with fewer than two annotations are left out.
    """
    pairs = [(p.annotations[0], p.annotations[1]) for p in passages if len(p.annotations) > 1]
    rows = []
    for label in LABELS:
        values = [(holds(label, a), holds(label, b)) for a, b in pairs]
        rows.append(_row(label, values, binary_distance, sum(a for a, _ in values), sum(b for _, b in values)))
    sets = [(frame_set(a), frame_set(b)) for a, b in pairs]
    rows.append(_row("set of frames (MASI)", sets, masi_distance, len(pairs), len(pairs)))
    contested = [(contested_set(a), contested_set(b)) for a, b in pairs]
    return [*rows, _row("set of contested frames (MASI)", contested, masi_distance, len(pairs), len(pairs))]


def _row(what, values, distance, first, second) -> Agreement:  # type: ignore[no-untyped-def]
    alike = sum(a == b for a, b in values) / len(values) if values else float("nan")
    data = [(coder, str(i), pair[k]) for i, pair in enumerate(values) for k, coder in enumerate(("first", "second"))]
    seen = {value for _, _, value in data}
    alpha = AnnotationTask(data, distance=distance).alpha() if len(seen) > 1 else float("nan")
    return Agreement(what, float(alpha), alike, int(first), int(second))


def holds(label: str, annotation: Label) -> bool:
    """Whether a label such as `contested-status` is given."""
    if label.startswith("contested-"):
        return label.removeprefix("contested-") in annotation.contested
    return label in annotation.frames


def frame_set(annotation: Label) -> frozenset[str]:
    """The frames; MASI divides by the size of the union, so an empty set stands as a label of its own."""
    return frozenset(annotation.frames or ("none",))


def contested_set(annotation: Label) -> frozenset[str]:
    """The contested frames; `none` where there are none, as with frames."""
    return frozenset(annotation.contested or ("none",))
