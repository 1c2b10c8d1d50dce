"""Shares among the passages that a random sample was drawn from, by people's labels alone."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import norm

from pipeline.frames import LABELS
from pipeline.labels.agreement import holds
from pipeline.labels.human import HumanLabel, Key
from pipeline.labels.ledger import DrawLine
from pipeline.people.draws import ALL


@dataclass(frozen=True)
class SampledShare:
    """A label's share among the `population` of a draw, by those of its passages that are `labelled`, from 0 to 1."""

    draw: str
    label: str
    population: int
    labelled: int
    value: float
    low: float
    high: float


def sampled_shares(labels: Mapping[Key, HumanLabel], draws: Sequence[DrawLine], level: float) -> list[SampledShare]:
    """Shares by draw and label, with Wilson's interval for a finite population.

    Every passage of a draw had the same probability, so each counts alike. What the annotator could not tell, or has
    not reached, is taken to be like the rest: tasks come in random order. Nor does a label count that was made in sight
    of the model's reading, for it would say what the model says.
    """
    rows = []
    labels = {key: label for key, label in labels.items() if label.blind}
    for draw, size, lines in _samples(labels, draws):
        own = [label for line in lines if (label := labels.get(line.key)) and not label.cannot_tell]
        for what in LABELS if own else ():
            count = sum(holds(what, one) for one in own)
            low, high = wilson(count, len(own), size, level)
            rows.append(SampledShare(draw, what, size, len(own), count / len(own), low, high))
    return rows


def _samples(
    labels: Mapping[Key, HumanLabel], draws: Sequence[DrawLine]
) -> Iterator[tuple[str, int, Sequence[DrawLine]]]:
    """Each random draw with the size of what it was drawn from; and of what was exported whole, what was read whole.

    That comes one document after the other, so a document of which only a part is labelled is no sample. Several
    exports make one draw of that kind: its documents are counted by corpus.
    """
    of_draw: dict[str, list[DrawLine]] = {}
    of_document: dict[tuple[str, str], list[DrawLine]] = {}
    for line in (line for line in draws if line.probability is not None and line.population):
        if line.draw == ALL:
            of_document.setdefault((line.corpus, line.document), []).append(line)
        else:
            of_draw.setdefault(line.draw, []).append(line)
    for (corpus, _), lines in of_document.items():
        if all(line.key in labels for line in lines):
            of_draw.setdefault(f"{ALL}, {corpus}", []).extend(lines)
    for draw, lines in of_draw.items():
        yield draw, len(lines) if draw.startswith(f"{ALL}, ") else lines[0].population or 0, lines


def wilson(count: int, sample: int, population: int, level: float) -> tuple[float, float]:
    """Wilson's interval, with the variance that is left when a part of the population is known for certain.

    What was counted bounds it: no share is less than the count, or more than all but what was counted otherwise.
    """
    z = float(norm.ppf((1 + level) / 2)) * math.sqrt((population - sample) / max(population - 1, 1))
    p = count / sample
    middle = (p + z**2 / (2 * sample)) / (1 + z**2 / sample)
    half = z / (1 + z**2 / sample) * math.sqrt(p * (1 - p) / sample + z**2 / (4 * sample**2))
    return max(middle - half, count / population), min(middle + half, 1 - (sample - count) / population)


def shares_table(rows: Sequence[SampledShare], level: float) -> str:
    """The shares as Markdown."""
    if not rows:
        return "No random passage is labelled blind yet; draw some with `framing labels export --sample random`."
    lines = [f"| Draw | Labelled | Of | Label | Share ({level:.0%} interval) |", "|---|---|---|---|---|"]
    for row in rows:
        share = f"{100 * row.value:.0f} % ({100 * row.low:.0f}-{100 * row.high:.0f})"
        lines.append(f"| {row.draw} | {row.labelled} | {row.population} | {row.label} | {share} |")
    return "\n".join(lines)
