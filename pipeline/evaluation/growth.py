"""From files on disk to Parquet: how long the command takes, and how much memory, as the documents become many."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

_PARAGRAPHS = 8
# A process of its own between this one and the command: the system counts the memory of whoever starts a program to
# that program, and this process may hold several models.
_WATCH = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
ended = subprocess.run(sys.argv[1:], capture_output=True, text=True)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"code": ended.returncode, "said": ended.stderr, "seconds": seconds, "peak": peak}))
"""


@dataclass(frozen=True)
class Run:
    """What a run of the command took, start of Python included; memory in MiB, at its peak."""

    passages: int
    seconds: float
    peak_mib: float


def write_documents(sources: Sequence[Path], folder: Path, count: int, seed: int = 0) -> None:
    """So many op-eds below `folder`, each of paragraphs of different ones in `sources`; the same for the same seed."""
    paragraphs = [
        paragraph
        for source in sorted(sources)
        for paragraph in source.read_text(encoding="utf-8").split("---\n", 2)[-1].strip().split("\n\n")
    ]
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    for number in range(count):
        text = "\n\n".join(chance.sample(paragraphs, _PARAGRAPHS))
        (folder / f"document-{number:05d}.txt").write_text(text + "\n", encoding="utf-8")


def write_records(texts: Sequence[str], file: Path) -> None:
    """Texts as records of one JSON Lines file; those of up to `segment.max_words` words are read as one passage."""
    lines = (json.dumps({"id": f"text-{number}", "text": text}) + "\n" for number, text in enumerate(texts))
    file.write_text("".join(lines), encoding="utf-8")


def time_command(
    project: Path, source: Path, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Run:
    """Run `framing classify` on a file or folder, in a project with `params.yaml` and `models/`.

    Args:
        arguments: further ones of the command.
        environment: variables beside those that are set.

    Raises: RuntimeError with what the command said, unless it read everything.
    """
    output = project / "predictions.parquet"
    framing = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    command = [*framing, "classify", str(source.resolve()), "-o", str(output.resolve()), *arguments]
    watched = subprocess.run(
        [sys.executable, "-c", _WATCH, *command],
        cwd=project,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(watched.stdout)
    if found["code"]:
        raise RuntimeError(f"framing classify {source}: {found['said'].strip()}")
    kib = found["peak"] / (1024 if sys.platform == "darwin" else 1)  # macOS counts bytes
    return Run(pq.read_metadata(output).num_rows, found["seconds"], kib / 1024)
