"""How much a report may claim for a label, from the figures on texts by authors that the classifier never saw."""

from typing import Any, Literal

from pipeline.evaluation.advanced import MEASURED

Tier = Literal["solid", "usable", "exploratory"]
EXPLORATORY: Tier = "exploratory"

# The rule, from the strictest tier down: support, F1 and calibration error on the essays' labels. What is advanced has
# no probability of its own: its tier follows from support and F1 alone. A tier goes by the figures as they stand; where
# the interval of F1 reaches below the tier's bound, or cannot be told, the tier is unsure.
RULE = {
    "solid": {"support": 30, "f1": 0.75, "calibration_error": 0.08},
    "usable": {"support": 15, "f1": 0.55, "calibration_error": 0.15},
}


def tier(figures: dict[str, Any]) -> Tier:
    """The tier of one label from its figures; `exploratory` where there is too little to judge by."""
    error = figures["calibration_error"] or 0.0
    for name in ("solid", "usable"):
        rule = RULE[name]
        if figures["support"] >= rule["support"] and figures["f1"] >= rule["f1"] and error <= rule["calibration_error"]:
            return name
    return EXPLORATORY


def tiers(figures: dict[str, Any]) -> dict[str, Tier]:
    """The tier of every label, and of every frame advanced, from one set's figures."""
    return {label: tier(figures["labels"][label]) for label in MEASURED}


def unsure(figures: dict[str, Any]) -> list[str]:
    """The labels whose F1 may be below the bound of their tier, from one set's figures with intervals."""
    found = []
    for label, own in tiers(figures).items():
        interval = figures["labels"][label]["f1_interval"]
        if own != EXPLORATORY and (interval is None or interval[0] < RULE[own]["f1"]):
            found.append(label)
    return found


def known_tiers(metrics: dict[str, Any]) -> dict[str, Tier]:
    """The tiers in the metrics, those of what is advanced among them; exploratory where nothing tells."""
    found: dict[str, Tier] = metrics.get("tiers", {})
    return {label: found.get(label, EXPLORATORY) for label in MEASURED}
