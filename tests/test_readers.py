import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.corpus.readers import SUFFIXES, find_files, read_documents
from pipeline.errors import DocumentError
from pipeline.records import Document


def read(path: Path, content: str | bytes) -> list[Document | DocumentError]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_documents(path))


def test_front_matter_and_headings_do_not_reach_the_text(tmp_path: Path) -> None:
    [found] = read(tmp_path / "a.md", "---\ntitle: T\nauthor: [A, B]\ndate: 2026-01-02\n---\n# Head\n\nThe text.\n")
    assert found == Document("a", "The text.", "T", ("A", "B"), "2026-01-02", "")


def test_a_record_needs_only_text(tmp_path: Path) -> None:
    [found] = read(tmp_path / "a.jsonl", '{"text": "Hello there."}\n')
    assert found == Document("a-1", "Hello there.")


def test_several_authors_in_a_cell_stay_several(tmp_path: Path) -> None:
    [found] = read(tmp_path / "a.csv", 'text,author\n"Hello, there.",A; B\n')
    assert isinstance(found, Document)
    assert found.authors == ("A", "B")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t ", "empty"),
        ("a.txt", "caf\xe9".encode("latin-1"), "not UTF-8 at byte 3 (0xe9); save it as UTF-8"),
        ("a.txt", b"a\x00b", "NUL"),
        ("a.md", b"---\n: : [\n---\ntext", "front matter is not YAML"),
        ("a.md", b"---\n- a\n---\ntext", "front matter must be"),
        ("a.md", b"---\ndate: 2024-02-30\n---\ntext", "front matter is not YAML"),
        ("a.jsonl", b'{"text": "x", "date": ' + b"9" * 5000 + b"}", ":1: not a flat object"),
        ("a.jsonl", b"[1]", ":1: a line must be an object"),
        ("a.jsonl", b"{", ":1: not JSON"),
        ("a.jsonl", b'{"text": 3}', ":1: no text"),
        ("a.csv", b"words\nhello\n", "no column text among words"),
        ("a.csv", b"text\nhello,there\n", ":2: more cells than columns"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    [error] = read(tmp_path / name, content)
    assert isinstance(error, DocumentError)
    assert str(tmp_path / name) in str(error)
    assert message in str(error)


def test_odd_line_ends_and_long_cells_stay_inside_their_cell(tmp_path: Path) -> None:
    long = "word " * 60_000
    found = read(tmp_path / "a.csv", f"text,title\none\u2028two\x0cthree,T\n{long},U\n")
    assert [item.title for item in found if isinstance(item, Document)] == ["T", "U"]


def test_a_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", '{"text": "One."}\nnonsense\n{"text": "Three."}\n')
    assert [isinstance(item, Document) for item in found] == [True, False, True]


def test_a_folder_is_searched_below_and_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.txt", "deep/a.md", "c.pdf"):
        (tmp_path / name).write_text("x")
    assert find_files([tmp_path]) == [tmp_path / "b.txt", tmp_path / "deep/a.md"]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        find_files([tmp_path / "nothing"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_no_bytes_make_a_reader_crash(tmp_path: Path, content: bytes, suffix: str) -> None:
    for found in read(tmp_path / f"x{suffix}", content):
        assert isinstance(found, Document | DocumentError)


@given(
    st.dictionaries(
        st.sampled_from(["id", "text", "author", "title", "date"]),
        st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_record_is_read_or_refused(tmp_path: Path, record: dict[str, object]) -> None:
    [found] = read(tmp_path / "x.jsonl", json.dumps(record) + "\n")
    assert isinstance(found, Document | DocumentError)
