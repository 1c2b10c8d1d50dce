"""A process of its own in which files are parsed: what hangs, crashes or eats memory there harms nobody here."""

import contextlib
import json
import logging
import multiprocessing
import os
import resource
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.corpus.readers import read_documents
from pipeline.corpus.sources import printable
from pipeline.errors import DocumentError
from pipeline.records import Document

START_SECONDS = 600  # a busy machine; a child that dies is noticed at once
FILES_AHEAD = 8
GRACE_SECONDS = 10

# One thread, and no arenas of a gigabyte each: both count as memory, used or not.
_FRUGAL = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_READY = b"ready"
_DONE = b"null"


class Sandbox:
    """Reads files in a child process with limits; use it as a context manager, so that no child is left behind.

    `timeout_seconds` is how long the child may say nothing; `memory_bytes` what it may take beyond its own code.
    The code that starts it must stand below `if __name__ == "__main__"`, as always with processes that are spawned.
    """

    def __init__(self, timeout_seconds: float = 60, memory_bytes: int = 2 * 2**30) -> None:
        self.timeout_seconds = timeout_seconds
        self.memory_bytes = memory_bytes
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()

    def read(self, files: Iterable[Path]) -> Iterator[tuple[Path, Document | DocumentError | None]]:
        """What the files hold, in their order, one document at a time; None follows the last one of each file.

        The child reads ahead by what the pipe holds. A file over which it falls silent or dies has an error after the
        documents that came before, and a new child goes on with the next file.
        """
        waiting = iter(files)
        asked: deque[Path] = deque()
        try:
            while True:
                connection = self._connection or self._start(asked)
                while len(asked) < FILES_AHEAD and (file := next(waiting, None)) is not None:
                    asked.append(file)
                    _send(connection, file)
                if not asked:
                    return
                found = self._receive(connection, asked[0])
                yield asked[0], found
                if found is None:
                    asked.popleft()
                elif self._connection is None:
                    yield asked.popleft(), None
        finally:
            # Whoever stops in the middle leaves answers in the pipe that nobody waits for any more.
            if asked:
                self._kill()

    def _start(self, asked: Iterable[Path]) -> Connection:
        """A new child that goes on with the files that the last one was asked for."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(there, self.timeout_seconds, self.memory_bytes), daemon=True
        )
        # The child inherits this: Ctrl-C is the parent's, which then ends the child.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        there.close()
        self._connection = here
        try:
            ready = here.poll(START_SECONDS) and here.recv_bytes() == _READY
        except (EOFError, OSError):
            ready = False
        if not ready:
            self._kill()
            raise DocumentError("reading", "the process for it does not start", "free memory, and try again")
        for file in asked:
            _send(here, file)
        return here

    def _receive(self, connection: Connection, file: Path) -> Document | DocumentError | None:
        """The child's next answer; where none comes, the child is ended and the reason is the answer."""
        try:
            if connection.poll(self.timeout_seconds):
                return _decode(connection.recv_bytes())
            self._kill()
            reason = f"not read within {self.timeout_seconds:g} seconds"
        except (EOFError, OSError):
            # What died by itself leaves its exit code when it is waited for.
            reason = _cause_of_death(self._kill(wait_seconds=5))
        return DocumentError(printable(file), reason, "split it, or save its text alone as .txt")

    def _kill(self, wait_seconds: float = 0) -> int | None:
        """End the child, if there is one; return its exit code, negative for a signal."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is None:
            return None
        process.join(wait_seconds)
        process.kill()
        process.join()
        code = process.exitcode
        process.close()
        return code


def _serve(connection: Connection, timeout_seconds: float, memory_bytes: int) -> None:
    """The child: reads the files that it is told of, and sends what it finds, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    logging.disable(logging.CRITICAL)
    # What libraries in C say when they run out of memory would stand in the middle of the parent's progress.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.environ |= _FRUGAL
    limit = _own_bytes() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        connection.send_bytes(_READY)
        while True:
            file = Path(json.loads(connection.recv_bytes()))
            for answer in _answers(file, timeout_seconds + GRACE_SECONDS):
                connection.send_bytes(answer)
    except (EOFError, OSError):
        return


def _answers(file: Path, limit_seconds: float) -> Iterator[bytes]:
    """What is sent about a file, each answer within the limit.

    The parent ends a child that takes too long; where the parent was killed, nobody would, and the system's clock does.
    It stands still while an answer waits to be fetched.
    """
    documents = read_documents(file)
    while True:
        signal.setitimer(signal.ITIMER_REAL, limit_seconds)
        found = next(documents, None)
        answer = _DONE if found is None else _encode(found)
        signal.setitimer(signal.ITIMER_REAL, 0)
        yield answer
        if found is None:
            return


def _own_bytes() -> int:
    """The address space that this process takes already; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _send(connection: Connection, file: Path) -> None:
    # A child that is dead shows when its answer is looked for.
    with contextlib.suppress(OSError):
        connection.send_bytes(json.dumps(str(file)).encode("ascii"))


def _encode(found: Document | DocumentError) -> bytes:
    if isinstance(found, DocumentError):
        return json.dumps({"error": found.args}).encode("ascii")
    return json.dumps({"document": asdict(found)}).encode("ascii")


def _decode(message: bytes) -> Document | DocumentError | None:
    found: dict[str, Any] | None = json.loads(message)
    if found is None:
        return None
    if "error" in found:
        return DocumentError(*found["error"])
    return Document(**{**found["document"], "authors": tuple(found["document"]["authors"])})


def _cause_of_death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        return f"reading it ended the process ({name}), as too little memory does or a file that is broken on purpose"
    return f"reading it ended the process (exit code {exit_code})"
