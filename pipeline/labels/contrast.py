"""The contrast set: pairs of passages on one subject, in much the same words, of which one contests a frame.

What differs is whose voice rejects the explanation, or whether it is rejected at all (contrast sets: Gardner et al.
2020). They train nothing.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import LabelsError
from pipeline.frames import LABELS
from pipeline.labels.agreement import holds
from pipeline.records import WrittenPassage, read_jsonl

CONTRAST = Path("data/contrast/pairs.jsonl")


@dataclass(frozen=True)
class Pair:
    """Two passages that bring up a frame; the first contests it and the second does not: `label` is what differs."""

    contesting: WrittenPassage
    other: WrittenPassage
    label: str


def load_contrast(file: Path = CONTRAST) -> list[Pair]:
    """Every pair, in order.

    Raises: LabelsError for a line that breaks the schema, and for what is no pair of the kind.
    """
    by_pair: dict[str, list[WrittenPassage]] = defaultdict(list)
    for passage in read_jsonl(file, WrittenPassage):
        by_pair[passage.batch].append(passage)
    return [_pair(file, name, passages) for name, passages in by_pair.items()]


def contrast_passages() -> list[WrittenPassage]:
    """Both passages of each pair, after one another."""
    return [passage for pair in load_contrast() for passage in (pair.contesting, pair.other)]


def _pair(file: Path, name: str, passages: list[WrittenPassage]) -> Pair:
    if len(passages) == 2:
        first, second = passages
        only = [label for label in _contested(first) if label not in _contested(second)]
        if len(only) == 1 and only[0].removeprefix("contested-") in second.label.frames:
            return Pair(first, second, only[0])
    raise LabelsError(
        f"{file}: {name}: not two passages with one frame that both bring up and the first alone contests; "
        f"mend their labels or take them out"
    )


def _contested(passage: WrittenPassage) -> list[str]:
    return [label for label in LABELS if label.startswith("contested-") and holds(label, passage.label)]
