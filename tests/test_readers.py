import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import FIRST, document_in, error_in, one_of_each_kind, read

from pipeline.corpus.corpora import check_offsets, load_corpus
from pipeline.corpus.fields import split_authors
from pipeline.corpus.inputs import find_sources
from pipeline.corpus.normalise import checksum
from pipeline.corpus.plain import decode_bytes
from pipeline.corpus.readers import read_documents
from pipeline.corpus.segment import segment
from pipeline.corpus.sources import SUFFIXES
from pipeline.errors import DocumentError
from pipeline.params import SegmentParams
from pipeline.records import Document

ACCENTS = "Le café où l'État négocie, à peine éclairé, sent déjà la fumée et la défaite des années passées."


def test_front_matter_and_headings_do_not_reach_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    [found] = read(file, "---\ntitle: T\nauthor: [A, B]\ndate: 2026-01-02\n---\n# Head\n\nThe text.\n")
    assert found == Document("a", "The text.", "T", ("A", "B"), "2026-01-02", place=str(file), removed_share=0.5)


def test_every_kind_says_where_its_documents_come_from_and_in_which_language(tmp_path: Path) -> None:
    files = one_of_each_kind(tmp_path)
    assert {file.suffix for file in files} == set(SUFFIXES)
    for file in files:
        for found in read_documents(file):
            assert isinstance(found, Document), str(found)
            assert found.place.startswith(str(file))
            assert found.language == "en"
            assert FIRST in found.text or found.id.endswith(("-2", "-3"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        *((f"a{suffix}", b"", "empty") for suffix in (".txt", ".md", ".html", ".csv", ".tsv", ".jsonl", ".json")),
        *((f"a{suffix}", b"", "") for suffix in (".pdf", ".docx", ".parquet", ".zip")),
        ("a.txt", b" \n\t ", "empty"),
        ("a.txt", b"a\x00b", "NUL"),
        ("a.txt", "Государство\x00ведёт переговоры".encode(), "NUL"),
        ("a.csv", b"text\na\x00b\n", "NUL"),
        ("a.csv", b"text\na\x00bc\n", "NUL"),  # an even number of bytes, as UTF-16 has
        ("a.txt", bytes(range(1, 32)) * 40, "binary content"),
        ("a.md", b"---\n: : [\n---\ntext", "front matter is not YAML"),
        ("a.md", b"---\ndate: 2024-02-30\n---\ntext", "front matter is not YAML"),
        ("a.xyz", b"text", "cannot read .xyz; known kinds: .txt"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert message in str(error_in(tmp_path / name))


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "latin-1",
        "cp1252",
        "cp850",
        "mac_roman",
    ],
)
def test_a_text_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    [found] = read(tmp_path / "a.txt", ACCENTS.encode(encoding))
    assert isinstance(found, Document)
    assert found.text == ACCENTS


RUSSIAN = "Государство ведёт переговоры с соседями о границе, которую никто из них не видел своими глазами."
POLISH = "Państwo prowadzi rozmowy z sąsiadami o granicy, której żaden z nich nie widział na własne oczy."
GREEK = "Το κράτος διαπραγματεύεται με τους γείτονες για τα σύνορα που κανείς τους δεν είδε με τα μάτια του."
CHINESE = "国家与邻国谈判边界问题。这是一个漫长的过程。谁也不知道它何时结束。"
JAPANESE = "国家は隣国と国境について交渉する。それは長い過程であり、誰もその終わりを知らない。"
ARABIC = "تتفاوض الدولة مع جيرانها على الحدود التي لم يرها أحد منهم بعينيه، وهذا طريق طويل جدا لا يعرف أحد نهايته."
HEBREW = "המדינה מנהלת משא ומתן עם שכנותיה על הגבול שאיש מהן לא ראה במו עיניו, וזו דרך ארוכה מאוד שאין לה סוף."


WIDE = ("utf-16-le", "utf-16-be", "utf-32-be")  # without a mark


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        *((RUSSIAN, name, "ru") for name in ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic", *WIDE)),
        *((POLISH, name, "pl") for name in ("cp1250", "iso8859-2", "cp852")),
        *((GREEK, name, "el") for name in ("cp1253", "iso8859-7", *WIDE)),
        *((CHINESE, name, "zh") for name in ("gb18030", *WIDE)),
        *((JAPANESE, name, "ja") for name in ("shift_jis", *WIDE)),
        *((ARABIC, name, "ar") for name in ("utf-8", "cp1256", *WIDE)),
        *((HEBREW, name, "he") for name in ("utf-8", "cp1255", *WIDE)),
    ],
)
def test_other_scripts_stay_as_they_are(tmp_path: Path, text: str, encoding: str, language: str) -> None:
    [found] = read(tmp_path / "a.txt", text.encode(encoding))
    assert isinstance(found, Document)
    assert (found.text, found.language) == (text, language)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
