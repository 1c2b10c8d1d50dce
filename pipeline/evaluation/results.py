"""Where the figures lie, and how their tables are written."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

METRICS = Path("reports/metrics.json")
REPEATS = Path("reports/repeats.json")
RECIPES = Path("reports/recipes.csv")
PLOTS = Path("reports/plots")
RELIABILITY = PLOTS / "reliability.csv"


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same keys as a CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
