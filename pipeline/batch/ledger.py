"""The books of a batch: what is read is named, counted once, accounted for and written part by part, in order.

Engines differ in where documents are cut and classified; what becomes of each is decided here, and so are the bounds
of parts, by what was read alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from pipeline.batch.account import Entry, Problem, problem
from pipeline.batch.inputs import Begun, Failure, Finished
from pipeline.batch.names import Names
from pipeline.batch.parts import Mark, Part, Parts
from pipeline.batch.twins import SketchedTwins
from pipeline.params import BatchParams

# A part closes at so many documents too, for there may be thousands without a passage.
PART_DOCUMENTS = 1000
ENGLISH = ("", "en")


class Progress(Protocol):
    """What shows how far a batch has come."""

    def start(self, inputs: int) -> None:
        """There are so many files."""

    def resume(self, passages: int) -> None:
        """An interrupted run classified so many passages; time counts from here."""

    def __call__(self, inputs: int, documents: int, passages: int) -> None:
        """So much is done."""


D_contra = TypeVar("D_contra", contravariant=True)


class Work(Protocol[D_contra]):
    """What an engine does with a document, when the books ask for it."""

    def entry(self, document: D_contra) -> Entry:
        """The account of a document, under the id that it came with and as if it were classified."""

    def twin(self, document: D_contra, name: str, twins: SketchedTwins) -> str | None:
        """The name of a document that it is a near-duplicate of; else it is remembered under its own."""

    def cut(self, document: D_contra, name: str) -> tuple[int, Any]:
        """How many passages it has, and what to keep of it, under this name, until its part is classified."""

    def classified(self, pending: Sequence[Any], progress: Callable[[int], None]) -> pa.Table:
        """The rows of a part, with the passages themselves."""


class Ledger:
    """What is read but not yet written, and what must be known of what was."""

    def __init__(
        self, parts: Parts, work: Work[Any], params: BatchParams, progress: Progress, *, any_language: bool
    ) -> None:
        self._parts, self._work, self._params, self._progress = parts, work, params, progress
        self._any_language = any_language
        self._twins, self._names = SketchedTwins(params.same_from), Names()
        self._inputs = self._documents = self.passages = self._taken = 0
        self._begun = ""
        for part in parts:
            self._know(part)
        self._begin()

    def take(self, results: Iterable[Any]) -> None:
        """Enter results in order, a part at a time; what is no failure and no mark of an input is a document."""
        for found in results:
            self._enter(found)
        if self._done or self._entries or self._problems:
            self._write()

    def _enter(self, found: Any) -> None:
        if isinstance(found, Begun):
            self._begun = found.fingerprint
            return
        if isinstance(found, Finished):
            self._done.append(self._begun)
            self._used_rows |= found.used_rows
            self._taken = 0
            self._show()
            return
        self._taken += 1
        if isinstance(found, Failure):
            self._problems.append(problem(found.error, found.stage))
        else:
            self._account(found)
        if self._is_full():
            self._write()

    def _begin(self) -> None:
        self._pending: list[Any] = []
        self._pending_passages = 0
        self._entries: list[Entry] = []
        self._problems: list[Problem] = []
        self._done: list[str] = []
        self._used_rows: set[tuple[int, str]] = set()

    def _account(self, document: Any) -> None:
        entry = self._work.entry(document)
        entry = replace(entry, document=self._names.distinct(entry.document))
        if entry.language not in ENGLISH and not self._any_language:
            self._entries.append(replace(entry, status="other language"))
        elif (twin := self._work.twin(document, entry.document, self._twins)) is not None:
            self._entries.append(replace(entry, status="duplicate", twin_of=twin))
        else:
            passages, kept = self._work.cut(document, entry.document)
            self._pending.append(kept)
            self._pending_passages += passages
            self._entries.append(replace(entry, passages=passages))

    def _is_full(self) -> bool:
        return (
            self._pending_passages >= self._params.part_passages
            or len(self._entries) + len(self._problems) >= PART_DOCUMENTS
        )

    def _write(self) -> None:
        table = self._work.classified(self._pending, self._show)
        mark = Mark(tuple(self._done), self._taken, self._begun if self._taken else "")
        part = Part(table, tuple(self._entries), tuple(self._problems), mark, tuple(sorted(self._used_rows)))
        self._parts.add(part)
        self._inputs += len(self._done)
        self._documents += len(self._entries)
        self.passages += table.num_rows
        self._begin()
        self._show()

    def _show(self, passages: int = 0) -> None:
        """An input counts as it is classified: a part is read in no time."""
        share = passages / self._pending_passages if self._pending_passages else 1.0
        inputs, documents = int(share * len(self._done)), int(share * len(self._entries))
        self._progress(self._inputs + inputs, self._documents + documents, self.passages + passages)

    def _know(self, part: Part) -> None:
        self._inputs += len(part.mark.inputs)
        self._documents += len(part.entries)
        self.passages += part.table.num_rows
        self._taken = part.mark.results
        self._names.know(found.document for found in part.entries)
        texts: dict[str, list[str]] = {}
        for name, text in zip(part.table["document"].to_pylist(), part.table["text"].to_pylist(), strict=True):
            texts.setdefault(name, []).append(text)
        for name, passages in texts.items():
            self._twins.find_or_add(name, " ".join(passages))
