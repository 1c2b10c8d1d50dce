"""What to read: files, folders and patterns, and a table that says more about them."""

import glob
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.corpus.fields import document_of
from pipeline.corpus.sources import SUFFIXES, Source, is_asset, is_hidden, printable, remedy_for, suffix, unknown_kind
from pipeline.corpus.tables import read_rows
from pipeline.errors import DocumentError
from pipeline.records import Document


def find_sources(paths: Sequence[Path]) -> Iterator[Path | DocumentError]:
    """The files to read among paths, below folders and behind patterns such as `texts/*.md`, one at a time.

    Folders are walked in the order of names. Left out without a word are hidden files and folders and what comes along
    with saved pages (images, styles, scripts, fonts, sound, film). All else that is not read is yielded as its error:
    unknown kinds, links that lead out of the folder or in a circle, what is no regular file or may not be read.
    """
    for path in paths:
        if os.path.lexists(path):
            yield from _named(path)
        elif glob.has_magic(str(path)):
            yield from _pattern(str(path))
        else:
            yield DocumentError(printable(path), "no such file or folder", "check the spelling and the folder")


def _pattern(pattern: str) -> Iterator[Path | DocumentError]:
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    if not found:
        yield DocumentError(printable(pattern), "no file fits this pattern", "check the spelling and the folder")
    for name in found:
        # With `**` a folder's files come by their own names.
        if not (Path(name).is_dir() and "**" in pattern) and not is_asset(name):
            yield from _named(Path(name))


def _named(path: Path) -> Iterator[Path | DocumentError]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield _unreadable(path, error)
        return
    yield from _walk(path) if stat.S_ISDIR(mode) else [_checked(path, mode)]


def _walk(root: Path) -> Iterator[Path | DocumentError]:
    """The files below a folder; without recursion, for folders may be nested more deeply than calls."""
    top = root.resolve()
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            link = path.is_symlink() and path != root
            if link and (refusal := _refused_link(path, top)):
                yield refusal
                continue
            mode = path.stat().st_mode
            if not stat.S_ISDIR(mode):
                if not is_asset(path.name):
                    yield _checked(path, mode)
            # The files behind a link to another folder below `root` are read where they are.
            elif not link:
                waiting += sorted((inner for inner in path.iterdir() if not is_hidden(inner.name)), reverse=True)
        except OSError as error:
            yield _unreadable(path, error)


def _refused_link(path: Path, top: Path) -> DocumentError | None:
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(top):
        return DocumentError(printable(path), "a link that leads out of the folder", "name its target to read it")
    if path.parent.resolve().is_relative_to(target):
        return DocumentError(printable(path), "a link that leads in a circle", "remove it")
    return None


def _checked(path: Path, mode: int) -> Path | DocumentError:
    """The path, if there is something behind it that can be read."""
    if not stat.S_ISREG(mode):
        return DocumentError(printable(path), "no regular file but a pipe, socket or device", "name a file with text")
    if suffix(path.name) not in SUFFIXES:
        return DocumentError(printable(path), unknown_kind(path.name), remedy_for(path.name))
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        return DocumentError(printable(path), "may not be read", "give yourself the right to read it (chmod +r)")
    return path


def _unreadable(path: Path, error: OSError) -> DocumentError:
    if path.is_symlink():
        return DocumentError(printable(path), "a link that leads nowhere or in a circle", "remove it")
    return DocumentError(printable(path), f"cannot be read: {error.strerror}", "check its rights and its name")


@dataclass(frozen=True)
class Metadata:
    """What a table says about files: by path relative to the table, by name, or by a document's id.

    `everywhere`: also about files outside its folder, as a table that somebody named for them.
    """

    folder: Path
    rows: Mapping[str, Mapping[str, str]]
    everywhere: bool = True

    def about(self, file: Path, document: Document | None = None) -> str | None:
        """The key of the row about a file, or about a document from it: the member of an archive, a row of a table.

        A row that names a file which stands at that place is about this one, and about no namesake elsewhere.
        """
        relative = Path(os.path.relpath(file.absolute(), self.folder.absolute())).as_posix()
        if relative.startswith("../") and not self.everywhere:
            return None
        names = [relative, file.name]
        if document is not None:
            member = document.place.removeprefix(printable(file)).lstrip("/")
            names = [f"{relative}/{member}", member, document.id, *names]
        known = (name for name in names if _key(name) in self.rows)
        return next((_key(name) for name in known if name == relative or not self._stands(name)), None)

    def _stands(self, name: str) -> bool:
        return os.path.isfile(self.folder / name)  # noqa: PTH113 (Path.is_file raises where a name is too long)

    def apply(self, document: Document, key: str) -> Document:
        """The document with what a row says; empty cells change nothing."""
        said = document_of({**self.rows[key], "text": "-"}, "", "")
        names = ("id", "title", "authors", "date", "source", "language")
        return replace(document, **{name: value for name in names if (value := getattr(said, name))})

    def unused(self, used: Iterable[str]) -> tuple[str, ...]:
        """The files that rows name beside those with the keys in `used`, in the table's order."""
        used = set(used)
        return tuple(row["file"] for key, row in self.rows.items() if key not in used)


def load_metadata(path: Path, *, everywhere: bool = True) -> Metadata:
    """The table beside the texts, with a column `file` and any of id, title, author, date, source and language.

    Args:
        everywhere: whether it tells of files outside its folder too.

    Raises: DocumentError if it cannot be read, has no column file, or names a file twice.
    """
    rows: dict[str, Mapping[str, str]] = {}
    try:
        with path.open("rb") as stream:
            for place, _, row in read_rows(Source(path.name, printable(path), stream), "file"):
                if isinstance(row, DocumentError):
                    raise row
                key = _key(row["file"])
                if key in rows:
                    raise DocumentError(place, f"{printable(row['file'])} stands twice", "keep one row for a file")
                if key:
                    rows[key] = row
    except OSError as error:
        raise DocumentError(printable(path), f"cannot be read: {error.strerror}", "check its name") from None
    return Metadata(path.parent, rows, everywhere)


def _key(name: str) -> str:
    """A name in the form that macOS and other systems agree on."""
    return unicodedata.normalize("NFC", name.strip().removeprefix("./"))
