"""The card stage: a model card from the model's config and its figures."""

import csv
import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.evaluation.advanced import MEASURED
from pipeline.evaluation.results import METRICS, RECIPES, REPEATS
from pipeline.evaluation.tiers import RULE
from pipeline.frames import FRAMES, LABELS
from pipeline.model.store import CALIBRATION, MODEL, model_checksum, read_config, read_json

CARD = MODEL / "README.md"
_LABELS_SUMMARY = Path("reports/labels.json")
_COVERAGE = Path("reports/coverage.json")


def run_card(offered: Sequence[float], level: float) -> Path:
    """Write the card; return where.

    Args:
        offered: what a passage of real text might have counted in the calibration.
        level: of the intervals in the metrics.
    """
    environment = Environment(
        loader=PackageLoader("pipeline.evaluation"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["two"] = lambda value: "-" if value is None else decimals(value, 2)
    environment.filters["three"] = lambda value: decimals(value, 3)
    environment.filters["percent"] = lambda value: "-" if value is None else f"{100 * value:.0f} %"
    coverage = _read_if_there(_COVERAGE)
    CARD.write_text(
        environment.get_template("card.md.j2").render(
            config=read_config(MODEL),
            calibration=read_json(MODEL / CALIBRATION),
            metrics=json.loads(METRICS.read_text(encoding="utf-8")),
            data=json.loads(_LABELS_SUMMARY.read_text(encoding="utf-8")),
            repeats=_read_if_there(REPEATS),
            recipes=_rows_if_there(RECIPES),
            corrections={
                part: found["weight"] for part, found in coverage.get("correction", {}).items() if found["frames"]
            },
            offered=offered,
            level=level,
            labels=LABELS,
            measured=MEASURED,
            frames=FRAMES,
            rule=RULE,
            checksum=model_checksum(MODEL),
            version=metadata.version("framing-pipeline"),
        ),
        encoding="utf-8",
    )
    return CARD


def decimals(value: float, places: int) -> str:
    """A number with so many decimals; what rounds to nothing has no sign.

    >>> decimals(-0.002, 2), decimals(-0.12, 2)
    ('0.00', '-0.12')
    """
    return f"{round(value, places) + 0.0:.{places}f}"


def _read_if_there(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _rows_if_there(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
