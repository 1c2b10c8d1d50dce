"""Results of a batch in parts, each written whole or not at all, so that an interrupted run goes on where it stopped.

Beside `OUT` stands a hidden folder `.OUT.parts` while a run is under way, hidden also from a run that reads the same
folder again: `run.json` says what the run is, and each part is a Parquet table of predictions with the account of its
documents in the table's metadata.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from pipeline.batch.account import Entry, Problem
from pipeline.errors import OutputError

_ACCOUNT = b"account"


@dataclass(frozen=True)
class Mark:
    """How far the reading has come: inputs that are done, and results taken from the one after them, `begun`."""

    inputs: tuple[str, ...] = ()
    results: int = 0
    begun: str = ""


@dataclass(frozen=True)
class Part:
    """Predictions, a row a passage, and the account of the documents and failures that they came from.

    `mark` says which inputs were finished in this part, and how many results were taken from the next in all;
    `used_rows`, which rows of sidecars are about those inputs.
    """

    table: pa.Table
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    mark: Mark
    used_rows: tuple[tuple[int, str], ...] = ()


class Parts:
    """The parts of one run, in order. Only one process at a time may hold them."""

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls, output: Path, run: dict[str, Any], *, restart: bool = False) -> Self:
        """The parts of the run that writes `output`: those that an interrupted one left, or none.

        Args:
            run: what the results depend on; parts of another run are refused.
            restart: throw away what an earlier run left.

        Raises: OutputError if another process holds them, or they are those of another run.
        """
        folder = output.with_name(f".{output.name}.parts")
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(f"{output}: another run is writing it; wait for it, or choose another place") from None
        parts = cls(folder, lock)
        if restart:
            for path in folder.iterdir():
                if path.name != "lock":
                    path.unlink()
        parts._check(output, json.loads(json.dumps(run)))
        return parts

    def __len__(self) -> int:
        return len(self._paths())

    def add(self, part: Part) -> None:
        """Write the next part; it is there whole or not at all.

        Raises: OutputError if it cannot be written, for a full disk say; the parts before it stay.
        """
        account = {
            "entries": [asdict(found) for found in part.entries],
            "problems": [asdict(found) for found in part.problems],
            "mark": asdict(part.mark),
            "used_rows": part.used_rows,
        }
        path = self.folder / f"{len(self) + 1:06}.parquet"
        partial = path.with_suffix(".partial")
        try:
            table = part.table.replace_schema_metadata({_ACCOUNT: json.dumps(account)})
            with partial.open("wb") as stream:
                pq.write_table(table, stream)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        except OSError as error:
            raise unwritable(path, error) from None
        finally:
            partial.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Part]:
        return map(_load, self._paths())

    def accounts(self) -> Iterator[Part]:
        """The parts without their rows."""
        return (_load(path, rows=False) for path in self._paths())

    def close(self) -> None:
        """Let another process have them."""
        self._lock.release()

    def remove(self) -> None:
        """Throw the parts away: what they held is written elsewhere."""
        self.close()
        shutil.rmtree(self.folder)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.parquet"))

    def _check(self, output: Path, run: dict[str, Any]) -> None:
        manifest = self.folder / "run.json"
        if manifest.exists():
            before = json.loads(manifest.read_text(encoding="utf-8"))
            changed = sorted(key for key in run.keys() | before.keys() if run.get(key) != before.get(key))
            if not changed:
                return
            if self._paths():
                self.close()
                raise OutputError(
                    f"{output}: an interrupted run with another {', '.join(changed)} left parts in {self.folder}; "
                    "run it as before to go on, or add --restart to begin anew"
                )
        partial = manifest.with_suffix(".partial")
        partial.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
        partial.replace(manifest)


def _load(path: Path, *, rows: bool = True) -> Part:
    schema = pq.read_schema(path)
    account = json.loads(schema.metadata[_ACCOUNT])
    table = pq.read_table(path) if rows else schema.empty_table()
    return Part(
        table=table.replace_schema_metadata(None),
        entries=tuple(Entry(**values) for values in account["entries"]),
        problems=tuple(Problem(**values) for values in account["problems"]),
        mark=Mark(**{**account["mark"], "inputs": tuple(account["mark"]["inputs"])}),
        used_rows=tuple((number, key) for number, key in account["used_rows"]),
    )


def last_mark(parts: Iterable[Part]) -> Mark:
    """The inputs that all parts finished, and how many results were taken from the one after them."""
    last, done = Mark(), list[str]()
    for part in parts:
        last = part.mark
        done += last.inputs
    return replace(last, inputs=tuple(done))


def unwritable(path: Path, error: OSError) -> OutputError:
    """What a full disk, say, comes to."""
    return OutputError(
        f"{path}: cannot be written: {error.strerror or error}; make room there and run the same command again: "
        "what was classified is kept"
    )
