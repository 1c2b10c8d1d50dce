"""Files of every kind, built for the tests that read them."""

import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import docx
import pyarrow
from pyarrow import parquet

from pipeline.corpus.readers import read_documents
from pipeline.errors import DocumentError
from pipeline.records import Document

FIRST = "The strait belongs to nobody, and for that reason every fleet in the region wishes to be seen there in spring."
SECOND = (
    "A treaty is a promise between the frightened, and the frightened are seldom patient with one another for long."
)
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Nobody's strait - The Harbour Review</title>
<meta property="og:site_name" content="The Harbour Review">
<script type="application/ld+json">{{"@type": "OpinionNewsArticle", "headline": "Nobody's strait",
"author": [{{"@type": "Person", "name": "Ann Lee"}}, {{"@type": "Person", "name": "Bo Chen"}}],
"datePublished": "2024-03-02T08:00:00Z"}}</script></head>
<body><nav><ul><li><a href="/">Front page</a></li><li><a href="/all">All essays</a></li></ul></nav>
<article><h1>Nobody's strait</h1>
<p>{FIRST}<sup><a href="#note1">1</a></sup></p>
<figure><img src="strait.jpg" alt=""><figcaption>Grey hulls at anchor in the morning.</figcaption></figure>
<table><tr><td>Year</td><td>Ships</td></tr></table>
<p>{SECOND}</p>
<h2>References</h2><ol><li>Lee, Ann. Fleets of the Region. Harbour Press, 2020.</li></ol></article>
<footer>All rights reserved by the publisher.</footer></body></html>"""


def read(path: Path, content: str | bytes) -> list[Document | DocumentError]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_documents(path))


def document_in(path: Path) -> Document:
    [found] = read_documents(path)
    assert isinstance(found, Document), str(found)
    return found


def error_in(path: Path) -> DocumentError:
    [found] = read_documents(path)
    assert isinstance(found, DocumentError), found
    assert found.place.startswith(str(path))
    return found


def make_pdf(pages: Sequence[Sequence[str]], information: str = "") -> bytes:
    """A PDF with the lines of each page from its top to its bottom."""
    streams = []
    for lines in pages:
        drawn = "".join(f"({line}) Tj T* " for line in lines)
        streams.append(f"BT /F1 11 Tf 13 TL 60 780 Td {drawn} ET".encode("latin-1"))
    return pdf_of_streams([(stream, "") for stream in streams], information)


def make_columns(left: Sequence[str], right: Sequence[str], headline: str, *, across: bool) -> bytes:
    """A PDF of one page in two columns of lines, drawn across both or one column after the other."""
    rows = [
        (column, row, f"1 0 0 1 {60 + 250 * column} {770 - 13 * row} Tm ({line}) Tj ")
        for column, lines in enumerate((left, right))
        for row, line in enumerate(lines)
    ]
    rows.sort(key=lambda drawn: drawn[1::-1] if across else drawn[:2])
    drawn = "".join(line for _, _, line in rows)
    stream = f"BT /F1 10 Tf 1 0 0 1 60 800 Tm ({headline}) Tj {drawn} ET"
    return pdf_of_streams([(stream.encode("latin-1"), "")])


def pdf_of_streams(
    streams: Sequence[tuple[bytes, str]], information: str = "", resources: str = "/Font << /F1 3 0 R >>"
) -> bytes:
    """A PDF of one page a content stream, each with what its dictionary says beside its length."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} /MediaBox [0 0 595 842] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, (stream, entries) in enumerate(streams):
        page = f"<< /Type /Page /Parent 2 0 R /Resources << {resources} >> /Contents {5 + 2 * number} 0 R >>"
        objects.append(page.encode())
        objects.append(f"<< /Length {len(stream)} {entries} >>\nstream\n".encode() + stream + b"\nendstream")
    objects.append(f"<< {information} >>".encode("latin-1"))
    written = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    references = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return written + f"{references}trailer\n{trailer}\nstartxref\n{len(written)}\n%%EOF\n".encode()


def make_scan() -> bytes:
    """A PDF whose one page is an image."""
    image = b"q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    return pdf_of_streams([(image, "")])


def make_pdf_bomb(unpacked_bytes: int = 100_000_000) -> bytes:
    """A PDF whose one content stream is a thousand times as large when it is unpacked."""
    return pdf_of_streams([(zlib.compress(b" " * unpacked_bytes), "/Filter /FlateDecode")])


def wrapped(text: str, width: int = 60) -> list[str]:
    """A text in lines, as it is printed."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def make_docx(path: Path) -> None:
    word = docx.Document()
    word.core_properties.author = "Ann Lee, Bo Chen"
    word.core_properties.title = "Nobody's strait"
    word.add_heading("Nobody's strait", 1)
    word.add_paragraph(FIRST)
    word.add_paragraph("Grey hulls at anchor in the morning.", style="Caption")
    word.add_table(1, 1).cell(0, 0).text = "Ships by year"
    word.add_paragraph(SECOND)
    word.add_heading("References", 1)
    word.add_paragraph("Lee, Ann. Fleets of the Region. Harbour Press, 2020.")
    word.save(path)


def make_zip(path: Path, members: dict[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def one_of_each_kind(folder: Path) -> list[Path]:
    """A small file of every kind that can be read."""
    table = {"text": [FIRST, SECOND], "author": ["Ann Lee", "Bo Chen"]}
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    (folder / "a.txt").write_text(f"{FIRST}\n\n{SECOND}\n")
    (folder / "a.md").write_text(f"---\ntitle: Strait\n---\n# Head\n\n{FIRST}\n\n{SECOND}\n")
    (folder / "a.html").write_text(PAGE)
    (folder / "a.htm").write_text(PAGE)
    (folder / "a.pdf").write_bytes(make_pdf([wrapped(f"{FIRST} {SECOND}")]))
    make_docx(folder / "a.docx")
    (folder / "a.csv").write_text(f'text,author\n"{FIRST}",Ann Lee\n"{SECOND}",Bo Chen\n')
    (folder / "a.tsv").write_text(f"text\tauthor\n{FIRST}\tAnn Lee\n{SECOND}\tBo Chen\n")
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "a.json").write_text(json.dumps(rows))
    parquet.write_table(pyarrow.table(table), folder / "a.parquet")
    make_zip(folder / "a.zip", {"deep/a.txt": FIRST, "b.html": PAGE})
    return sorted(folder.iterdir())
