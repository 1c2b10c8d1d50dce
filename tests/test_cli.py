import contextlib
import csv
import io
import json
import shutil
import sys
import unittest.mock
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipeline.cli import app, main
from pipeline.model.table import SCHEMA

COMMANDS = [
    "encoder", "prepare", "train", "calibrate", "baselines", "evaluate", "card", "curve", "repeat", "recipes",
    "bench", "bench-scale", "explain", "segment", "classify", "profile", "cover", "mark", "report", "adopt", "compare",
]  # fmt: skip
NESTED = [["essays", "add"], ["essays", "list"]]
NESTED += [["labels", name] for name in ("check", "agreement", "export", "import", "sizes", "shares", "suspects")]


class Ended(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def framing(*arguments: str, cwd: Path) -> Ended:
    """Run the command line in this process: libraries that take seconds to import are imported once."""
    out, err = io.StringIO(), io.StringIO()
    named = unittest.mock.patch.object(sys, "argv", ["framing", *arguments])
    with named, contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            return Ended(int(ended.code or 0), out.getvalue(), err.getvalue())
    return Ended(0, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + NESTED)
def test_every_command_says_what_it_does(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split()) > 15


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """The parts of the project that the commands under test read, without the large ones."""
    for name in ("params.yaml", "data/essays", "data/op-eds", "data/splits.csv", "data/passages", "data/contrast"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, target)
    shutil.rmtree(tmp_path / "data/essays/text", ignore_errors=True)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "content", "command", "message"),
    [
        ("params.yaml", "train: {epochs: 0}", ["train"], "train.epochs must be at least 1, got 0"),
        ("params.yaml", "train: {encoder: mpnett}", ["encoder"], 'did you mean "mpnet"?'),
        ("data/passages/b99.jsonl", "{}\n", ["prepare"], "b99.jsonl:1: "),
        ("data/splits.csv", "batch,voice,split\n", ["prepare"], "no split for batch"),
        ("data/essays/catalogue.yaml", "- id: x\n", ["segment", "essays"], "catalogue.yaml: entry 1: authors"),
        ("data/op-eds/bad.md", "", ["segment", "op-eds"], "bad.md: empty"),
        ("data/op-eds/gold/op-ed-01.jsonl", '{"frames": []}\n', ["segment", "op-eds"], "op-ed-01.jsonl:1"),
        ("x", "", ["segment", "opeds"], 'unknown corpus "opeds"; did you mean "op-eds"?'),
    ],
)
def test_bad_input_is_one_clear_line_exit_code_2_and_leaves_results_alone(
    project: Path, file: str, content: str, command: list[str], message: str
) -> None:
    before = project / "data/segments/op-eds/op-ed-01.jsonl"
    before.parent.mkdir(parents=True)
    before.write_text("earlier")
    (project / file).write_text(content)
    result = framing(*command, cwd=project)
    assert result.returncode == 2, result.stderr
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
    assert before.read_text() == "earlier"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.txt", "-o", "out.csv"], "nowhere.txt: no such file"),
        (["a.txt", "-o", "out.xlsx"], 'cannot write ".xlsx"'),
        (["a.txt", "-o", "/proc/nothing/out.csv"], "cannot be written"),
        (["nothing-there", "-o", "out.csv"], "nothing to read"),
        (["*.nothing", "-o", "out.csv"], "no file fits this pattern"),
        (["a.txt", "-o", "out.csv", "--metadata", "sidecar.csv"], "file"),
    ],
)
def test_classify_refuses_what_it_cannot_do_before_it_begins(project: Path, arguments: list[str], message: str) -> None:
    (project / "a.txt").write_text("One plain sentence.")
    (project / "nothing-there").mkdir()
    (project / "sidecar.csv").write_text("name,author\na.txt,A\n")
    (project / "out.csv").write_text("earlier")
    result = framing("classify", *arguments, cwd=project)
    assert result.returncode == 2
    assert message in result.stderr
    assert (project / "out.csv").read_text() == "earlier"


@pytest.mark.parametrize(
    "option",
    [
        ["a.txt"],
        *(["-o", "out.csv"], ["--report", "r"], ["--text"], ["--any-language"], ["--restart"], ["--metadata", "m.csv"]),
        *(["--author", "A"], ["--date", "2024"], ["--source", "S"]),
        *(["--engine", "ray"], ["--engine", "ray", "--workers", "2"]),
    ],
)
def test_classify_refuses_what_does_nothing_for_a_corpus(project: Path, option: list[str]) -> None:
    result = framing("classify", "--corpus", "op-eds", *option, cwd=project)
    assert result.returncode == 2
    said = " ".join(result.stderr.replace("│", " ").split())
    assert f"takes no {'PATH' if option == ['a.txt'] else option[0]}: it reads that corpus alone" in said
    assert not (project / "data/predictions").exists()


