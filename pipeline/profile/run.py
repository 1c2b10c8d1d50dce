"""The profile stage: predictions and hand labels in, profiles, groups and comparisons out, as JSON and CSV."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.corpus.corpora import CORPORA
from pipeline.errors import ModelError
from pipeline.evaluation.results import METRICS, write_csv
from pipeline.evaluation.tiers import known_tiers
from pipeline.model.readings import labelled_texts, load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import ProfileParams
from pipeline.profile.cells import plain_rows
from pipeline.profile.comparisons import comparison_rows, comparisons_to_json
from pipeline.profile.gather import Profiled, labelled_essays, profile_all
from pipeline.profile.profiles import to_json, to_rows

FOLDER = Path("reports")
PROFILES_JSON = FOLDER / "profiles.json"
GROUPS_JSON = FOLDER / "groups.json"
COMPARISONS_JSON = FOLDER / "comparisons.json"
# Written by `framing cover`, for the report to read.
COVERAGE_JSON = FOLDER / "coverage.json"
MOST_INDENTED = 200


def run_profiles(params: ProfileParams) -> list[str]:
    """Build and write every author's profile, the groups' and what they are compared; return a line for each author."""
    if not METRICS.exists():
        raise ModelError(f"{METRICS}: no such file; make it with `dvc repro evaluate`")
    tiers = known_tiers(json.loads(METRICS.read_text(encoding="utf-8")))
    corpora = {corpus: load_readings(corpus) for corpus in CORPORA}
    model = model_checksum(MODEL)
    real = [*labelled_essays(corpora["essays"], model), *labelled_texts()]
    found = profile_all(corpora, real, model, params, tiers)
    if not any(found.profiles.values()):
        raise ModelError("data/predictions: nothing there; make it with `dvc repro classify`")
    write_profiled(found, FOLDER)
    return [f"{p.author}: {p.passages} passages, {p.basis}" for own in found.profiles.values() for p in own]


def write_profiled(found: Profiled, folder: Path) -> None:
    """Write profiles, groups and comparisons, each whole as JSON and as one row a number as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    # Few profiles are for people to read and for git to compare, many for programs.
    indent = 2 if sum(map(len, found.profiles.values())) <= MOST_INDENTED else None
    _write_json(folder / "profiles.json", to_json(found.profiles), indent)
    _write_rows(folder / "profiles.csv", to_rows(found.profiles))
    _write_json(folder / "groups.json", {corpus: to_json(groups) for corpus, groups in found.groups.items()}, indent)
    every = {corpus: [p for own in groups.values() for p in own] for corpus, groups in found.groups.items()}
    _write_rows(folder / "groups.csv", to_rows(every))
    _write_json(folder / "comparisons.json", comparisons_to_json(found.comparisons, found.changes), indent)
    _write_rows(folder / "comparisons.csv", comparison_rows(found.comparisons, found.changes))


def _write_json(path: Path, values: Any, indent: int | None) -> None:
    path.write_text(json.dumps(values, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        write_csv(path, plain_rows(rows))
    else:
        path.write_text("", encoding="utf-8")
