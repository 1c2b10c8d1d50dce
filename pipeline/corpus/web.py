"""Web pages: the article's paragraphs, and what the page says about itself."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from lxml import html
from trafilatura import bare_extraction

from pipeline.corpus.fields import document_of, one_line, removed_share, split_authors
from pipeline.corpus.plain import decode_bytes
from pipeline.corpus.sources import Source
from pipeline.corpus.titles import is_reference_heading, own_name
from pipeline.errors import DocumentError
from pipeline.records import Document

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)
# Footnote marks glue to the word before them; captions and notes are no running text.
_NOTES = " or ".join(
    f"contains(concat(' ', @class, ' '), ' {name} ')" for name in ("footnotes", "endnotes", "references")
)
_PRUNED = [
    "//sup[.//a or number(.) = number(.)]",
    "//figcaption",
    f"//*[self::ol or self::div or self::section][{_NOTES}]",
]
_VISIBLE = "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"
_SAVE = "save the page once it has loaded, or print it to PDF"


def read_html(source: Source) -> Iterator[Document]:
    """The one document of a page: without menus, captions, comments, tables, notes and references.

    Raises: DocumentError for a page without running text, or of scripts only.
    """
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its warnings name no file
    raw = source.stream.read()
    declared = _CHARSET.search(raw[:4096])
    text = decode_bytes(raw, source.place, declared[1].decode("ascii") if declared else "")
    # As bytes: a declaration of some encoding in the page must not matter any more.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    page = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    visible = " ".join(page.xpath(_VISIBLE, smart_strings=False)).strip()
    if not visible:
        raise DocumentError(source.place, "no visible text, only scripts or nothing", _SAVE)
    data = list(_linked_data(page))
    language = page.get("lang") or page.get("xml:lang")
    found: Any = bare_extraction(
        page,
        include_comments=False,
        include_tables=False,
        prune_xpath=_PRUNED,
        with_metadata=True,
        # A date that stands nowhere but somewhere in the text is a guess.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    text = "\n\n".join(_paragraphs(found.body)) if found is not None and found.body is not None else ""
    if not text:
        raise DocumentError(source.place, "no running text, only menus, links or tables", "save its text as .txt")
    record = {
        "text": text,
        "title": found.title,
        "author": _names(data, "author") or split_authors(own_name(found.author)),
        "date": found.date,
        "source": found.sitename or "; ".join(_names(data, "publisher")),
        "language": language,
    }
    yield document_of(record, source.stem, source.place, removed_share(text, visible))


def _paragraphs(body: Any) -> Iterator[str]:
    """The paragraphs of an extracted page, up to its list of references."""
    seen = False
    for element in body.iter("p", "item", "quote", "head"):
        text = " ".join("".join(element.itertext()).split())
        if seen and is_reference_heading(text):
            return
        # What holds paragraphs of its own gives them when their turn comes.
        if text and element.tag != "head" and element.find(".//p") is None and element.find(".//item") is None:
            seen = True
            yield text


def _linked_data(page: Any) -> Iterator[dict[str, Any]]:
    """The objects that describe the page in JSON-LD, those in lists and graphs too."""
    waiting: list[Any] = []
    for script in page.iterfind(".//script[@type='application/ld+json']"):
        try:
            waiting.append(json.loads(script.text or ""))
        except (ValueError, RecursionError):
            continue
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            waiting += found["@graph"] if isinstance(found.get("@graph"), list) else []
            yield found


def _names(data: list[dict[str, Any]], key: str) -> list[str]:
    """The names under a key of the first object that has any."""
    for described in data:
        values = described.get(key)
        values = values if isinstance(values, list) else [values]
        names = [one_line(value.get("name")) if isinstance(value, dict) else one_line(value) for value in values]
        if names := [name for name in names if name and not name.startswith("http")]:
            return names
    return []
