"""Progress on standard error, for whoever watches: nothing is shown where it is no terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """A progress bar whose length becomes known on the way."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task("reading", total=None)

    def start(self, total: int) -> None:
        """There are so many to do."""
        self.progress.update(self.task, total=total)

    def __call__(self, done: int) -> None:
        """So many are done."""
        self.progress.update(self.task, completed=done)


class BatchBar:
    """A bar over the files of a batch, with documents read and passages a second in this run."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task("reading", total=None, documents=0, rate=0.0)
        self.began, self.before = time.monotonic(), 0

    def start(self, inputs: int) -> None:
        """There are so many files."""
        self.progress.update(self.task, total=inputs)

    def resume(self, passages: int) -> None:
        """An interrupted run classified so many passages; time counts from here."""
        self.began, self.before = time.monotonic(), passages

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        """So much is done."""
        rate = (passages - self.before) / max(time.monotonic() - self.began, 1e-9)
        self.progress.update(self.task, completed=inputs, documents=documents, rate=rate)


@contextmanager
def bar(console: Console, unit: str) -> Iterator[Bar]:
    """A bar over things of one kind, with the time that is left."""
    with _shown(console, "{task.description}", unit) as progress:
        yield Bar(progress)


@contextmanager
def batch_bar(console: Console) -> Iterator[BatchBar]:
    """A bar over the files of a batch, with the time that is left."""
    counts = "files, {task.fields[documents]} documents, {task.fields[rate]:.1f} passages/s"
    with _shown(console, "reading", counts) as progress:
        yield BatchBar(progress)


def _shown(console: Console, before: str, behind: str) -> Progress:
    return Progress(
        TextColumn(before),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(behind),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