def test_an_essay_that_is_another_copy_is_refused(project: Path) -> None:
    (project / "chang-2024.txt").write_text("VINCENT K. L. CHANG, JUN 8 2024\n\nSomething else was said here.\n")
    result = framing("essays", "add", "chang-2024.txt", cwd=project)
    assert result.returncode == 2
    assert "the catalogue expects" in result.stderr
    assert not (project / "data/essays/text/chang-2024.txt").exists()


def test_absent_essays_are_segmented_by_their_gold_and_listed_with_the_remedy(project: Path) -> None:
    assert framing("segment", "essays", cwd=project).returncode == 0
    assert "framing essays add" in framing("essays", "list", cwd=project).stdout
    assert len((project / "data/segments/essays/chang-2024.jsonl").read_text().splitlines()) == 11


def test_a_mixed_folder_becomes_one_table_in_each_format(root: Path, tmp_path: Path) -> None:
    if not (root / "models/encoder").exists():
        pytest.skip("no encoder: dvc repro encoder")
    folder = tmp_path / "in"
    folder.mkdir()
    text = "The prime minister was kept waiting in the corridor while the guest of lower rank was shown in first. "
    (folder / "a.txt").write_text(text)
    long = " ".join(f"In round {n} of the talks nobody could say what had been agreed or by whom." for n in range(12))
    (folder / "b.md").write_text(f"---\nauthor: [A, B]\ntitle: T\n---\n{long}")
    (folder / "c.csv").write_text('id,text,author\nx,"The harbour froze early, and the grain stayed on the quay.",C\n')
    last = "A tariff was cut by a third, and the exporters of both states were content with that."
    (folder / "d.jsonl").write_text(json.dumps({"text": last, "source": "S"}) + "\nnonsense\n")
    tables = {}
    for suffix in ("csv", "jsonl", "parquet"):
        output = tmp_path / f"out.{suffix}"
        # d.jsonl:2 could not be read, and the rest was
        assert framing("classify", str(folder), "-o", str(output), cwd=root).returncode == 1
        tables[suffix] = output
    rows = list(csv.DictReader(tables["csv"].open()))
    assert list(rows[0]) == SCHEMA.names
    assert [row["document"] for row in rows] == ["a", "b", "b", "x", "d-1"]
    assert rows[1]["author"] == "A; B"
    parquet = pq.read_table(tables["parquet"]).to_pylist()
    lines = [json.loads(line) for line in tables["jsonl"].read_text().splitlines()]
    assert lines == parquet
    assert "status" in parquet[0]["frames"]


def test_new_texts_end_in_a_report_of_their_own(root: Path, tmp_path: Path) -> None:
    if not (root / "models/encoder").exists():
        pytest.skip("no encoder: dvc repro encoder")
    for number in range(1, 3):
        shutil.copyfile(root / f"data/op-eds/op-ed-{number:02}.md", tmp_path / f"column-{number}.md")
    command = ["classify", str(tmp_path), "-o", str(tmp_path / "out.csv"), "--author", "Zdenka Vrabec", "--report"]
    ended = framing(*command, str(tmp_path / "report"), cwd=root)
    assert ended.returncode == 0, ended.stderr
    [page, plain] = [(tmp_path / "report" / name).read_text() for name in ("framing.html", "framing.md")]
    assert "Zdenka Vrabec" in page and "Zdenka Vrabec" in plain
    rows = list(csv.DictReader((tmp_path / "report/profiles.csv").open()))
    assert {(row["corpus"], row["author"], row["documents"]) for row in rows} == {("texts", "Zdenka Vrabec", "2")}
    assert all(row["basis"] == "classifier, corrected" and row["tier"] for row in rows)


def test_explain_marks_the_words_that_spoke_for_a_label(root: Path, tmp_path: Path) -> None:
    if not (root / "models/encoder").exists():
        pytest.skip("no encoder: dvc repro encoder")
    text = tmp_path / "a.txt"
    text.write_text("The trains ran on time. The junior partner was seated last and nobody rose when he came in.")
    ended = framing("explain", str(text), "status", cwd=root)
    assert ended.returncode == 0
    assert ended.stdout.startswith("a 1: status 0.")
    assert ended.stdout.count("[") == round(0.2 * len(text.read_text().split()))
    refused = framing("explain", str(text), "statos", cwd=root)
    assert refused.returncode == 2 and 'did you mean "status"' in refused.stderr
