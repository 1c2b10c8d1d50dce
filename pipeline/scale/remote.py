"""Inputs in an object store: listed here, fetched by whoever reads them, and called by their addresses throughout."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow
from pyarrow import fs

from pipeline.batch.earlier import is_earlier_result
from pipeline.batch.inputs import Failure, Inputs, open_inputs
from pipeline.corpus.sandbox import Sandbox
from pipeline.corpus.sources import SUFFIXES, is_asset, is_hidden, printable, remedy_for, suffix, unknown_kind
from pipeline.errors import DocumentError
from pipeline.records import Document


@dataclass(frozen=True)
class Remote:
    """A file in an object store; `name` is its path below the address that was named. Time in nanoseconds.

    `has_namesake`: a file of its bare name stands right below that address, and rows with this name are about that one.
    """

    address: str
    name: str
    size_bytes: int
    changed_ns: int
    has_namesake: bool = False


def is_address(path: str) -> bool:
    """Whether a path is an address, such as `s3://archive/2024`."""
    return "://" in path


@dataclass(frozen=True)
class RemoteInputs(Inputs):
    """Inputs with others behind them, at addresses that Arrow reads: `s3://`, `gs://`, `hdfs://`, `file://`.

    A sidecar that is named tells of them too: by their paths below the address, or by their names.
    """

    addresses: Sequence[str] = field(default=())

    def described(self) -> dict[str, Any]:
        """What the results depend on, beside the files themselves."""
        return super().described() | ({"addresses": list(self.addresses)} if self.addresses else {})

    def _sources(self) -> Iterator[Any]:
        yield from super()._sources()
        for address in self.addresses:
            yield from _listed(address)

    def _fingerprint(self, source: Any) -> str:
        if isinstance(source, Remote):
            return f"{source.address!r}\t{source.size_bytes}\t{source.changed_ns}"
        return super()._fingerprint(source)

    def _read(self, source: Any, sandbox: Sandbox, used: set[tuple[int, str]]) -> Iterator[Document | Failure]:
        if not isinstance(source, Remote):
            yield from super()._read(source, sandbox, used)
            return
        with tempfile.TemporaryDirectory(prefix="framing-") as scratch:
            file = Path(scratch) / source.name
            inside = replace(self, sidecars=[_moved(found, Path(scratch)) for found in self.sidecars])
            try:
                _fetch(source.address, file)
                if source.has_namesake:
                    (Path(scratch) / file.name).touch()
            except OSError as error:
                yield Failure("read", _unreachable(source.address, error))
                return
            if source.address not in self.addresses and is_earlier_result(file):
                return
            for found in Inputs._read(inside, file, sandbox, used):
                yield _called(found, printable(file), source.address)


def opener(addresses: Sequence[str]) -> Callable[..., Inputs]:
    """What opens inputs with these addresses behind them, as `open_inputs` does without."""

    def opened(*arguments: Any) -> Inputs:
        inputs = open_inputs(*arguments)
        known = {place.name: getattr(inputs, place.name) for place in fields(inputs)}
        return RemoteInputs(**known, addresses=tuple(addresses))

    return opened


def _listed(address: str) -> Iterator[Remote | DocumentError]:
    """The files below an address, in the order of their names, and what is none that can be read."""
    try:
        store, root = fs.FileSystem.from_uri(address)
        [about] = store.get_file_info([root])
        if about.type == fs.FileType.NotFound:
            yield DocumentError(address, "nothing there", "check the address")
            return
        one = about.type == fs.FileType.File
        found = [about] if one else store.get_file_info(fs.FileSelector(root, recursive=True))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        yield _unreachable(address, error)
        return
    top = set() if one else {info.base_name for info in found if PurePosixPath(info.path).parent == PurePosixPath(root)}
    for info in sorted(found, key=lambda info: PurePosixPath(info.path)):  # as folders are walked
        name = info.base_name if one else str(PurePosixPath(info.path).relative_to(root))
        if info.type != fs.FileType.File or is_asset(name) or any(map(is_hidden, PurePosixPath(name).parts)):
            continue
        place = address if one else f"{address.rstrip('/')}/{name}"
        if suffix(name) not in SUFFIXES:
            yield DocumentError(printable(place), unknown_kind(name), remedy_for(name))
        else:
            yield Remote(place, name, info.size, info.mtime_ns or 0, name != info.base_name and info.base_name in top)


def _fetch(address: str, file: Path) -> None:
    store, path = fs.FileSystem.from_uri(address)
    file.parent.mkdir(parents=True, exist_ok=True)
    with store.open_input_stream(path) as stream, file.open("wb") as target:
        shutil.copyfileobj(stream, target, 1 << 20)


def _unreachable(address: str, error: Exception) -> DocumentError:
    reason = printable(str(error).splitlines()[0][:200]) if str(error) else type(error).__name__
    return DocumentError(address, f"cannot be reached: {reason}", "check the address and what gives access to it")


def _moved(sidecar: Any, folder: Path) -> Any:
    """As if it lay in the folder; the own one of a folder here tells of nothing there."""
    if sidecar.metadata.everywhere:
        return replace(sidecar, metadata=replace(sidecar.metadata, folder=folder))
    return replace(sidecar, metadata=replace(sidecar.metadata, rows={}))


def _called(found: Document | Failure, file: str, address: str) -> Document | Failure:
    """With the address in place of the file that it was fetched to."""
    if isinstance(found, Document):
        return replace(found, place=found.place.replace(file, address, 1))
    error = found.error
    place = printable(error.place).replace(file, address, 1)
    return Failure(found.stage, DocumentError(place, error.reason, error.remedy))
