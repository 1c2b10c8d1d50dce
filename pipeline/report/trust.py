"""What a reader needs to judge the numbers by: figures, tiers, whether probabilities keep their promise, coverage."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from pipeline.errors import OutputError
from pipeline.evaluation.advanced import ADVANCED
from pipeline.evaluation.results import METRICS, RELIABILITY
from pipeline.evaluation.tiers import EXPLORATORY, RULE, Tier, known_tiers
from pipeline.frames import FRAMES, LABELS
from pipeline.profile.estimate import Share
from pipeline.profile.run import COVERAGE_JSON
from pipeline.report.coverage import Coverage, from_json

TEST = "essays"
# What figures are shown of, of each frame: that it is present (advanced or contested), advanced, contested.
SHOWN = (*FRAMES, *ADVANCED, *LABELS[len(FRAMES) :])


# Of each test set, what it can show.
TEST_SETS = (
    (
        "essays",
        "Essays: authors unseen in training; two choices of the calibration (word count, weight of real text) were "
        "made after seeing them",
    ),
    ("op-eds", "Op-eds written for this project; they helped to choose the recipe"),
    ("written_test", "Written passages, held-out split: the easier test"),
)


@dataclass(frozen=True)
class Point:
    """Passages whose stated probability was about the same: the mean stated, and the share that had the label.

    The interval is Wilson's, at 95 %, as if the passages were independent.
    """

    probability: float
    share: Share
    passages: int


@dataclass(frozen=True)
class Curve:
    """How one label's probabilities held on the essays."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Trust:
    """Figures by test set, the tier of each label, calibration curves and the coverage of intervals."""

    metrics: Mapping[str, Any]
    curves: tuple[Curve, ...] = ()
    coverage: Coverage | None = None
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    rule: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: RULE)


def load_trust(metrics: Path = METRICS, reliability: Path = RELIABILITY, coverage: Path = COVERAGE_JSON) -> Trust:
    """Read the figures that the project measured; a file that is not there yet is left out, but for the metrics.

    Raises: OutputError if there are no metrics.
    """
    if not metrics.exists():
        raise OutputError(f"{metrics}: no such file; make it with `dvc repro evaluate`")
    found = json.loads(metrics.read_text(encoding="utf-8"))
    held = from_json(json.loads(coverage.read_text(encoding="utf-8"))) if coverage.exists() else None
    return Trust(found, _curves(reliability) if reliability.exists() else (), held, known_tiers(found))


def measured(found: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The labels of a test set that there are figures of, in order, with these."""
    return [(label, found["labels"][label]) for label in SHOWN if label in found["labels"]]


def label_name(label: str) -> str:
    """What a label says of its frame.

    >>> label_name("advanced-memory-politics"), label_name("realist")
    ('memory-politics advanced', 'realist present')
    """
    for part in ("advanced", "contested"):
        if label.startswith(f"{part}-"):
            return f"{label.removeprefix(f'{part}-')} {part}"
    return f"{label} present"


def figure(value: float | None, interval: Sequence[float] | None = None) -> str:
    """A figure with its interval where it has one, `0.78 (0.64-0.88)`; a dash where nothing could be measured."""
    if value is None:
        return "\u2013"
    return f"{value:.2f}" + (f"\u00a0({interval[0]:.2f}-{interval[1]:.2f})" if interval else "")


def tier_note(trust: Trust, label: str) -> str:
    """The tier of a label, and whether its F1 may be below what the tier needs."""
    tier = trust.tiers.get(label, EXPLORATORY)
    unsure = label in trust.metrics.get("tier_unsure", ())
    return f"{tier}; F1 may be below {trust.rule[tier]['f1']}" if unsure else tier


def tier_rule(rule: Mapping[str, Mapping[str, float]]) -> str:
    """What each tier needs, and what becomes of what has none."""
    solid, usable = rule["solid"], rule["usable"]
    return (
        f"From a label's figures on the essays follows its tier: solid needs {solid['support']} passages with the "
        f"label, an F1 of {solid['f1']} and, where the label has a probability, a calibration error of at most "
        f"{solid['calibration_error']}; usable {usable['support']}, {usable['f1']} and {usable['calibration_error']}. "
        "What is below is exploratory: called so in tables, drawn pale, left out of sentences, and not to be quoted "
        "without reading the passages. Reference labels need no tier."
    )


def _curves(path: Path) -> tuple[Curve, ...]:
    points: dict[str, list[Point]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["set"] == TEST:
                passages = int(row["passages"])
                share = _with_interval(float(row["share"]), passages)
                points.setdefault(row["label"], []).append(Point(float(row["probability"]), share, passages))
    return tuple(Curve(label, tuple(points[label])) for label in LABELS if label in points)


def _with_interval(share: float, passages: int) -> Share:
    interval = binomtest(round(share * passages), passages).proportion_ci(method="wilson")
    return Share(share, interval.low, interval.high)
