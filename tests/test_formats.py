import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from pypdf import PdfReader, PdfWriter
from samples import (
    FIRST,
    PAGE,
    SECOND,
    document_in,
    error_in,
    make_columns,
    make_docx,
    make_pdf,
    make_pdf_bomb,
    make_scan,
    make_zip,
    pdf_of_streams,
    read,
    wrapped,
)

from pipeline.corpus.inputs import find_sources, load_metadata
from pipeline.corpus.readers import read_documents
from pipeline.corpus.sources import Source
from pipeline.errors import DocumentError
from pipeline.records import Document

BOTH = f"{FIRST}\n\n{SECOND}"


def test_a_page_gives_its_article_and_says_who_wrote_it(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    found = document_in(tmp_path / "a.html")
    assert (found.text, found.authors, found.date) == (BOTH, ("Ann Lee", "Bo Chen"), "2024-03-02")
    assert found.source == "The Harbour Review"
    assert 0.2 < found.removed_share < 0.6


def test_a_page_of_scripts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body><script>let a = 'many words of code'</script></body></html>")
    assert "only scripts" in str(error_in(tmp_path / "a.html"))


def test_running_heads_page_numbers_hyphens_and_references_leave_a_pdf(tmp_path: Path) -> None:
    body = [
        *wrapped(f"{FIRST} {SECOND}"),
        "The argu-",
        "ment is not new, and it has seldom been made in full sentences.",
    ]
    pages = [["The Harbour Review", *body, str(number)] for number in range(1, 5)]
    pages[-1] += ["References", "Lee, Ann. Fleets of the Region. Harbour Press, 2020."]
    (tmp_path / "a.pdf").write_bytes(make_pdf(pages, "/Title (Microsoft Word - x.doc) /Author (Ann Lee, Bo Chen)"))
    found = document_in(tmp_path / "a.pdf")
    assert "Harbour" not in found.text
    assert "The argument is" in found.text
    assert (found.title, found.authors) == ("", ("Ann Lee", "Bo Chen"))


@pytest.mark.parametrize("across", [False, True])
def test_columns_are_read_one_after_the_other_however_they_were_drawn(tmp_path: Path, across: bool) -> None:
    left, right = (wrapped(f"{first} {second}", 40) for first, second in ((FIRST, SECOND), (SECOND, FIRST)))
    page = make_columns(
        left * 2, right * 2, "A headline that is as wide as both of the columns below it", across=across
    )
    (tmp_path / "a.pdf").write_bytes(page)
    found = " ".join(document_in(tmp_path / "a.pdf").text.split())
    assert " ".join([FIRST, SECOND, FIRST, SECOND, SECOND, FIRST, SECOND, FIRST]) in found


def test_footnotes_captions_and_note_marks_leave_a_pdf_but_small_capitals_stay(tmp_path: Path) -> None:
    body = "".join(f"({line}) Tj T* " for line in wrapped(f"{FIRST} {SECOND}"))
    note = "/F1 8 Tf (7 Lee, Ann. Fleets of the Region. Harbour Press, 2020.) Tj T*"
    drawn = (
        f"/F1 11 Tf {body} (The N) Tj /F1 8.5 Tf (ATO) Tj /F1 11 Tf ( fleet left.) Tj /F1 6 Tf (7) Tj T* "
        f"/F1 8 Tf (Grey hulls at anchor in the morning.) Tj T* /F1 11 Tf {body} {note}"
    )
    (tmp_path / "a.pdf").write_bytes(pdf_of_streams([(f"BT 13 TL 60 780 Td {drawn} ET".encode("latin-1"), "")]))
    text = " ".join(document_in(tmp_path / "a.pdf").text.split())
    assert text == f"{FIRST} {SECOND} The NATO fleet left. {FIRST} {SECOND}"


@pytest.mark.parametrize(
    ("properties", "date"),
    [("/Producer (Skia/PDF m138)", ""), ("/Producer (pdfTeX)", "2024-03-02")],
)
def test_the_day_that_a_browser_printed_a_page_is_not_its_date(tmp_path: Path, properties: str, date: str) -> None:
    made = make_pdf(
        [wrapped(f"{FIRST} {SECOND}")], f"/CreationDate (D:20240302) /Author (\\(anonymous\\)) {properties}"
    )
    (tmp_path / "a.pdf").write_bytes(made)
    found = document_in(tmp_path / "a.pdf")
    assert (found.date, found.authors) == (date, ())


def test_words_drawn_one_by_one_are_no_columns(tmp_path: Path) -> None:
    words = [line.split() for line in wrapped(f"{FIRST} {SECOND} " * 3)]
    drawn = "".join(
        f"1 0 0 1 {60 + 45 * place} {770 - 13 * row} Tm ({word}) Tj "
        for row, line in enumerate(words)
        for place, word in enumerate(line)
    )
    (tmp_path / "a.pdf").write_bytes(pdf_of_streams([(f"BT /F1 7 Tf {drawn} ET".encode("latin-1"), "")]))
    assert FIRST in " ".join(document_in(tmp_path / "a.pdf").text.split())


def test_hostile_pdfs_are_refused_with_a_reason(tmp_path: Path) -> None:
    whole = make_pdf([wrapped(BOTH)])
    (tmp_path / "plain.pdf").write_bytes(whole)
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "plain.pdf"))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(tmp_path / "encrypted.pdf")
    (tmp_path / "cut.pdf").write_bytes(whole[:200])
    (tmp_path / "scan.pdf").write_bytes(make_scan())
    (tmp_path / "bomb.pdf").write_bytes(make_pdf_bomb())
    assert "password" in str(error_in(tmp_path / "encrypted.pdf"))
    assert "cut off" in str(error_in(tmp_path / "cut.pdf"))
    assert "OCR" in str(error_in(tmp_path / "scan.pdf"))
    assert "too large" in str(error_in(tmp_path / "bomb.pdf"))


