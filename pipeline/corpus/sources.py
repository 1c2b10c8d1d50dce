"""Where documents come from: bytes under a name, and which names are worth opening."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".csv", ".tsv", ".jsonl", ".json", ".parquet", ".zip")

_ASSET = re.compile(
    r"\.(png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?|heic|css|scss|less|map|js|mjs|ts|woff2?|ttf|otf|eot"
    r"|mp3|m4a|wav|ogg|flac|aac|mp4|m4v|mov|avi|mkv|webm)"
)
_FURNITURE = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Source:
    """Bytes to read documents from: a file, or a member of an archive. The stream is open and can seek."""

    name: str
    place: str
    stream: BinaryIO

    @property
    def stem(self) -> str:
        """The name without its suffix: what a document is called whose file does not say."""
        return printable(PurePosixPath(self.name).stem)

    @property
    def suffix(self) -> str:
        """The kind, such as `.txt`, in lower case."""
        return suffix(self.name)


def printable(name: str | Path) -> str:
    r"""A name that can be printed in one line and encoded as UTF-8.

    >>> printable("two\nlines")
    'two\\nlines'
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in str(name)
    )


def suffix(name: str) -> str:
    """The kind that a file's name says it is of, in lower case; "" for none."""
    return PurePosixPath(name).suffix.lower()


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is a program's own: `.git`, `.DS_Store`, `~$essay.docx`."""
    return name.startswith((".", "~$")) or name.lower() in _FURNITURE


def is_asset(name: str) -> bool:
    """Whether a name says image, style, script, font, sound or film: what comes along with a saved page."""
    return bool(_ASSET.fullmatch(suffix(name)))


def unknown_kind(name: str) -> str:
    """The reason why a file of another kind is not read."""
    return f"cannot read {printable(suffix(name)) or 'a file without suffix'}"


KNOWN_KINDS = f"known kinds: {' '.join(SUFFIXES)}"
_CONVERTED = {
    **dict.fromkeys((".doc", ".rtf", ".odt", ".pages", ".wpd"), "save it as .docx"),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".numbers"), "save it as .csv, with a column text"),
    **dict.fromkeys((".mht", ".mhtml", ".webarchive", ".epub", ".eml", ".xhtml"), "save it as .html or .txt"),
    **dict.fromkeys((".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz"), "unpack it, or make it a .zip"),
}


def remedy_for(name: str) -> str:
    """What to do with a file of another kind."""
    return _CONVERTED.get(suffix(name), KNOWN_KINDS)
