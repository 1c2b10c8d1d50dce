"""The card stage: a model card from the model's config and its figures."""

import json
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.evaluation.results import METRICS
from pipeline.evaluation.tiers import RULE
from pipeline.frames import FRAMES, LABELS
from pipeline.model.store import CALIBRATION, MODEL, model_checksum, read_config, read_json

CARD = MODEL / "README.md"
_LABELS_SUMMARY = Path("reports/labels.json")


def run_card() -> Path:
    """Write the card; return where."""
    environment = Environment(
        loader=PackageLoader("pipeline.evaluation"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=False,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["two"] = lambda value: "-" if value is None else f"{value:.2f}"
    environment.filters["percent"] = lambda value: "-" if value is None else f"{100 * value:.0f} %"
    CARD.write_text(
        environment.get_template("card.md.j2").render(
            config=read_config(MODEL),
            calibration=read_json(MODEL / CALIBRATION),
            metrics=json.loads(METRICS.read_text(encoding="utf-8")),
            data=json.loads(_LABELS_SUMMARY.read_text(encoding="utf-8")),
            labels=LABELS,
            frames=FRAMES,
            rule=RULE,
            checksum=model_checksum(MODEL),
            version=metadata.version("framing-pipeline"),
        ),
        encoding="utf-8",
    )
    return CARD
