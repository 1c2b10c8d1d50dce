"""What a reader needs to judge the numbers by: figures, tiers, whether probabilities keep their promise, coverage."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from pipeline.errors import OutputError
from pipeline.evaluation.results import METRICS, RELIABILITY
from pipeline.evaluation.tiers import RULE, Tier, known_tiers
from pipeline.frames import LABELS
from pipeline.profile.estimate import Share
from pipeline.profile.run import COVERAGE_JSON
from pipeline.report.coverage import Coverage, from_json

TEST = "essays"


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