def test_a_word_file_gives_its_running_text(tmp_path: Path) -> None:
    make_docx(tmp_path / "a.docx")
    found = document_in(tmp_path / "a.docx")
    assert (found.text, found.title, found.authors) == (BOTH, "Nobody's strait", ("Ann Lee", "Bo Chen"))
    assert found.date == ""  # the library's template has one


def test_word_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "old.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    make_zip(tmp_path / "bomb.docx", {"word/document.xml": b" " * 20_000_000})
    assert "old Word file" in str(error_in(tmp_path / "old.docx"))
    assert "very much larger" in str(error_in(tmp_path / "bomb.docx"))


def test_an_archive_gives_its_members_and_refuses_what_is_dangerous(tmp_path: Path) -> None:
    members = {"b.txt": FIRST, "../up.txt": "x", "bomb.txt": b"a" * 20_000_000, "in.zip": "x", "a.png": "x", ".x": "x"}
    make_zip(tmp_path / "a.zip", members)
    found = {
        item.place.rpartition("/")[2]: item for item in read(tmp_path / "a.zip", (tmp_path / "a.zip").read_bytes())
    }
    assert isinstance(found["b.txt"], Document)
    assert {name for name, item in found.items() if isinstance(item, DocumentError)} == {"up.txt", "bomb.txt", "in.zip"}
    assert zipfile.is_zipfile(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x", "date": ' + "9" * 5000 + "}", ":1: not a flat object"),
        ("a.jsonl", "[1]", ":1: must be an object"),
        ("a.jsonl", "{", ":1: not JSON"),
        ("a.jsonl", '{"text": 3}', ":1: no text"),
        ("a.json", '{"a": 1, "b": 2}', "got an object with keys a, b"),
        ("a.json", "3", "got int"),
        ("a.csv", "words\nhello\n", "no column text among words"),
        ("a.csv", "file,author\na.txt,Ann\n", "a table about files is named with --metadata"),
        ("a.csv", "text\nhello,there\n", ":2: more cells than columns"),
    ],
)
def test_a_table_of_another_shape_says_what_was_found(tmp_path: Path, name: str, content: str, message: str) -> None:
    [error] = read(tmp_path / name, content)
    assert message in str(error)


def test_cells_come_through_unchanged(tmp_path: Path) -> None:
    long = ("word " * 2_000_000).strip()
    found = read(tmp_path / "a.csv", f" Text ;TITLE\n=SUM(A1);T\n{long};\nshort\na;b;c\n")
    assert [item.text for item in found if isinstance(item, Document)] == ["=SUM(A1)", long, "short"]
    assert [type(item) for item in found][-1] is DocumentError


