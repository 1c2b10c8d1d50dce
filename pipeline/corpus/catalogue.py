"""The essays' catalogue: facts about the texts in git, the texts themselves outside it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from pipeline.corpus.normalise import checksum, normalise
from pipeline.corpus.plain import decode
from pipeline.errors import DocumentError
from pipeline.records import Document, Record, describe

CATALOGUE = Path("data/essays/catalogue.yaml")
TEXTS = Path("data/essays/text")
GOLD = Path("data/essays/gold")


class Cleaning(Record):
    """What `normalise` is told about one conversion."""

    start: str | None = None
    end: str | None = None
    drop: tuple[str, ...] = ()
    replace: dict[str, str] = Field(default_factory=dict)


class Entry(Record):
    """One essay: `sha256` is that of its normalised text."""

    id: str
    authors: tuple[str, ...]
    title: str
    venue: str
    date: str
    address: str | None
    licence: str
    quotable: bool
    sha256: str
    clean: Cleaning = Cleaning()

    def document(self, text: str) -> Document:
        """The essay as a document with this text."""
        return Document(self.id, text, self.title, self.authors, self.date, self.venue)


def load_catalogue(path: Path = CATALOGUE) -> list[Entry]:
    """The catalogue's entries, in order.

    Raises: DocumentError with the entry and the field that is wrong.
    """
    try:
        rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DocumentError(str(path), "no such file", f"restore it with `git checkout {path}`") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DocumentError(str(path), f"not readable as YAML: {' '.join(str(error).split())}") from None
    entries = []
    for number, row in enumerate(rows or (), start=1):
        try:
            entries.append(Entry.model_validate(row))
        except ValidationError as error:
            raise DocumentError(f"{path}: entry {number}", describe(error)) from None
    return entries


def add_essay(file: Path, entries: list[Entry], folder: Path = TEXTS) -> Entry:
    """Check a copy of an essay against the catalogue and put its normalised text into `folder`.

    The entry is the one whose id is the file's stem, else the one whose checksum fits.

    Raises: DocumentError if no entry fits, or the text is not the one that was labelled.
    """
    raw = decode(file)
    by_name = [entry for entry in entries if entry.id == file.stem]
    for entry in by_name or entries:
        text = normalise(raw, **entry.clean.model_dump())
        if checksum(text) == entry.sha256:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{entry.id}.txt").write_text(text, encoding="utf-8")
            return entry
    if by_name:
        raise DocumentError(
            str(file),
            f"its normalised text has sha256 {checksum(text)[:12]}..., the catalogue expects {entry.sha256[:12]}...",
            f"its labels hold for that copy alone; see {CATALOGUE}",
        )
    known = ", ".join(f"{entry.id}.txt" for entry in entries)
    raise DocumentError(str(file), f"no entry of {CATALOGUE} fits", f"name the file as its entry: {known}")


def essay_text(entry: Entry, folder: Path = TEXTS) -> str | None:
    """The essay's normalised text, or None where it is absent.

    Raises: DocumentError if a text is there that is not the catalogue's.
    """
    path = folder / f"{entry.id}.txt"
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    if checksum(text) != entry.sha256:
        raise DocumentError(str(path), "changed since it was added", "put it back with `framing essays add FILE`")
    return text
