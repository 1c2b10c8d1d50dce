"""What a batch reads, and what not: without a model."""

import io
import json
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pyarrow
import pytest
from pyarrow import parquet

from pipeline.batch.account import Entry, Problem, to_csv
from pipeline.batch.inputs import Failure, open_inputs
from pipeline.batch.parts import Mark
from pipeline.errors import OutputError
from pipeline.frames import PROBABILITY_COLUMNS
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


PREDICTIONS = ",".join(("document", "author", *PROBABILITY_COLUMNS, "text")) + "\n"


@pytest.mark.parametrize("output", ["a.csv", "letters.csv", "about.csv", "in/b.csv", "in/metadata.csv"])
@pytest.mark.parametrize("pattern", [False, True])
def test_an_input_is_not_written_over(tmp_path: Path, output: str, pattern: bool) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "letters.documents.csv", "in/b.csv"):
        (tmp_path / name).write_text("text,author\nOne plain sentence.,Ann\n")
    for name in ("about.csv", "in/metadata.csv"):
        (tmp_path / name).write_text("file,author\na.csv,Ann\n")
    about = tmp_path / "about.csv" if output == "about.csv" else None
    named = [tmp_path / "*.csv"] if pattern else [tmp_path / "a.csv", tmp_path / "letters.documents.csv"]
    if pattern and output == "about.csv":
        named = [tmp_path / "letters*"]
    with pytest.raises(OutputError, match="would be written over; choose another place with -o"), ExitStack() as stack:
        open_inputs([*named, tmp_path / "in"], tmp_path / output, {}, about, None, stack).count()


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A folder of two texts, with all that earlier runs wrote into it."""
    folder = put(tmp_path / "C", one="One.", sub_two="Two.")
    (folder / "first.csv").write_text(PREDICTIONS + "one,," + "0.1," * len(PROBABILITY_COLUMNS) + "One.\n")
    (folder / "first.documents.csv").write_text(to_csv(Entry, []))
    (folder / "first.errors.csv").write_text(to_csv(Problem, []))
    row = {"document": "one", **dict.fromkeys(PROBABILITY_COLUMNS, 0.1), "text": "One."}
    (folder / "sub/second.jsonl").write_text(json.dumps(row) + "\n")
    parquet.write_table(pyarrow.Table.from_pylist([row] * 3), folder / "third.parquet")
    report = put(folder / "report", note="A note.")
    for name in ("framing.html", "framing.md", "profiles.json"):
        (report / name).write_text("One.")
    (report / "authors").mkdir()
    (report / "authors/ann.html").write_text("One.")
    return folder


def test_what_earlier_runs_wrote_into_a_folder_is_not_read_as_texts(earlier: Path, tmp_path: Path) -> None:
    found = found_in(earlier, output=earlier / "next.csv")
    assert sorted(authors(found, earlier)) == ["one.txt", "report/note.txt", "sub/two.txt"]
    assert len(found) == 3
    with ExitStack() as stack:
        told = open_inputs([earlier], earlier / "third.parquet", {}, None, None, stack).earlier_results()
        assert [str(Path(error.place).relative_to(earlier)) for error in told] == [
            "first.csv", "first.documents.csv", "first.errors.csv", "report/authors/ann.html", "report/framing.html",
            "report/framing.md", "report/profiles.json", "sub/second.jsonl",
        ]  # fmt: skip
    # Nor where a pattern leads to it, or where it is written anew.
    found = found_in(earlier / "*.*", earlier / "sub", output=earlier / "first.csv")
    assert sorted(authors(found, earlier)) == ["one.txt", "sub/two.txt"]
    assert len(found) == 2


def test_a_table_of_texts_with_some_of_the_names_is_read_and_so_is_what_somebody_names(
    earlier: Path, tmp_path: Path
) -> None:
    (earlier / "own.csv").write_text(f"text,{PROBABILITY_COLUMNS[0]}\nOne plain sentence.,0.5\n")
    (earlier / "own.documents.csv").write_text("text,document\nAnother plain sentence.,a\n")
    (earlier / "own.jsonl").write_text(json.dumps({"text": ", ".join(f'"{name}":' for name in PROBABILITY_COLUMNS)}))
    (earlier / "own.parquet").write_bytes(b"PAR1")
    found = found_in(earlier, output=tmp_path / "next.csv")
    names = {"one.txt", "sub/two.txt", "report/note.txt", "own.csv:2", "own.documents.csv:2", "own.jsonl:1"}
    assert set(authors(found, earlier)) == names
    assert [one.error.place for one in found if isinstance(one, Failure)] == [f"{earlier}/own.parquet"]
    assert len(found_in(earlier / "first.csv", output=tmp_path / "next.csv")) == 1
