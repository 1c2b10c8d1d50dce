"""What a batch reads, and what not: without a model."""

import io
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.batch.inputs import Failure, open_inputs
from pipeline.batch.parts import Mark
from pipeline.records import Document


def found_in(*paths: Path, output: Path, metadata: Path | None = None) -> list[Document | Failure]:
    """The documents and failures of a batch of these paths."""
    with ExitStack() as stack:
        inputs = open_inputs(paths, output, {}, metadata, None, stack)
        return [one for one in inputs.results(Mark()) if isinstance(one, Document | Failure)]


@pytest.mark.parametrize(
    "content",
    [
        b'[{"text": "One plain sentence.", "author": "Ann Lee"}]',
        b' [\n {"text": "One plain sentence.", "author": "Ann Lee"}\n]\n',
        b'\xef\xbb\xbf{"text": "One plain sentence.", "author": "Ann Lee"}\n',
        b'\xef\xbb\xbf[{"text": "One plain sentence.", "author": "Ann Lee"}]',
        '{"text": "One plain sentence.", "author": "Ann Lee"}\n'.encode("utf-16"),
        b'\xef\xbb\xbf<html><meta name="author" content="Ann Lee"><body><p>One plain sentence.</p></body></html>',
        b"[1] One plain sentence.",
    ],
)
def test_standard_input_is_read_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    [found] = found_in(Path("-"), output=tmp_path / "out.csv")
    assert isinstance(found, Document)
    plain = content.startswith(b"[1]")
    assert found.text == ("[1] " if plain else "") + "One plain sentence."
    assert found.authors == (() if plain else ("Ann Lee",))


def put(folder: Path, **files: str) -> Path:
    """A folder with texts, by their names with `_` for a slash and without suffix, and its metadata.csv."""
    for name, content in files.items():
        file = folder / ("metadata.csv" if name == "metadata" else f"{name.replace('_', '/')}.txt")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder


def authors(found: list[Document | Failure], root: Path) -> dict[str, tuple[str, ...]]:
    return {
        str(Path(one.place).relative_to(root)): one.authors + ((one.date,) if one.date else ())
        for one in found
        if isinstance(one, Document)
    }


def test_a_folders_own_table_says_nothing_of_another_folders_texts(tmp_path: Path) -> None:
    first = put(tmp_path / "A", one="One.", metadata="file,author,date\none.txt,Ann,2001\n", sub_one="Two.")
    second = put(tmp_path / "B", one="Three.", other="Four.", metadata="file,author,date\none.txt,Bob,2019\n")
    third = put(tmp_path / "C", one="Five.", other="Six.")
    found = found_in(first, second, third / "one.txt", third, output=tmp_path / "out.csv")
    assert authors(found, tmp_path) == {
        "A/one.txt": ("Ann", "2001"),
        "A/sub/one.txt": (),
        "B/one.txt": ("Bob", "2019"),
        "B/other.txt": (),
        "C/one.txt": (),
        "C/other.txt": (),
    }


def test_a_name_without_its_folder_is_enough_where_no_other_file_is_meant(tmp_path: Path) -> None:
    folder = put(tmp_path / "A", sub_one="One.", two="Two.")
    with zipfile.ZipFile(folder / "saved.zip", "w") as archive:
        archive.writestr("two.txt", "Three.")
        archive.writestr("three.txt", "Four.")
    (folder / "metadata.csv").write_text("file,author\none.txt,Ann\ntwo.txt,Bo\nthree.txt,Cy\n")
    assert authors(found_in(folder, output=tmp_path / "out.csv"), folder) == {
        "saved.zip/three.txt": ("Cy",),
        "saved.zip/two.txt": (),
        "sub/one.txt": ("Ann",),
        "two.txt": ("Bo",),
    }


def test_a_table_that_is_named_tells_of_texts_wherever_they_are(tmp_path: Path) -> None:
    folder = put(tmp_path / "A", one="One.", sub_two="Two.")
    about = put(tmp_path / "elsewhere", metadata="file,author\none.txt,Ann\ntwo.txt,Bo\n") / "metadata.csv"
    found = found_in(folder, output=tmp_path / "out.csv", metadata=about)
    assert authors(found, folder) == {"one.txt": ("Ann",), "sub/two.txt": ("Bo",)}
