"""What a batch reads, in a fixed order, so that it can go on where an earlier run stopped."""

import codecs
import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from glob import has_magic
from pathlib import Path
from typing import IO, Any

from pipeline.batch.account import Stage
from pipeline.batch.earlier import is_earlier_result
from pipeline.batch.output import beside
from pipeline.batch.parts import Mark
from pipeline.corpus.inputs import Metadata, find_sources, load_metadata
from pipeline.corpus.sandbox import Sandbox
from pipeline.corpus.sources import KNOWN_KINDS, printable
from pipeline.errors import DocumentError, OutputError
from pipeline.records import Document

SIDECAR = "metadata.csv"
STANDARD_INPUT = Path("-")

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# "[" alone may begin a text, with an editor's note or a footnote's number.
_BEGINNINGS = {".json": re.compile(rb"\[\s*[{\]]"), ".jsonl": re.compile(rb"{"), ".html": re.compile(rb"<")}


@dataclass(frozen=True)
class Begun:
    """An input is opened; the fingerprint tells whether it is the same in the next run."""

    fingerprint: str


@dataclass(frozen=True)
class Finished:
    """The input that was begun is read to its end.

    `used_rows` are those of sidecars that are about it or a document in it, each as the sidecar's number and its key.
    """

    used_rows: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class Failure:
    """Something that could not be found or read."""

    stage: Stage
    error: DocumentError


@dataclass(frozen=True)
class Sidecar:
    """A table that says more about files; the fingerprint tells whether it is the same in the next run."""

    path: Path
    metadata: Metadata
    fingerprint: str


@dataclass(frozen=True)
class Inputs:
    """Files, folders and globs; `output`, what stands beside it and an earlier `report` are left out.

    So is what an earlier run with another output wrote into a folder, which is told; a file that is named is read.
    `given` overrides fields of every document (author, date, source), after what `sidecars` say of single ones.
    `standard_input` is the one of `paths` that holds a copy of it.
    """

    paths: Sequence[Path]
    output: Path
    sidecars: Sequence[Sidecar] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    report: Path | None = None
    standard_input: Path | None = None

    def described(self) -> dict[str, Any]:
        """What the results depend on, beside the files themselves."""
        return {
            "paths": [str(STANDARD_INPUT if path == self.standard_input else path) for path in self.paths],
            "sidecars": [found.fingerprint for found in self.sidecars],
            "given": dict(self.given),
        }

    def count(self) -> int:
        """How many inputs there are, what cannot be found or read among them.

        Raises: DocumentError if nothing of it can be read; OutputError if a text would be written over.
        """
        failures, readable = 0, 0
        first: DocumentError | None = None
        for source in self._sources():
            if isinstance(source, DocumentError):
                first = first or source
                failures += 1
            else:
                readable += 1
        if not readable:
            places = ", ".join(map(str, self.paths))
            raise first or DocumentError(places, "nothing to read there", KNOWN_KINDS)
        return failures + readable

    def results(self, mark: Mark) -> Generator[Document | Failure | Begun | Finished, None, None]:
        """Documents and failures in order, from where an earlier run stopped.

        Raises: OutputError if one of the inputs that it read from is not what it was.
        """
        with Sandbox() as sandbox:
            for source, taken in self.remaining(mark):
                yield from self.read(source, sandbox, taken)

    def remaining(self, mark: Mark) -> Iterator[tuple[Path | DocumentError, int]]:
        """The inputs that an earlier run did not finish, in order, and how many results it took from each.

        Raises: OutputError if one of the inputs that it read from is not what it was.
        """
        sources = self._sources()
        for expected in mark.inputs:
            self._refuse_change(expected, next(sources, None))
        if mark.results:
            begun = next(sources, None)
            self._refuse_change(mark.begun, begun)
            assert begun is not None  # refused otherwise
            yield begun, mark.results
        yield from ((source, 0) for source in sources)

    def read(
        self, source: Path | DocumentError, sandbox: Sandbox, taken: int = 0
    ) -> Iterator[Document | Failure | Begun | Finished]:
        """What one input holds, after the first `taken` results, which are left out."""
        # Taken before it is read, so that a change meanwhile shows.
        yield Begun(self._fingerprint(source))
        used: set[tuple[int, str]] = set()
        for number, result in enumerate(self._read(source, sandbox, used)):
            if number >= taken:
                yield result
        yield Finished(frozenset(used))

    def _refuse_change(self, expected: str, source: Path | DocumentError | None) -> None:
        if source is None or self._fingerprint(source) != expected:
            place = expected.partition("\t")[0]
            raise OutputError(
                f"{self.output}: the inputs changed since the interrupted run, at {place}; "
                "put them back to go on, or add --restart to begin anew"
            )

    def unused_rows(self, used: Iterable[tuple[int, str]]) -> Iterator[DocumentError]:
        """The rows of sidecars that are not among `used`: they fit no input."""
        used = set(used)
        for number, sidecar in enumerate(self.sidecars):
            for file in sidecar.metadata.unused(key for place, key in used if place == number):
                reason = f"{printable(file)}: no file or document of this name"
                yield DocumentError(printable(sidecar.path), reason, "check the spelling in its column file")

    def earlier_results(self) -> Iterator[DocumentError]:
        """What earlier runs with other outputs wrote into the folders, and what is not read as texts therefore."""
        for found in self._others():
            if isinstance(found, Path) and self._is_earlier(found):
                reason = "what an earlier run wrote, not a text"
                yield DocumentError(printable(found), reason, "to read it all the same, name the file itself")

    def _read(
        self, source: Path | DocumentError, sandbox: Sandbox, used: set[tuple[int, str]]
    ) -> Iterator[Document | Failure]:
        # A row about what could not be read is no mistake of the sidecar's.
        used |= self._rows(Path(source.place) if isinstance(source, DocumentError) else source)
        if isinstance(source, DocumentError):
            yield Failure("find", source)
            return
        for _, found in sandbox.read([source]):
            if isinstance(found, Document):
                rows = self._rows(source, found)
                used |= rows
                yield replace(self._completed(found, rows), place=self._place(found.place))
            elif found is not None:
                yield Failure("read", DocumentError(self._place(found.place), found.reason, found.remedy))

    def _place(self, place: str) -> str:
        """The place as the user knows it: standard input is no file."""
        saved = self.standard_input
        return f"standard input{place.removeprefix(str(saved))}" if saved and place.startswith(str(saved)) else place

    def _rows(self, source: Path, document: Document | None = None) -> set[tuple[int, str]]:
        """The rows about a file, or about a document in it: the sidecar's number and the row's key."""
        found = ((number, sidecar.metadata.about(source, document)) for number, sidecar in enumerate(self.sidecars))
        return {(number, key) for number, key in found if key is not None}

    def _completed(self, document: Document, rows: set[tuple[int, str]]) -> Document:
        for number, key in sorted(rows):
            document = self.sidecars[number].metadata.apply(document, key)
        given: dict[str, Any] = dict(self.given)
        if "author" in given:
            given["authors"] = tuple(name.strip() for name in given.pop("author").split(";") if name.strip())
        return replace(document, **given)

    def _fingerprint(self, source: Path | DocumentError) -> str:
        if isinstance(source, DocumentError):
            return f"{source.place}\t{source.reason}"
        if source == self.standard_input:
            return f"{STANDARD_INPUT}\t{_sha256(source)}"
        try:
            about = source.stat()
        except OSError:
            return f"{source!r}\tgone"
        return f"{source!r}\t{about.st_size}\t{about.st_mtime_ns}"

    def _sources(self) -> Iterator[Path | DocumentError]:
        return (found for found in self._others() if not (isinstance(found, Path) and self._is_earlier(found)))

    def _is_earlier(self, file: Path) -> bool:
        return file not in self.paths and is_earlier_result(file)

    def _others(self) -> Iterator[Path | DocumentError]:
        """All that is found but this run's own results and sidecars."""
        written = {path.resolve() for path in (self.output, *beside(self.output))}
        sidecars = {sidecar.path.resolve() for sidecar in self.sidecars}
        report = self.report.resolve() if self.report else None
        for found in find_sources(self.paths):
            if isinstance(found, Path):
                place = found.resolve()
                if place in written:
                    _refuse_loss(found)
                    continue
                if place in sidecars or (report and report in place.parents):
                    continue
            yield found


