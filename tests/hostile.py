"""Files that are broken, strange or made to do harm, each built anew, with what reading it must give."""

import json
import os
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow
from pyarrow import parquet
from pypdf import PdfWriter
from samples import FIRST, SECOND, make_docx, make_pdf, make_pdf_bomb, make_scan, make_zip, pdf_of_streams, wrapped

from pipeline.corpus.sources import SUFFIXES

# One sentence as long as a book.
SENTENCE = f"{' '.join(f'and in year {number} nothing was said' for number in range(10_000))}."
HEBREW = "המדינה מנהלת משא ומתן עם שכנותיה על הגבול שאיש מהן לא ראה במו עיניו, וזו דרך ארוכה מאוד שאין לה סוף."
CHINESE = "国家与邻国谈判边界问题。这是一个漫长的过程。谁也不知道它何时结束。"

Build = Callable[[Path], object]


def line_of(megabytes: int, before: bytes = b"", behind: bytes = b"") -> Build:
    def build(path: Path) -> None:
        with path.open("wb") as stream:
            stream.write(before)
            for _ in range(megabytes):
                stream.write(b"word " * 200_000)
            stream.write(behind)

    return build


def content(data: str | bytes) -> Build:
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


def encrypted_pdf(path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)


def encrypted_zip(path: Path) -> None:
    """An archive whose directory says of one member of two that it is encrypted."""
    make_zip(path, {"open.txt": FIRST, "shut.txt": SECOND})
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + place] |= 1
    path.write_bytes(data)


def lying_zip(path: Path) -> None:
    """A member that unpacks to more than the directory says."""
    make_zip(path, {"a.txt": "a" * 3_000_000})
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 1000)
    path.write_bytes(data)


def nested_zip(path: Path) -> None:
    inner = path.with_name("inner.tmp")
    make_zip(inner, {"a.txt": FIRST})
    make_zip(path, {"inner.zip": inner.read_bytes()})
    inner.unlink()


def crowded_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_001):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")


