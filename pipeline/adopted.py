"""Labels by people that count in place of what the passes said, as `framing adopt` wrote them down.

A module of its own, and not among the records: training does not depend on it.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from pipeline.records import Annotation, Label, Record, Settlement, read_jsonl

ADOPTED = Path("data/adopted")


class Adopted(Label):
    """A label by people that counts in place of what the passes said; `annotations` are those that it rests on.

    `corpus` is written, essays, op-eds or texts; `document` the id of a document or of a written passage. `purpose`:
    what it was drawn for, with this `probability` of being drawn (none where chance had no part).
    """

    corpus: str
    document: str
    passage: int
    start: int
    end: int
    sha256: str
    purpose: str
    probability: float | None = None
    annotations: tuple[Annotation, ...] = Field(min_length=1)

    @property
    def key(self) -> tuple[str, str, int, int, str]:
        """Which passage it is, as labels name it."""
        return self.corpus, self.document, self.start, self.end, self.sha256

    @property
    def settlement(self) -> Settlement:
        """The label as it settles what the passes said."""
        names = ", ".join(annotation.annotator for annotation in self.annotations)
        return Settlement(frames=self.frames, contested=self.contested, reason=f"labelled by {names}")


def load_adopted(corpus: str, folder: Path = ADOPTED) -> list[Adopted]:
    """The labels by people that count for a corpus."""
    path = folder / f"{corpus}.jsonl"
    return read_jsonl(path, Adopted) if path.exists() else []


def append_jsonl(path: Path, records: Iterable[Record]) -> None:
    """Add a line for each record below what stands there: all of them or none."""
    lines = "".join(record.model_dump_json(exclude_none=True) + "\n" for record in records)
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    if before and not before.endswith(b"\n"):  # some editors leave the last line open
        before += b"\n"
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(before + lines.encode())
    partial.replace(path)