def test_a_text_of_three_words_is_enough_to_tell_its_encoding(tmp_path: Path, encoding: str) -> None:
    [found] = read(tmp_path / "a.txt", "Москва ждёт ответа.".encode(encoding))
    assert isinstance(found, Document)
    assert found.text == "Москва ждёт ответа."


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_typographic_signs_alone_tell_the_encoding_of_an_english_text(tmp_path: Path, encoding: str) -> None:
    text = "The prime minister\N{RIGHT SINGLE QUOTATION MARK}s answer \N{EM DASH} \N{LEFT DOUBLE QUOTATION MARK}never"
    [found] = read(tmp_path / "a.txt", text.encode(encoding))
    assert isinstance(found, Document)
    assert found.text == text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace(
        "\N{LEFT DOUBLE QUOTATION MARK}", '"'
    )


def test_broken_bytes_in_utf_8_cost_no_more_than_themselves(tmp_path: Path) -> None:
    content = (ACCENTS * 40).encode() + b" caf\xe9 " + (ACCENTS * 40).encode()
    [found] = read(tmp_path / "a.txt", content)
    assert isinstance(found, Document)
    assert found.text == f"{ACCENTS * 40} café {ACCENTS * 40}"


def test_a_line_of_nineteen_megabytes_is_read(tmp_path: Path) -> None:
    [found] = read(tmp_path / "a.txt", b"word " * 3_800_000)
    assert isinstance(found, Document)
    assert len(found.text) == 19_000_000 - 1