def bomb_docx(path: Path) -> None:
    make_docx(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/more.xml", b" " * 50_000_000)


def entities_docx(path: Path) -> None:
    """Entities of entities: a billion letters, if anybody expanded them."""
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "haha">{names}]><d>&e9;</d>'
    make_docx(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    make_zip(path, {**members, "word/document.xml": xml})


def deep_pdf(path: Path) -> None:
    """A form that draws itself ten times, again and again."""
    form = b"/F Do " * 10
    path.write_bytes(pdf_of_streams([(form, "/Type /XObject /Subtype /Form /Resources << /XObject << /F 5 0 R >> >>")],
                                    resources="/XObject << /F 5 0 R >>"))  # fmt: skip


def fan_parquet(path: Path) -> None:
    """One cell of a megabyte that is the text of a million rows."""
    places = pyarrow.array([0] * 1_000_000, pyarrow.int32())
    cells = pyarrow.DictionaryArray.from_arrays(places, pyarrow.array(["word " * 200_000]))
    parquet.write_table(pyarrow.table({"text": cells}), path)


def huge_parquet(path: Path) -> None:
    """One cell of six hundred megabytes, and next to nothing of it in the file."""
    cells = pyarrow.array([b" " * 600_000_000], pyarrow.binary()).cast(pyarrow.string())
    parquet.write_table(pyarrow.table({"text": cells}), path, compression="zstd", use_dictionary=False)


def repeated_name_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.txt", FIRST)
        archive.writestr("a.txt", SECOND)


def deep_json(path: Path) -> None:
    path.write_text('{"text": ' + "[" * 100_000 + "]" * 100_000 + "}")


def circle(path: Path) -> None:
    path.symlink_to(path)


def upwards(path: Path) -> None:
    path.symlink_to(path.parent, target_is_directory=True)


@dataclass(frozen=True)
class Case:
    """A file, and what reading it gives: for each document a piece of its text, for each refusal one of its reason."""

    name: str
    build: Build
    texts: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def right(name: str, build: Build, *texts: str) -> Case:
    return Case(name, build, texts=texts)


def refused(name: str, build: Build, *reasons: str) -> Case:
    return Case(name, build, reasons=reasons)


CASES = [
    *(refused(f"empty{suffix}", content(b""), "") for suffix in SUFFIXES),
    refused("blank.txt", content(" \n\t\n"), "empty"),
    refused("nul.txt", content(f"{FIRST}\x00{SECOND}"), "NUL"),
    refused("binary.txt", content(bytes(range(1, 32)) * 40), "binary"),
    right("broken-utf-8.txt", content(f"{'été ' * 3000}".encode() + b"caf\xe9 " + FIRST.encode()), f"café {FIRST}"),
    right("utf-16-without-mark.txt", content(f"{FIRST}\n{HEBREW}".encode("utf-16-be")), HEBREW),
    refused("utf-16-cut-off.txt", content(f"{FIRST}\n{HEBREW}".encode("utf-16-le")[:-1]), "a part of it is not"),
    refused("encrypted.pdf", encrypted_pdf, "password"),
    refused("cut-off.pdf", lambda path: path.write_bytes(make_pdf([wrapped(FIRST)])[:200]), "cut off"),
    refused("scan.pdf", lambda path: path.write_bytes(make_scan()), "OCR"),
    refused("bomb.pdf", lambda path: path.write_bytes(make_pdf_bomb()), "too large"),
    refused("forms.pdf", deep_pdf, ""),
    refused("bomb.docx", bomb_docx, "very much larger"),
    refused("entities.docx", entities_docx, ""),
    refused("bomb.zip", lambda path: make_zip(path, {"a.txt": b"a" * 20_000_000}), "times as large"),
    refused("lying.zip", lying_zip, "cannot be unpacked"),
    refused("nested.zip", nested_zip, "an archive in an archive"),
    refused("crowded.zip", crowded_zip, "members, more than"),
    Case("encrypted.zip", encrypted_zip, (FIRST,), ("encrypted",)),
    Case(
        "upwards.zip",
        lambda path: make_zip(path, {"../up.txt": FIRST, "/root.txt": FIRST, "c:\\x.txt": FIRST, "in.txt": SECOND}),
        (SECOND,),
        ("leads out of the archive",) * 3,
    ),
    right("repeated-name.zip", repeated_name_zip, FIRST, SECOND),
    refused("circle.txt", circle, "circle"),
    refused("upwards", upwards, "circle"),
    refused("outside.txt", lambda path: path.symlink_to("/etc/hostname"), "out of the folder"),
    refused("nowhere.txt", lambda path: path.symlink_to(path.with_name("nothing")), "nowhere"),
    refused("pipe.txt", os.mkfifo, "pipe"),
    Case("ragged.csv", content(f'text,author\n"{FIRST}"\n"{SECOND}",A,B\n'), (FIRST,), ("more cells than columns",)),
    right("large-cells.csv", content(f"text,author\n{'word ' * 2_000_000},A\n"), "word word"),
    right("formula.csv", content("text,author\n=SUM(A1:A9),=A1\n"), "=SUM(A1:A9)"),
    refused("unclosed.csv", content(f'text,author\n"{FIRST},A\n'), "unexpected end"),
    refused("number.json", content("3"), "got int"),
    refused("no-text.json", content('{"a": 1, "b": 2}'), "no text"),
    refused("deep.json", deep_json, "not a flat object"),
    Case(
        "lines.jsonl",
        content(json.dumps({"text": FIRST}) + '\n[1]\n{"text": 3}\n{'),
        (FIRST,),
        ("must be an object", "no text", "not JSON"),
    ),
    right(
        "one-id.jsonl",
        content("\n".join(json.dumps({"id": "a", "text": text}) for text in (FIRST, SECOND))),
        FIRST,
        SECOND,
    ),
    refused("scripts.html", content("<html><body><script>let words = 'many'</script></body></html>"), "only scripts"),
    right("hebrew.txt", content(HEBREW), HEBREW),
    right("chinese.txt", content(CHINESE.encode("gb18030")), CHINESE),
    right("two\nlines 'and' \"quotes\".txt", content(FIRST), FIRST),
    right("sentence.txt", content(SENTENCE), SENTENCE),
    Case("fan.parquet", fan_parquet, ("word",) * 20, ("times as large",)),
]  # fmt: skip

# Hundreds of megabytes each: read, but not classified, in the tests.
LARGE_CASES = [
    refused("line.txt", line_of(200), "more than 20 million"),
    refused("line.jsonl", line_of(200, b'{"text": "', b'"}\n'), "a line of 50 million"),
    refused("line.csv", line_of(200, b"text\n"), "a line of 50 million"),
    refused("line.html", line_of(200, b"<html><body><p>"), ""),
    refused("huge.parquet", huge_parquet, "memory"),
]