def test_a_row_is_where_it_begins(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", f'text\n"{FIRST}\n\nAnother paragraph."\n"{SECOND}"\n')
    assert [(item.place, item.id) for item in found if isinstance(item, Document)] == [
        (f"{tmp_path}/a.csv:2", "a-2"),
        (f"{tmp_path}/a.csv:5", "a-5"),
    ]


def test_a_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", json.dumps({"text": "One."}) + '\nnonsense\n{"text": "Three."}\n')
    assert [isinstance(item, Document) for item in found] == [True, False, True]


def test_links_pipes_and_unknown_kinds_are_named_and_assets_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    for name in ("deep/a.md", "b.txt", ".hidden.txt", "~$b.docx", "c.png", "d.xyz", "e.xlsx", 'two\n"lines".txt'):
        (folder / name).write_text("x")
    (folder / "deep/circle").symlink_to(folder)
    (folder / "out.txt").symlink_to("/etc/hostname")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    os.mkfifo(folder / "pipe.txt")
    found = list(find_sources([folder, tmp_path / "nothing", tmp_path / "*/b.*"]))
    files = [str(item.relative_to(folder)) for item in found if isinstance(item, Path)]
    assert files == ["b.txt", "deep/a.md", 'two\n"lines".txt', "b.txt"]
    reasons = [str(item) for item in found if isinstance(item, DocumentError)]
    wanted = [
        "cannot read .xyz",
        "save it as .csv",
        "in a circle",
        "in a circle",
        "out of the folder",
        "pipe",
        "no such file",
    ]
    assert len(reasons) == len(wanted)
    assert all(any(reason in said for said in reasons) for reason in wanted)


def test_a_table_beside_the_texts_says_who_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("file,author,date\ndeep/a.txt,Ann Lee; Bo Chen,2024\nother.txt,,\n")
    about = load_metadata(tmp_path / "metadata.csv")
    document = Document("a", "x", title="T", date="2023")
    key = about.about(tmp_path / "deep/a.txt", document)
    assert key == "deep/a.txt"
    changed = about.apply(document, key)
    assert (changed.authors, changed.date, changed.title) == (("Ann Lee", "Bo Chen"), "2024", "T")
    assert about.unused([key]) == ("other.txt",)


def test_a_row_may_be_about_the_member_of_an_archive(tmp_path: Path) -> None:
    make_zip(tmp_path / "a.zip", {"deep/b.txt": FIRST, "c.txt": SECOND})
    (tmp_path / "metadata.csv").write_text("file,author\na.zip/deep/b.txt,Ann Lee\na.zip,Bo Chen\n")
    about = load_metadata(tmp_path / "metadata.csv")
    found = [item for item in read_documents(tmp_path / "a.zip") if isinstance(item, Document)]
    assert [about.about(tmp_path / "a.zip", item) for item in found] == ["a.zip", "a.zip/deep/b.txt"]


def damaged_parquet() -> bytes:
    """A table whose footer is of the right length and means nothing."""
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": [FIRST]}), stream)
    whole = bytearray(stream.getvalue())
    length = int.from_bytes(whole[-8:-4], "little")
    whole[-8 - length : -8] = b"\xff" * length
    return bytes(whole)


def test_a_broken_member_of_an_archive_costs_no_other(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.parquet", damaged_parquet())
        archive.writestr("b.txt", FIRST * 20, zipfile.ZIP_LZMA)
        archive.writestr("c.txt", SECOND)
        place = archive.getinfo("b.txt").header_offset + 30 + len("b.txt") + 12
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[place : place + 40] = b"\xff" * 40
    found = read(tmp_path / "a.zip", bytes(raw))
    assert [item.place.rpartition("/")[2] for item in found] == ["a.parquet", "b.txt", "c.txt"]
    assert [isinstance(item, Document) for item in found] == [False, False, True]


def test_a_member_that_needs_more_memory_than_there_is_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starved(source: Source) -> Iterator[Document]:
        raise MemoryError

    monkeypatch.setattr("pipeline.corpus.tables.read_csv", starved)
    make_zip(tmp_path / "a.zip", {"a.csv": "text\nx\n", "b.txt": FIRST})
    error, document = read_documents(tmp_path / "a.zip")
    assert isinstance(error, DocumentError) and isinstance(document, Document)
    assert str(error) == f"{tmp_path}/a.zip/a.csv: needs more memory than there is; split it, or save its text as .txt"
