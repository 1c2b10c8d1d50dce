"""The profile stage: predictions and hand labels in, reports/profiles.json and .csv out."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.corpus.corpora import CORPORA
from pipeline.errors import ModelError
from pipeline.evaluation.results import METRICS
from pipeline.evaluation.tiers import known_tiers
from pipeline.model.readings import labelled_texts, load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import ProfileParams
from pipeline.profile.gather import labelled_essays, profile_corpora
from pipeline.profile.profiles import Profile, to_json, to_rows

PROFILES_JSON = Path("reports/profiles.json")
PROFILES_CSV = Path("reports/profiles.csv")


def run_profiles(params: ProfileParams) -> list[str]:
    """Build and write every author's profile; return a line for each."""
    if not METRICS.exists():
        raise ModelError(f"{METRICS}: no such file; make it with `dvc repro evaluate`")
    tiers = known_tiers(json.loads(METRICS.read_text(encoding="utf-8")))
    corpora = {corpus: load_readings(corpus) for corpus in CORPORA}
    model = model_checksum(MODEL)
    real = [*labelled_essays(corpora["essays"], model), *labelled_texts()]
    profiles = profile_corpora(corpora, real, model, params, tiers)
    if not any(profiles.values()):
        raise ModelError("data/predictions: nothing there; make it with `dvc repro classify`")
    write_profiles(profiles, PROFILES_JSON, PROFILES_CSV)
    return [f"{p.author}: {p.passages} passages, {p.basis}" for found in profiles.values() for p in found]


def write_profiles(profiles: Mapping[str, Sequence[Profile]], as_json: Path, as_csv: Path) -> None:
    """Write profiles by corpus, whole and as one row an author and frame."""
    as_json.parent.mkdir(parents=True, exist_ok=True)
    as_json.write_text(json.dumps(to_json(profiles), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = to_rows(profiles)
    with as_csv.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
