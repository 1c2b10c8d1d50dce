"""Shares among the passages that a random sample was drawn from, by people's labels alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import norm

from pipeline.frames import LABELS
from pipeline.labels.agreement import holds
from pipeline.labels.human import HumanLabel, Key
from pipeline.people.draws import DrawLine


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
    not reached, is taken to be like the rest: tasks come in random order.
    """
    rows = []
    for draw in dict.fromkeys(line.draw for line in draws if line.probability is not None and line.population):
        lines = [line for line in draws if line.draw == draw]
        own = [label for line in lines if (label := labels.get(line.key)) and not label.cannot_tell]
        size = lines[0].population or 0
        in_order = lines[0].probability == 1  # all passages, one document after the other: a part is no sample
        for what in LABELS if own and not (in_order and len(own) < len(lines)) else ():
            count = sum(holds(what, one) for one in own)
            low, high = wilson(count, len(own), size, level)
            rows.append(SampledShare(draw, what, size, len(own), count / len(own), low, high))
    return rows


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
        return "No passage of a random sample is labelled yet; draw one with `framing labels export --sample random`."
    lines = [f"| Draw | Labelled | Of | Label | Share ({level:.0%} interval) |", "|---|---|---|---|---|"]
    for row in rows:
        share = f"{100 * row.value:.0f} % ({100 * row.low:.0f}-{100 * row.high:.0f})"
        lines.append(f"| {row.draw} | {row.labelled} | {row.population} | {row.label} | {share} |")
    return "\n".join(lines)
