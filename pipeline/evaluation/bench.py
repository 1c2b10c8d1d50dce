"""The bench: how fast passages are read, beside what others do, and what a run takes from files to Parquet."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from rich.table import Table

from pipeline.evaluation.growth import Run, time_command, write_documents, write_records
from pipeline.evaluation.speed import Comparison, compare, copy_model, quick_model, texts_of_length
from pipeline.labels.splits import load_passages
from pipeline.model.store import ENCODER, MODEL
from pipeline.params import Params
from pipeline.records import WrittenPassage

PASSAGES, TOKENS = 241, 137
_FAST = "minilm"
_OP_EDS = Path("data/op-eds")
_NOTE = (
    "Share: of the largest matrix product rate measured in the same precision. The frozen encoder + logistic "
    "regression stands for sentence embeddings with a linear model: the same encoder, as this project's baseline."
)

Say = Callable[[str], None]


def run_bench(params: Params, documents: int, count: int, rounds: int, say: Say) -> Iterator[str | Table]:
    """Measure the committed model and the smaller encoder; nothing is kept.

    Args:
        documents: how many the longest of the growing runs reads, with the smaller encoder.
        count: passages that are read side by side.
        say: told what goes on.

    Yields: lines and tables as they come.
    """
    passages = load_passages()
    yield f"{torch.get_num_threads()} threads of {os.cpu_count()} processors, medians of {rounds} rounds"
    with tempfile.TemporaryDirectory(prefix="framing-bench-") as scratch:
        committed, fast = Path(scratch) / "committed", Path(scratch) / _FAST
        copy_model(MODEL, ENCODER, committed)
        say(f"{_FAST}: a few steps of training")
        quick_model(fast, _FAST, passages, params.train)
        for name, project in ((params.train.encoder, committed), (_FAST, fast)):
            shutil.copyfile("params.yaml", project / "params.yaml")
            yield from _one_encoder(name, project, passages, count, rounds, say)
        yield _NOTE
        yield from _growth(fast, documents, say)


def _one_encoder(
    name: str, project: Path, passages: Sequence[WrittenPassage], count: int, rounds: int, say: Say
) -> Iterator[str | Table]:
    texts = texts_of_length(passages, project / ENCODER, count, TOKENS)
    found = compare(
        texts, passages[:100], project / MODEL, project / ENCODER, rounds, lambda doing: say(f"{name}, {doing}")
    )
    say(f"{name}: files to Parquet")
    runs = []
    for chosen in (texts[:1], texts):
        write_records(chosen, project / "texts.jsonl")
        runs.append(time_command(project, project / "texts.jsonl"))
    yield _speed_table(f"{name}: {len(texts)} passages of {TOKENS} tokens", found, *runs)


def _speed_table(title: str, found: Comparison, start: Run, whole: Run) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("", "precision", "passages a second", "x documented", "share of limit"):
        table.add_column(heading, justify="right" if "s" in heading and heading != "precision" else "left")
    documented = found.speeds[0]
    for speed in found.speeds:
        table.add_row(speed.name, speed.precision, f"{speed.rate:.1f}", f"{speed.ratio:.2f}", f"{speed.share:.0%}")
    precision = found.speeds[-1].precision
    for name, seconds in (
        ("framing classify, files to Parquet", whole.seconds),
        (f"the same, less {start.seconds:.1f} s for one passage", whole.seconds - start.seconds),
    ):
        read = whole.passages if seconds == whole.seconds else whole.passages - start.passages
        rate = read / max(seconds, 1e-9)
        share = f"{rate / found.limits[precision]:.0%}"
        table.add_row(name, precision, f"{rate:.1f}", f"{rate / documented.rate:.2f}", share)
    for precision, limit in found.limits.items():
        table.add_row("limit of the processor", precision, f"{limit:.1f}", f"{limit / documented.rate:.2f}", "100%")
    return table


def _growth(project: Path, documents: int, say: Say) -> Iterator[Table]:
    table = Table(title=f"{_FAST}: framing classify, files to Parquet, start included", title_justify="left")
    for heading in ("documents", "passages", "seconds", "passages a second", "peak MiB"):
        table.add_column(heading, justify="right")
    for count in sorted({1, min(100, documents), documents}):
        say(f"{_FAST}: {count} documents")
        folder = project / f"documents-{count}"
        write_documents(list(_OP_EDS.glob("*.md")), folder, count)
        run = time_command(project, folder)
        rate = run.passages / run.seconds
        table.add_row(f"{count:,}", f"{run.passages:,}", f"{run.seconds:.1f}", f"{rate:.1f}", f"{run.peak_mib:.0f}")
    yield table
