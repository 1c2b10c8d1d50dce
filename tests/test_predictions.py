"""Predictions read back from what `framing classify` wrote, and the report on them."""

import csv
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import synthetic
from test_cli import framing

from pipeline.batch.output import PART_SCHEMA, write_output
from pipeline.batch.parts import Mark, Part, Parts
from pipeline.batch.predictions import documents, read_predictions
from pipeline.errors import DocumentError
from pipeline.frames import FRAMES


def table(authors: list[str], passages: int = 12) -> pa.Table:
    rows = []
    for read in synthetic.documents(authors, passages=passages):
        about = read.member.document
        for row in read.rows:
            text = about.text[row["start"] : row["end"]]
            known = {"author": about.byline, "title": about.title, "date": about.date, "source": about.source}
            rows.append({**row, **known, "words": len(text.split()), "text": text})
    return pa.Table.from_pylist(rows, schema=PART_SCHEMA)


def write(found: pa.Table, output: Path, *, with_text: bool) -> Path:
    parts = Parts.open(output, {})
    parts.add(Part(found, (), (), Mark()))
    write_output(parts, output, {"read": "text", "model": "a model"}, with_text=with_text)
    parts.remove()
    return output


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("with_text", [True, False])
def test_every_format_gives_the_same_documents_back(tmp_path: Path, suffix: str, with_text: bool) -> None:
    names = [*synthetic.HOSTILE, "+Plus", "Ann Lee; Bo Chen"]
    output = write(table(names), tmp_path / f"out.{suffix}", with_text=with_text)
    found, known = read_predictions(output, "today's")
    expected = synthetic.documents(names)
    assert [read.byline for read in found] == [*names[:-1], "Ann Lee and Bo Chen"]
    for read, original in zip(found, expected, strict=True):
        assert read.member.document.title == original.member.document.title
        assert [row["frames"] for row in read.rows] == [row["frames"] for row in original.rows]
        said = [read.member.document.text[row["start"] : row["end"]] for row in read.rows]
        wanted = [original.member.document.text[row["start"] : row["end"]] for row in original.rows]
        assert said == (wanted if with_text else [""] * len(wanted))
        assert read.member.present == with_text
        assert read.model == ("a model" if suffix == "parquet" else "today's")
    assert known == (suffix == "parquet")


BROKEN = {
    "p_status": ("1.5", "p_status must be between 0 and 1"),
    "frames": ("realism", 'unknown frames "realism"; did you mean "realist"'),
    "unfamiliar": ("maybe", "unfamiliar must be True or False"),
    "start": ("x", "invalid literal"),
    "end": ("1000000000000000", "start and end must be places in a text"),
}


@pytest.mark.parametrize("column", BROKEN)
def test_a_cell_that_cannot_be_is_named_with_its_place(tmp_path: Path, column: str) -> None:
    output = write(table(["A"]), tmp_path / "out.csv", with_text=False)
    rows = list(csv.DictReader(output.open(newline="")))
    rows[3][column], message = BROKEN[column]
    with output.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DocumentError, match="passage 4") as error:
        read_predictions(output, "m")
    assert message in str(error.value)


def test_rows_in_another_order_and_a_changed_text_quote_nothing_false() -> None:
    rows = table(["A"]).to_pylist()
    rows[4]["text"] += " and more"
    [read] = documents(rows[::-1], "m")
    said = [read.member.document.text[row["start"] : row["end"]].strip() for row in read.rows]
    assert said == [row["text"] if number != 4 else "" for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "x", 'cannot read ".txt"'),
        ("a.csv", "", "holds no passage"),
        ("a.csv", "author,text\nA,B\n", "has no document, title"),
        ("a.jsonl", "nonsense\n", "cannot be read"),
        ("a.jsonl", "[1]\n", "has no document"),
        ("a.parquet", "nonsense", "cannot be read"),
        ("a.csv", b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_remedy(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DocumentError) as error:
        read_predictions(path, "m")
    assert message in str(error.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file; make it: framing classify"):
        read_predictions(tmp_path / "none.csv", "m")


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """What the command needs of the project: figures and hand-labelled essays, no encoder."""
    for name in ("params.yaml", "data/essays/catalogue.yaml", "data/essays/gold", "data/predictions/essays",
                 "models/framing", "reports/metrics.json", "reports/plots"):  # fmt: skip
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, target)
    return tmp_path


@pytest.mark.parametrize(("suffix", "count"), [("csv", 1), ("jsonl", 3), ("parquet", 33)])
def test_predictions_become_a_report(project: Path, suffix: str, count: int) -> None:
    output = write(table(synthetic.names(count)), project / f"out.{suffix}", with_text=True)
    ended = framing("report", output.name, "-o", "report", "--words", "0", cwd=project)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "report/framing.html"
    assert ("taken for today's" in ended.stderr) == (suffix != "parquet")
    with (project / "report/profiles.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["author"] for row in rows if row["author"].startswith("Author")} == set(synthetic.names(count)[8:])
    assert len(rows) == count * len(FRAMES)
    assert (project / "report/authors").exists() == (count > 30)
    assert (project / "report/framing.md").exists()
    assert json.loads((project / "report/comparisons.json").read_text())


def test_without_text_nothing_is_quoted_and_the_command_says_so(project: Path) -> None:
    output = write(table(["A", "B"]), project / "out.parquet", with_text=False)
    assert pq.read_schema(output).names[-1] == "unfamiliar"
    ended = framing("report", "out.parquet", "-o", "report", cwd=project)
    assert ended.returncode == 0, ended.stderr
    assert "framing classify --text" in ended.stderr
    assert "<blockquote" not in (project / "report/framing.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["out.csv"], "-o"), (["-o", "folder"], "PREDICTIONS"), (["--words", "3"], "PREDICTIONS")],
)
def test_half_a_command_is_refused(project: Path, arguments: list[str], message: str) -> None:
    ended = framing("report", *arguments, cwd=project)
    assert ended.returncode == 2 and message in ended.stderr
