"""Documents from one file of any known kind."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.corpus.language import detect
from pipeline.corpus.sources import Source, printable, remedy_for, unknown_kind
from pipeline.errors import DocumentError
from pipeline.records import Document

MAX_BYTES = 500_000_000

_STREAMED = (".csv", ".tsv", ".jsonl", ".parquet")


def read_documents(file: Path) -> Iterator[Document | DocumentError]:
    """The documents of one file: one a record for tables, one a member for archives, else one.

    What cannot be read is yielded as its error, with the place and the remedy, and the rest goes on. The language is
    the one detected; where a text is too short to tell, what the file says.
    """
    place = printable(file)
    try:
        _check(file, place)
        with file.open("rb") as stream:
            for found in _read(Source(file.name, place, stream)):
                yield found if isinstance(found, DocumentError) else _with_language(found)
    except DocumentError as error:
        yield error
    except OSError as error:
        yield _unreadable(place, error)


def _check(file: Path, place: str) -> None:
    """Refuse what must not be opened: a pipe waits forever, and a large page takes memory many times its size."""
    found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise DocumentError(place, "no regular file", "name a file with text in it")
    if found.st_size > MAX_BYTES and file.suffix.lower() not in _STREAMED:
        raise DocumentError(place, f"larger than {MAX_BYTES // 10**6} MB", "split it, or make it a .jsonl or .csv")


def _read(source: Source) -> Iterator[Document | DocumentError]:
    """What a source holds; whatever a parser raises over it is an error of this source, and no other's."""
    try:
        yield from _of_kind(source)
    except DocumentError as error:
        yield error
    except OSError as error:
        yield _unreadable(source.place, error)
    except MemoryError:
        yield DocumentError(source.place, "needs more memory than there is", "split it, or save its text as .txt")
    except Exception as error:  # parsers raise whatever comes up in broken files
        reason = f"cannot be parsed: {type(error).__name__}: {printable(str(error))[:200]}"
        yield DocumentError(source.place, reason, "open it in its program and save it anew, or save its text as .txt")


def _unreadable(place: str, error: OSError) -> DocumentError:
    return DocumentError(place, f"cannot be read: {error.strerror or printable(str(error))}")


def _of_kind(source: Source) -> Iterator[Document | DocumentError]:  # noqa: PLR0911
    """What a source holds, by its suffix; the library of a format is imported with its first file."""
    from pipeline.corpus import plain, tables

    match source.suffix:
        case ".txt":
            return plain.read_text(source)
        case ".md":
            return plain.read_markdown(source)
        case ".csv" | ".tsv":
            return tables.read_csv(source)
        case ".jsonl":
            return tables.read_jsonl(source)
        case ".json":
            return tables.read_json(source)
        case ".parquet":
            return tables.read_parquet(source)
        case ".html" | ".htm":
            from pipeline.corpus import web

            return web.read_html(source)
        case ".pdf":
            from pipeline.corpus import pdf

            return pdf.read_pdf(source)
        case ".docx":
            from pipeline.corpus import word

            return word.read_docx(source)
        case ".zip":
            from pipeline.corpus import archive

            return archive.read_zip(source, _read)
        case _:
            raise DocumentError(source.place, unknown_kind(source.name), remedy_for(source.name))


def _with_language(document: Document) -> Document:
    return replace(document, language=detect(document.text) or document.language)
