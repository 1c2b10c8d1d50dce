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

    The committed model is one of the seeds: its figures stand in reports/metrics.json.

    Yields: one run at a time.

    Raises: DocumentError unless every essay is present.
    """
    require_essays()
    committed = json.loads(METRICS.read_text(encoding="utf-8"))
    runs: list[dict[str, Any]] = []
    for seed in (params.train.seed, *(seed for seed in SEEDS if seed != params.train.seed)):
        if seed == params.train.seed:
            found = committed
        else:
            found = refit(passages, validation, _with(params, seed=seed), ENCODER)
        runs.append({"encoder": params.train.encoder, "seed": seed, **figures_of(found, committed)})
        yield write_runs(runs, committed["model"])
    with tempfile.TemporaryDirectory() as scratch:
        fetch_encoder(FAST, None, Path(scratch) / "encoder")
        found = refit(passages, validation, _with(params, encoder=FAST), Path(scratch) / "encoder")
    runs.append({"encoder": FAST, "seed": params.train.seed, **figures_of(found, committed)})
    yield write_runs(runs, committed["model"])


def _with(params: Params, **changes: Any) -> Params:
    return params.model_copy(update={"train": params.train.model_copy(update=changes)})


def figures_of(found: dict[str, Figures], committed: dict[str, Any]) -> dict[str, Any]:
    """The figures that are worth comparing between runs, on the essays and the op-eds.

    Args:
        committed: the metrics that hold the baselines; they were trained on the same passages, and no seed moves them.
    """
    return {corpus: _brief(found[corpus], committed[corpus]["baselines"]) for corpus in ("essays", "op-eds")}


def _brief(found: Figures, baselines: dict[str, Any]) -> dict[str, float]:
    labels = found["labels"]
    return {
        **{f"lead_over_{name}": round(found["micro_f1"] - baselines[name]["micro_f1"], 4) for name in BASELINES},
        **{key: found[key] for key in ("micro_f1", "macro_f1", "exact_match")},
        **{f"{frame}_f1": labels[frame]["f1"] for frame in FRAMES},
        "contested_realist_roc_auc": labels["contested-realist"]["roc_auc"],
        "contested_realist_f1": labels["contested-realist"]["f1"],
        "calibration_error_worst": max(labels[frame]["calibration_error"] for frame in FRAMES),
    }


def write_runs(runs: list[dict[str, Any]], model: str) -> dict[str, Any]:
    """Write all runs so far with mean and standard deviation over the seeds of the first encoder; return the last."""
    seeds = [run for run in runs if run["encoder"] == runs[0]["encoder"]]
    summary = {
        corpus: {
            figure: {
                "mean": round(float(np.mean([run[corpus][figure] for run in seeds])), 4),
                "sd": round(float(np.std([run[corpus][figure] for run in seeds], ddof=1)), 4) if seeds[1:] else None,
            }
            for figure in runs[0][corpus]
        }
        for corpus in ("essays", "op-eds")
    }
    REPEATS.parent.mkdir(parents=True, exist_ok=True)
    REPEATS.write_text(json.dumps({"model": model, "seeds": summary, "runs": runs}, indent=2) + "\n", encoding="utf-8")
    return runs[-1]
