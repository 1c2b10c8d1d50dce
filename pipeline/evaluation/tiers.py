"""How much a report may claim for a label, from the figures on texts by authors that the classifier never saw."""

from typing import Any, Literal

from pipeline.frames import LABELS

Tier = Literal["solid", "usable", "exploratory"]
EXPLORATORY: Tier = "exploratory"

# The rule, from the strictest tier down: support, F1 and calibration error on the essays' hand labels.
RULE = {
    "solid": {"support": 30, "f1": 0.75, "calibration_error": 0.08},
    "usable": {"support": 15, "f1": 0.55, "calibration_error": 0.15},
}


def tier(figures: dict[str, Any]) -> Tier:
    """The tier of one label from its figures; `exploratory` where there is too little to judge by."""
    for name in ("solid", "usable"):
        rule = RULE[name]
        if (
            figures["support"] >= rule["support"]
            and figures["f1"] >= rule["f1"]
            and figures["calibration_error"] <= rule["calibration_error"]
        ):
            return name
    return EXPLORATORY


def known_tiers(metrics: dict[str, Any]) -> dict[str, Tier]:
    """The tiers in the metrics; all exploratory where no real text was labelled to tell."""
    found: dict[str, Tier] = metrics.get("tiers", {})
    return {label: found.get(label, EXPLORATORY) for label in LABELS}


def tiers(figures: dict[str, Any]) -> dict[str, Tier]:
    """The tier of every label, from one set's figures."""
    return {label: tier(figures["labels"][label]) for label in LABELS}
