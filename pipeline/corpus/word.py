"""Word files (.docx): running text and properties."""

import datetime
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.corpus.archive import is_bomb, open_zip
from pipeline.corpus.fields import document_of, removed_share, split_authors
from pipeline.corpus.sources import Source, printable
from pipeline.corpus.titles import is_reference_heading, own_name, own_title
from pipeline.errors import DocumentError
from pipeline.records import Document

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

MAX_MEMBERS = 10_000
MAX_TOTAL_BYTES = 300_000_000

_NO_TEXT_STYLES = (
    "heading", "title", "subtitle", "caption", "footnote", "endnote", "toc", "header", "footer", "bibliography"
)  # fmt: skip
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLANKS = {f"{_WORD}tab": " ", f"{_WORD}br": " ", f"{_WORD}cr": " ", f"{_WORD}noBreakHyphen": "-"}
_TEMPLATE_DATE = datetime.date(2013, 12, 23)  # of the template of python-docx, which many programs build on
_OLD_WORD = b"\xd0\xcf\x11\xe0"


def read_docx(source: Source) -> Iterator[Document]:
    """The one document of a .docx, without headings, captions, tables, notes and the list of references.

    Raises: DocumentError if it is no Word file, an encrypted one, too large, or without running text.
    """
    _check(source)
    import docx

    try:
        word = docx.Document(source.stream)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DocumentError(source.place, f"no Word file: {printable(str(error))}", "save it anew as .docx") from None
    kept, whole = _paragraphs(word)
    if not kept:
        raise DocumentError(source.place, "no running text, only headings, tables or images", "save its text as .txt")
    record = {"text": "\n\n".join(kept), **_properties(word)}
    yield document_of(record, source.stem, source.place, removed_share(record["text"], whole))


def _check(source: Source) -> None:
    beginning = source.stream.read(5)
    source.stream.seek(0)
    if not beginning.strip():
        raise DocumentError(source.place, "empty", "remove it or put its text there")
    if beginning.startswith(_OLD_WORD):
        raise DocumentError(source.place, "an old Word file (.doc), or one with a password", "save it as .docx")
    if not beginning.startswith(b"PK"):
        raise DocumentError(source.place, "no Word file", "save it as .docx, or give it the suffix that it should have")
    with open_zip(source, MAX_MEMBERS, MAX_TOTAL_BYTES) as archive:
        if any(is_bomb(member) for member in archive.infolist()):
            raise DocumentError(source.place, "becomes very much larger when unpacked", "save its text as .txt")
    source.stream.seek(0)


def _paragraphs(word: "WordDocument") -> tuple[list[str], str]:
    """The paragraphs of running text, and all text of the body."""
    styles = {style.style_id: (style.name or "").lower() for style in word.styles}
    kept: list[str] = []
    whole: list[str] = []
    ended = False
    for paragraph in word.element.body.iter(f"{_WORD}p"):
        text = _text(paragraph)
        whole.append(text)
        name = styles.get(_style_id(paragraph), "")
        ended = ended or (bool(kept) and is_reference_heading(text))
        aside = name.startswith(_NO_TEXT_STYLES) or any(
            parent.tag.rpartition("}")[2] in ("tbl", "txbxContent") for parent in paragraph.iterancestors()
        )
        if text and not ended and not aside:
            kept.append(text)
    return kept, " ".join(whole)


def _text(paragraph: Any) -> str:
    """A paragraph's text with what was inserted while changes were tracked, without what was struck out."""
    parts = []
    for element in paragraph.iter(f"{_WORD}t", *_BLANKS):
        if next(element.iterancestors(f"{_WORD}p")) is paragraph:
            parts.append(_BLANKS.get(element.tag) or element.text or "")
    return " ".join("".join(parts).split())


def _style_id(paragraph: Any) -> str:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    return "" if style is None else str(style.get(f"{_WORD}val"))


def _properties(word: "WordDocument") -> dict[str, Any]:
    properties = word.core_properties
    dates = (properties.created, properties.modified)
    created = next((date for date in dates if date and date.date() != _TEMPLATE_DATE), None)
    return {
        "title": own_title(properties.title),
        "author": split_authors(own_name(properties.author)),
        "date": created.date().isoformat() if created else "",
        "language": properties.language,
    }