def test_a_file_beyond_the_limit_is_refused_unopened(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()
    os.truncate(file, 600_000_000)
    assert "larger than 500 MB; split it" in str(error_in(file))


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert "no regular file" in str(error_in(tmp_path / "a.txt"))


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder for somebody who is not root, for root may read everything; the test runs as that somebody."""
    me = os.geteuid()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        if me == 0:
            os.seteuid(65534)
        yield Path(folder)
        os.seteuid(me)


def test_a_file_that_may_not_be_read_is_named(nobody: Path) -> None:
    file = nobody / "a.txt"
    file.write_text("x")
    file.chmod(0)
    assert "Permission denied" in str(error_in(file))
    [found] = find_sources([nobody])
    assert isinstance(found, DocumentError)
    assert "may not be read" in str(found)


def test_an_odd_name_is_printable_wherever_it_is_said(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b'/two\nlines "quoted" \xff.txt'))
    file.write_text(FIRST)
    found = document_in(file)
    assert found.id == 'two\\nlines "quoted" \\udcff'
    assert found.place.encode("utf-8").decode().isprintable()


def test_the_op_eds_come_out_as_they_were_labelled(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    members = load_corpus("op-eds")
    for member in members:
        check_offsets(member.document, member.gold)
    texts = "".join(member.document.text for member in members)
    assert (
        hashlib.sha256(texts.encode()).hexdigest() == "5145c5634e2506e4db8ea5a459b93b0312f9088042876549c07e3d1312d2b2b9"
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_no_bytes_make_a_reader_crash(tmp_path: Path, content: bytes, suffix: str) -> None:
    for found in read(tmp_path / f"x{suffix}", content):
        check_result(found)


def check_result(found: Document | DocumentError) -> None:
    """A reason that can be printed, or a document that can be written, and whose passages hold all of its words."""
    assert isinstance(found, Document | DocumentError)
    str(found).encode("utf-8")
    if isinstance(found, Document):
        passages = segment(found, SegmentParams(min_words=5, max_words=20))
        assert [word for p in passages for word in found.text[p.start : p.end].split()] == found.text.split()
        assert all(p.sha256 == checksum(found.text[p.start : p.end]) for p in passages)


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_no_bytes_are_of_no_encoding_or_several(content: bytes) -> None:
    try:
        text = decode_bytes(content, "x")
    except DocumentError as error:
        assert error.reason
    else:
        assert text.strip() and text == decode_bytes(content, "x")
        text.encode("utf-8")


@settings(max_examples=300)
@given(
    st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\ufeff"), min_size=1),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_text_in_unicode_comes_through(text: str, encoding: str) -> None:
    if not text.isspace():
        assert decode_bytes(text.encode(encoding), "x") == text


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {file.suffix: file.read_bytes() for file in one_of_each_kind(tmp_path_factory.mktemp("samples"))}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=300)
@given(st.sampled_from(SUFFIXES), st.floats(0, 1), st.binary(max_size=8), st.integers(0, 40))
def test_no_damage_to_a_real_file_makes_a_reader_crash(
    tmp_path: Path, samples: dict[str, bytes], suffix: str, where: float, put: bytes, lost: int
) -> None:
    whole = samples[suffix]
    place = int(where * len(whole))
    for found in read(tmp_path / f"x{suffix}", whole[:place] + put + whole[place + lost :]):
        check_result(found)


@pytest.mark.parametrize("code", ["eng", "ENG", "en", "en-GB", "eng_US"])
def test_english_by_any_of_its_codes_is_english(tmp_path: Path, code: str) -> None:
    [found] = read(tmp_path / "a.csv", f"text,language\nOne plain sentence.,{code}\nUn mot.,fra\n")[:1]
    assert isinstance(found, Document)
    assert found.language == "en"


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ('{"name": "Ann Lee", "url": "https://example.org"}', ("Ann Lee",)),
        ('[{"name": "Ann Lee"}, "Bo Chen"]', ("Ann Lee", "Bo Chen")),
        ('{"url": "https://example.org"}', ()),
        ("NaN", ()),
        ('["Ann Lee", NaN, null]', ("Ann Lee",)),
    ],
)
def test_an_author_is_a_name_and_not_what_a_program_writes_for_one(
    tmp_path: Path, author: str, authors: tuple[str, ...]
) -> None:
    content = f'{{"text": "x", "author": {author}, "title": NaN, "source": {{"name": "S"}}}}'
    [found] = read(tmp_path / "a.jsonl", content)
    assert isinstance(found, Document)
    assert (found.authors, found.title, found.source) == (authors, "", "S")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Jane Doe, Senior Fellow", ["Jane Doe"]),
        ("Jane Doe, Professor of War and Peace Studies", ["Jane Doe, Professor of War and Peace Studies"]),
        ("Jane Doe, Ph.D.", ["Jane Doe"]),
        ("Ann Lee, Bo Chen and Cy Diaz", ["Ann Lee", "Bo Chen", "Cy Diaz"]),
        ("Lee, Ann and Chen, Bo", ["Lee, Ann", "Chen, Bo"]),
        ("Institute of Rivers", ["Institute of Rivers"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."]),
    ],
)
def test_what_somebody_is_is_no_other_author(line: str, names: list[str]) -> None:
    assert split_authors(line) == names


@pytest.mark.parametrize(
    "content",
    [
        "---\nAuthor: Ann Lee\nTITLE: T\n---\nThe text.\n",
        "---\nAUTHOR : [Ann Lee]\nTitle: T\nText: no\n---\nThe text.\n",
    ],
)
def test_front_matter_is_read_in_any_case_as_columns_are(tmp_path: Path, content: str) -> None:
    [found] = read(tmp_path / "a.md", content)
    assert isinstance(found, Document)
    assert (found.authors, found.title, found.text) == (("Ann Lee",), "T", "The text.")


@pytest.mark.parametrize(
    "prose",
    [
        "The envoys met at the river in May.",
        "Who pays for this: the treaty says nobody.",
        "It was said: one thing: another. Nobody [minded",
        "- One thing.\n- Another.",
    ],
)
def test_a_text_that_begins_with_a_rule_is_no_front_matter(tmp_path: Path, prose: str) -> None:
    [found] = read(tmp_path / "a.md", f"---\n{prose}\n---\n\nThe rest.\n")
    assert isinstance(found, Document), str(found)
    assert found.text == f"---\n{prose}\n---\n\nThe rest."
