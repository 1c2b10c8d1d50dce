"""The bench of clusters: measure, keep the figures, and write from them how many machines a task needs."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.evaluation.growth import write_documents
from pipeline.evaluation.speed import copy_model
from pipeline.model.classifier import load_classifier
from pipeline.model.store import ENCODER, MODEL
from pipeline.params import Params
from pipeline.scale.cluster import import_ray
from pipeline.scale.measure import measure
from pipeline.scale.sizing import DOCUMENT, FIGURES, load_figures, render, save_figures

_OP_EDS = Path("data/op-eds")


def run_bench_scale(params: Params, documents: int, rounds: int, say: Callable[[str], None]) -> None:
    """Measure with the committed model, on documents of the op-eds' paragraphs; see `measure`.

    Raises: EngineError if Ray is not installed.
    """
    import_ray()
    with tempfile.TemporaryDirectory(prefix="framing-scale-") as scratch:
        project = Path(scratch)
        copy_model(MODEL, ENCODER, project)
        shutil.copyfile("params.yaml", project / "params.yaml")
        op_eds = list(_OP_EDS.glob("*.md"))
        one, many = project / "one", project / "many"
        write_documents(op_eds, one, 1)
        write_documents(op_eds, many, documents)
        save_figures(measure(project, one, many, load_classifier(), params, rounds, say))
    write_sizing()


def write_sizing() -> tuple[Path, Path]:
    """Write the document from the figures that are kept; return where both are."""
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(render(load_figures()), encoding="utf-8")
    return FIGURES, DOCUMENT
