"""PDF files: the text layer, its lines joined to paragraphs, without running heads and references."""

import logging
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError

from pipeline.corpus.columns import column_by_column, is_drawn_across
from pipeline.corpus.fields import MAX_TEXT_CHARACTERS, document_of, removed_share, split_authors
from pipeline.corpus.layout import body_lines, paragraphs
from pipeline.corpus.normalise import normalise
from pipeline.corpus.smallprint import Piece, without_small_print
from pipeline.corpus.sources import Source, printable
from pipeline.corpus.titles import own_name, own_title
from pipeline.errors import DocumentError
from pipeline.records import Document

Matrix = Sequence[float]

MAX_PAGES = 2000
MAX_PAGE_BYTES = 10_000_000
MAX_PAGE_OPERATIONS = 500_000

_LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": MAX_PAGE_BYTES,
    "lzw_maximum_output_length": MAX_PAGE_BYTES,
    "run_length_maximum_output_length": MAX_PAGE_BYTES,
    "array_based_stream_maximum_output_length": MAX_PAGE_BYTES,
}
_BROWSER = re.compile(r"Mozilla|Chrom|Safari|Firefox|Skia|Quartz PDFContext|wkhtmltopdf", re.IGNORECASE)
_SPLIT = "print the pages that matter to a new PDF"


def read_pdf(source: Source) -> Iterator[Document]:
    """The one document of a .pdf, without running heads, page numbers, headings, small print and references.

    Raises: DocumentError for a PDF that is broken, encrypted, too large, or made of images without text.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings name no file
    with apply_configuration(**_LIMITS):
        try:
            pages, record = _read(source)
        except LimitReachedError as error:
            raise DocumentError(source.place, f"a page becomes too large: {printable(str(error))}", _SPLIT) from None
        except PyPdfError as error:
            reason = f"broken or cut off: {printable(str(error))}"
            raise DocumentError(source.place, reason, "fetch it anew, or print it to a new PDF") from None
    whole = "\n".join(piece.text for page in pages for piece in page)
    if len(whole.split()) < 2 * len(pages):
        raise DocumentError(source.place, "made of images: its pages hold no text", "run OCR over it, as ocrmypdf does")
    lines = [page.split("\n") for page in without_small_print(pages)]
    text = normalise("\n\n".join(paragraphs(body_lines(lines))))
    yield document_of({**record, "text": text}, source.stem, source.place, removed_share(text, whole))


def _read(source: Source) -> tuple[list[list[Piece]], dict[str, Any]]:
    """The text of each page, and what the properties say."""
    reader = PdfReader(source.stream)
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentError(source.place, "encrypted with a password", "save a copy without a password")
    if len(reader.pages) > MAX_PAGES:
        raise DocumentError(source.place, f"{len(reader.pages)} pages, more than {MAX_PAGES}", _SPLIT)
    pages: list[list[Piece]] = []
    characters = 0
    for page in reader.pages:
        pages.append(_pieces(page))
        characters += sum(len(piece.text) for piece in pages[-1])
        if characters > MAX_TEXT_CHARACTERS:
            raise DocumentError(source.place, f"more than {MAX_TEXT_CHARACTERS} characters", _SPLIT)
    if not pages:
        raise DocumentError(source.place, "no pages", "fetch it anew")
    return pages, _properties(reader)


def _pieces(page: PageObject) -> list[Piece]:
    """A page's text in the order of reading; in two columns that are drawn across, all in one size."""
    watch = _Watch()
    page.extract_text(visitor_operand_before=watch.operation, visitor_text=watch.text)
    if is_drawn_across(watch.starts):
        grid = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
        sizes = Counter(piece.points for piece in watch.pieces if piece.text.strip())
        return [Piece("\n".join(column_by_column(grid.split("\n"))), sizes.most_common(1)[0][0])]
    return watch.pieces


class _Watch:
    """Sees where text begins and how large it is, and counts operations: forms that draw forms make few very many."""

    def __init__(self) -> None:
        self.operations = 0
        self.starts: list[tuple[float, float]] = []
        self.pieces: list[Piece] = []

    def operation(self, operator: bytes, _: object, page: Matrix, text: Matrix) -> None:
        """An operation is about to be done, with the page's matrix and the text's."""
        self.operations += 1
        if self.operations > MAX_PAGE_OPERATIONS:
            raise LimitReachedError(f"more than {MAX_PAGE_OPERATIONS} operations")
        if operator in (b"Tj", b"TJ"):
            across, up = text[4:6]
            self.starts.append((across * page[0] + up * page[2] + page[4], across * page[1] + up * page[3] + page[5]))

    def text(self, found: str, page: Matrix, text: Matrix, _: object, size: float) -> None:
        """A piece of text was drawn."""
        points = abs(size) * math.hypot(*text[2:4]) * math.hypot(*page[2:4])
        self.pieces.append(Piece(found, round(points, 1)))


def _properties(reader: PdfReader) -> dict[str, Any]:
    try:
        found = reader.metadata
        # A browser dates the print, not what it prints.
        printed = bool(found and _BROWSER.search(f"{found.creator} {found.producer}"))
        date = found.creation_date if found and not printed else None
        title, author = (str(found.title or ""), str(found.author or "")) if found else ("", "")
    except Exception:  # properties that cannot be read are as good as none: pypdf raises whatever comes up
        return {}
    return {
        "title": own_title(title),
        "author": split_authors(own_name(author)),
        "date": date.date().isoformat() if date else "",
    }
