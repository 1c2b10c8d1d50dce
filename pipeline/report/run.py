"""The report stage: profiles, predictions and figures in, reports/framing.html, framing.md and figures/ out."""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.corpus.corpora import CORPORA
from pipeline.errors import OutputError
from pipeline.evaluation.results import METRICS
from pipeline.model.classify import PREDICTIONS
from pipeline.model.readings import load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import Params
from pipeline.profile.comparisons import comparisons_from_json
from pipeline.profile.profiles import from_json
from pipeline.profile.run import COMPARISONS_JSON, FOLDER, GROUPS_JSON, PROFILES_JSON
from pipeline.report.render import about, write_report
from pipeline.report.sections import corpus_section, with_words
from pipeline.report.trust import load_trust
from pipeline.report.words import load_words


def run_report(params: Params, folder: Path = FOLDER) -> Path:
    """Write framing.html, framing.md and figures/ on the essays and op-eds; return the HTML file's path."""
    trust = load_trust()
    made = (PROFILES_JSON, GROUPS_JSON, COMPARISONS_JSON)
    profiles, groups, comparisons = (_json(path) for path in made)
    model = model_checksum(MODEL)
    words = load_words(model)
    try:
        authors, compared = from_json(profiles), comparisons_from_json(comparisons)
        grouped = {corpus: from_json(groups[corpus]) for corpus in CORPORA}
    except (ValidationError, KeyError):
        raise OutputError(f"{PROFILES_JSON}: not of this version; make it anew: `dvc repro profile`") from None
    sections = [
        with_words(
            corpus_section(
                name,
                load_readings(name),
                authors[name],
                params.report.evidence_passages,
                compared[name],
                grouped[name],
            ),
            words,
        )
        for name in CORPORA
    ]
    data = [(path.name, path.read_bytes()) for path in (*made, METRICS)]
    data += [(f"predictions of {name}", _all_bytes(PREDICTIONS / name)) for name in CORPORA]
    return write_report(sections, trust, about(model, trust, params, data), folder)


def _json(path: Path) -> Any:
    if not path.exists():
        raise OutputError(f"{path}: no such file; make it with `dvc repro profile`")
    return json.loads(path.read_text(encoding="utf-8"))


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.parquet")))
