"""How much of the figures is luck: the same recipe with other seeds, and with the smaller encoder."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.evaluation.curve import require_essays
from pipeline.evaluation.metrics import Figures
from pipeline.evaluation.refit import refit
from pipeline.evaluation.results import METRICS, REPEATS
from pipeline.frames import FRAMES
from pipeline.model.encoder import fetch_encoder
from pipeline.model.store import ENCODER
from pipeline.params import Params
from pipeline.records import WrittenPassage

SEEDS = (0, 1, 2)
FAST = "minilm"
BASELINES = ("tfidf", "frozen")


def repeat(
    passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: Params
) -> Iterator[dict[str, Any]]:
    """Train with other seeds, then once with the smaller encoder; write figures, means and spreads as they come.

    The committed model is one of the seeds: its figures stand in reports/metrics.json. What was written beside the same
    model is not trained again, so that an interrupted command goes on where it stopped; without the file
    all are trained.

    Yields: one run at a time.

    Raises: DocumentError unless every essay is present.
    """
    require_essays()
    committed = json.loads(METRICS.read_text(encoding="utf-8"))
    own, seed = params.train.encoder, params.train.seed
    # Each once, also where the smaller encoder is the project's own.
    wanted = list(dict.fromkeys([(own, seed), *((own, other) for other in SEEDS), (FAST, seed)]))
    known = {(run["encoder"], run["seed"]): run for run in _written(committed["model"])}
    known[own, seed] = {"encoder": own, "seed": seed, **figures_of(committed, committed)}
    for encoder, other in wanted:
        if (encoder, other) not in known:
            found = _refit(passages, validation, params, encoder, other)
            known[encoder, other] = {"encoder": encoder, "seed": other, **figures_of(found, committed)}
        write_runs([known[run] for run in wanted if run in known], committed["model"])
        yield known[encoder, other]


def _refit(
    passages: Sequence[WrittenPassage], validation: Sequence[WrittenPassage], params: Params, encoder: str, seed: int
) -> dict[str, Figures]:
    own = params.model_copy(update={"train": params.train.model_copy(update={"encoder": encoder, "seed": seed})})
    if encoder == params.train.encoder:
        return refit(passages, validation, own, ENCODER)
    with tempfile.TemporaryDirectory() as scratch:
        fetch_encoder(encoder, None, Path(scratch) / "encoder")
        return refit(passages, validation, own, Path(scratch) / "encoder")


def _written(model: str) -> list[dict[str, Any]]:
    """The runs of reports/repeats.json, if they were made beside this model."""
    if not REPEATS.exists():
        return []
    kept = json.loads(REPEATS.read_text(encoding="utf-8"))
    return list(kept["runs"]) if kept["model"] == model else []


def figures_of(found: dict[str, Figures], committed: dict[str, Any]) -> dict[str, Any]:
    """The figures that are worth comparing between runs, on the essays and the op-eds.

    Args:
        committed: the metrics that hold the baselines; they were trained on the same passages, and no seed moves them.
    """
    return {corpus: _brief(found[corpus], committed[corpus]["baselines"]) for corpus in ("essays", "op-eds")}


def _brief(found: Figures, baselines: dict[str, Any]) -> dict[str, float | None]:
    labels = found["labels"]
    return {
        **{f"lead_over_{name}": round(found["micro_f1"] - baselines[name]["micro_f1"], 4) for name in BASELINES},
        **{key: found[key] for key in ("micro_f1", "macro_f1", "exact_match")},
        **{f"{frame}_f1": labels[frame]["f1"] for frame in FRAMES},
        "contested_realist_roc_auc": labels["contested-realist"]["roc_auc"],
        "contested_realist_f1": labels["contested-realist"]["f1"],
        "calibration_error_worst": max(labels[frame]["calibration_error"] for frame in FRAMES),
    }


def _over_seeds(values: Sequence[float | None]) -> dict[str, float | None]:
    """Mean and standard deviation; neither where a label that no passage has gives a figure no value."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return {"mean": None, "sd": None}
    return {
        "mean": round(float(np.mean(known)), 4),
        "sd": round(float(np.std(known, ddof=1)), 4) if known[1:] else None,
    }


def write_runs(runs: list[dict[str, Any]], model: str) -> None:
    """Write all runs so far with mean and standard deviation over the seeds of the first encoder."""
    seeds = [run for run in runs if run["encoder"] == runs[0]["encoder"]]
    summary = {
        corpus: {figure: _over_seeds([run[corpus][figure] for run in seeds]) for figure in runs[0][corpus]}
        for corpus in ("essays", "op-eds")
    }
    REPEATS.parent.mkdir(parents=True, exist_ok=True)
    REPEATS.write_text(json.dumps({"model": model, "seeds": summary, "runs": runs}, indent=2) + "\n", encoding="utf-8")