def open_inputs(
    paths: Sequence[Path],
    output: Path,
    given: Mapping[str, str],
    metadata: Path | None,
    report: Path | None,
    stack: ExitStack,
) -> Inputs:
    """What is below the paths, with its sidecars: `metadata`, else each `metadata.csv` in a folder of the paths.

    Args:
        given: fields that override those of every document.
        stack: closing it throws a copy of standard input away.

    Raises: DocumentError if a path does not exist, or a sidecar cannot be used; OutputError if one of them would be
        written over.
    """
    for path in paths:
        if path != STANDARD_INPUT and not path.exists() and not has_magic(str(path)):
            raise DocumentError(str(path), "no such file or folder")
    saved = None
    if STANDARD_INPUT in paths:
        saved = _save_standard_input(sys.stdin.buffer, stack)
        paths = [saved if path == STANDARD_INPUT else path for path in paths]
    sidecars = _sidecars(paths, metadata)
    written = {path.resolve() for path in (output, *beside(output))}
    for path in (*paths, *(sidecar.path for sidecar in sidecars)):
        if path.resolve() in written:
            raise _loss(path)
    return Inputs(paths, output, sidecars, given, report, saved)


def _refuse_loss(file: Path) -> None:
    """Let a file be written over if an earlier run wrote it; where nothing was classified, it may be empty."""
    if file.stat().st_size and not is_earlier_result(file):
        raise _loss(file)


def _loss(file: Path) -> OutputError:
    return OutputError(f"{file}: is an input and would be written over; choose another place with -o")


def _sidecars(paths: Sequence[Path], named: Path | None) -> list[Sidecar]:
    if named is not None:
        return [_sidecar(named, everywhere=True)]
    found = []
    for path in paths:
        if (path / SIDECAR).is_file():
            try:
                # Another folder's texts may have the same names.
                found.append(_sidecar(path / SIDECAR, everywhere=False))
            except DocumentError as error:
                if "column file" not in error.reason:  # else it is a table of texts, by chance of that name
                    raise
    return found


def _sidecar(path: Path, *, everywhere: bool) -> Sidecar:
    return Sidecar(path, load_metadata(path, everywhere=everywhere), _sha256(path))


def _save_standard_input(stream: IO[bytes], stack: ExitStack) -> Path:
    """Standard input as a file: JSON Lines, JSON, a web page or plain text, as it begins."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    start = stream.read(1 << 16)
    file = folder / f"standard-input{_suffix(start)}"
    with file.open("wb") as target:
        target.write(start)
        shutil.copyfileobj(stream, target)
    return file


def _suffix(start: bytes) -> str:
    for mark in _BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    beginning = start.replace(b"\x00", b"").lstrip()  # some shells send letters of two bytes
    return next((suffix for suffix, begins in _BEGINNINGS.items() if begins.match(beginning)), ".txt")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
