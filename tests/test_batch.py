"""Batches of new texts with a small real model: nothing is lost, nothing counted twice, nothing mixed."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from batches import Watch, written
from hostile import CASES

import pipeline
from pipeline.batch.account import Summary
from pipeline.batch.inputs import Inputs
from pipeline.batch.parts import Mark, Parts
from pipeline.batch.predictions import documents
from pipeline.batch.run import Local, Options, classify_paths
from pipeline.errors import LostError, OutputError
from pipeline.model.classifier import load_classifier
from pipeline.model.table import SCHEMA
from pipeline.model.words import strongest, word_scores
from pipeline.params import BatchParams, Params
from pipeline.records import WrittenPassage
from pipeline.report.evidence import Evidence
from pipeline.report.mark import MARKED_SHARE, find_words

FRAMING = Path(sys.executable).parent / "framing"


SMALL_PARTS = Params(batch=BatchParams(part_passages=9))


def classify(
    texts: Path,
    output: Path,
    options: Options | None = None,
    stop_after: int | None = None,
    params: Params = SMALL_PARTS,
) -> Summary:
    return classify_paths([texts], output, params, options or Options(), Watch(stop_after))[0]


class Losing(Local):
    """An engine that loses what it has in hand after so many results, each time that it is asked."""

    after = 20

    def results(self, inputs: Inputs, mark: Mark) -> Iterator[Any]:
        for number, found in enumerate(super().results(inputs, mark)):
            if number == self.after:
                raise LostError("a node died")
            yield found


def test_what_an_engine_loses_is_begun_again_while_it_gets_anywhere(
    here: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def losing(params: Params, options: Options) -> Iterator[Losing]:
        yield Losing(load_classifier(precision=options.precision), params)

    classify(texts, tmp_path / "whole.csv")
    classify_paths([texts], tmp_path / "lost.csv", SMALL_PARTS, Options(), Watch(), start=losing)
    assert written(tmp_path / "lost.csv") == written(tmp_path / "whole.csv")
    monkeypatch.setattr(Losing, "after", 1)
    with pytest.raises(LostError, match="a node died"):
        classify_paths([texts], tmp_path / "never.csv", SMALL_PARTS, Options(), Watch(), start=losing)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_an_interrupted_run_ends_in_the_same_bytes(here: Path, texts: Path, tmp_path: Path, suffix: str) -> None:
    whole, interrupted = tmp_path / f"whole.{suffix}", tmp_path / f"interrupted.{suffix}"
    summary = classify(texts, whole)
    assert (summary.classified, summary.failed) == (32, 3)
    for stop_after in (10, 25, 60):
        with pytest.raises(KeyboardInterrupt):
            classify(texts, interrupted, stop_after=stop_after)
        assert not interrupted.exists()
    assert classify(texts, interrupted) == summary
    assert written(interrupted) == written(whole)
    assert sorted(path.name for path in tmp_path.glob("interrupted*")) == sorted(
        f"interrupted{name}" for name in written(whole)
    )


@pytest.fixture
def many(texts: Path) -> Path:
    """Enough of the texts for several parts."""
    for file in sorted(texts.rglob("op-ed-*.md")):
        words = file.read_text().split(" ")
        for copy in range(1, 30):
            file.with_stem(f"{file.stem}-{copy:02}").write_text(" ".join(words[:8] + words[copy % 7 + 8 :: 2]))
    return texts


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_or_interrupted_goes_on_where_it_stopped(
    here: Path, many: Path, tmp_path: Path, end: signal.Signals
) -> None:
    output, parts = tmp_path / "ended.csv", tmp_path / ".ended.csv.parts"
    command = [str(FRAMING), "classify", str(many), "-o", str(output)]
    # In a shell's background processes take no notice of Ctrl-C, and nor would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # In a session of its own, so that all its processes can be sent what a terminal sends at Ctrl-C.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not list(parts.glob("*.parquet")) and process.poll() is None:
        time.sleep(0.002)
    os.killpg(process.pid, end)
    said = process.communicate()[1]
    assert list(parts.glob("*.parquet")) and not output.exists()
    if end == signal.SIGINT:
        assert process.returncode == 130
        assert said == f"{output}: interrupted; what was classified is kept, and the same command goes on from there\n"
    classify(many, output, params=Params())
    classify(many, tmp_path / "whole.csv", params=Params())
    assert written(output) == written(tmp_path / "whole.csv")


def test_a_full_disk_is_said_and_loses_nothing(here: Path, texts: Path, tmp_path: Path) -> None:
    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command = [str(FRAMING), "classify", str(texts), "-o", str(tmp_path / "out.csv")]
    ended = subprocess.run(command, preexec_fn=little_room, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr and "run the same command again" in ended.stderr
    assert not (tmp_path / "out.csv").exists()
    assert classify(texts, tmp_path / "out.csv", params=Params()).classified == 32


def test_progress_counts_what_is_classified_not_what_is_read(here: Path, texts: Path, tmp_path: Path) -> None:
    watch = Watch()
    summary, _ = classify_paths([texts], tmp_path / "out.csv", Params(), Options(), watch)
    assert watch.seen[-1] == (watch.inputs, summary.passages)
    assert all(inputs < watch.inputs for inputs, passages in watch.seen if passages < summary.passages)


def test_parts_of_another_run_are_not_mixed_in(here: Path, texts: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        classify(texts, output, stop_after=20)
    with pytest.raises(OutputError, match="another any_language"):
        classify(texts, output, Options(any_language=True))
    with pytest.raises(OutputError, match="another batch"):
        classify(texts, output, params=Params())
    file = texts / "deeper/op-ed-01.md"
    file.write_text(file.read_text() + "\nA sentence more.\n")
    with pytest.raises(OutputError, match="the inputs changed since"):
        classify(texts, output)
    assert classify(texts, output, Options(restart=True)).classified == 32


def test_a_table_that_changed_while_half_of_it_was_read_is_refused(
    here: Path, tmp_path: Path, passages: list[WrittenPassage]
) -> None:
    table, output = tmp_path / "a.jsonl", tmp_path / "out.csv"
    table.write_text("".join(json.dumps({"text": passage.text}) + "\n" for passage in passages[:30]))
    with pytest.raises(KeyboardInterrupt):
        classify(table, output, stop_after=20)
    table.write_text(table.read_text() + json.dumps({"text": passages[40].text}) + "\n")
    with pytest.raises(OutputError, match="the inputs changed since"):
        classify(table, output)


def test_every_input_is_accounted_for(here: Path, texts: Path, tmp_path: Path) -> None:
    (texts / "again.txt").write_text((texts / "op-ed-00.md").read_text().split("---\n")[2])
    (texts / "german.txt").write_text(
        "Der Minister sprach lange über die Grenze, und niemand im Saal wollte ihm widersprechen, "
        "denn alle wussten, dass die Verhandlungen im Winter wieder beginnen würden und dass es dann zu spät wäre. "
    )
    output = tmp_path / "out.jsonl"
    summary = classify(texts, output)
    assert (summary.classified, summary.duplicates, summary.other_language, summary.failed) == (32, 1, 1, 3)
    documents = list(csv.DictReader((tmp_path / "out.documents.csv").open(newline="")))
    status = {row["document"]: (row["status"], row["twin_of"]) for row in documents}
    assert status["german"] == ("other language", "")
    # whichever comes first is classified, and the other one names it
    assert {status["again"], status["op-ed-00"]} in (
        {("classified", ""), ("duplicate", "again")},
        {("classified", ""), ("duplicate", "op-ed-00")},
    )
    errors = list(csv.DictReader((tmp_path / "out.errors.csv").open(newline="")))
    assert {Path(row["path"]).name for row in errors} == {"empty.txt", "notes.pages", "table.jsonl:11"}
    assert all(row["stage"] and row["reason"] for row in errors)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(rows) == summary.passages == sum(int(row["passages"]) for row in documents)
    assert {row["document"] for row in rows} == {name for name, (state, _) in status.items() if state == "classified"}


def test_other_languages_are_read_if_asked_for(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Le ministre a longuement parlé de la frontière devant une salle presque vide.")
    assert classify(tmp_path / "a.txt", tmp_path / "out.csv").other_language == 1
    assert classify(tmp_path / "a.txt", tmp_path / "out.csv", Options(any_language=True)).classified == 1


def test_a_sidecar_and_options_set_who_wrote_what(here: Path, texts: Path, tmp_path: Path) -> None:
    (texts / "metadata.csv").write_text("file,author,title\ndeeper/op-ed-01.md,C; D,Another title\ntable-3,,Third\n")
    output = tmp_path / "out.parquet"
    assert classify(texts, output, Options(given={"source": "The Paper"}, with_text=True)).unused_rows == 0
    rows = {row["document"]: row for row in pq.read_table(output).to_pylist()}
    assert (rows["op-ed-01"]["author"], rows["op-ed-01"]["title"]) == ("C; D", "Another title")
    assert (rows["table-3"]["author"], rows["table-3"]["title"]) == ("B", "Third")
    assert {row["source"] for row in rows.values()} == {"The Paper"}
    assert list(rows["op-ed-01"]) == [*SCHEMA.names, "text"]


def test_rows_of_a_sidecar_that_fit_nothing_are_listed_whether_or_not_the_run_was_interrupted(
    here: Path, texts: Path, tmp_path: Path
) -> None:
    names = ["op-ed-00.md", "deeper/op-ed-01.md", "table-7", "empty.txt", "notes.pages", "op-ed-99.md"]
    (texts / "metadata.csv").write_text("\n".join(["file,author", *(f"{name},A" for name in names)]))
    assert classify(texts, tmp_path / "whole.csv").unused_rows == 1
    with pytest.raises(KeyboardInterrupt):
        classify(texts, tmp_path / "out.csv", stop_after=40)
    assert classify(texts, tmp_path / "out.csv").unused_rows == 1
    assert written(tmp_path / "out.csv") == written(tmp_path / "whole.csv")
    [*_, last] = csv.DictReader((tmp_path / "out.errors.csv").open(newline=""))
    assert (last["path"], last["stage"]) == (str(texts / "metadata.csv"), "metadata")
    assert last["reason"] == "op-ed-99.md: no file or document of this name"


def test_each_hostile_file_is_classified_or_listed(here: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for case in CASES:
        case.build(folder / case.name)
    summary = classify(folder, tmp_path / "out.parquet", Options(any_language=True))
    read = summary.classified + summary.duplicates
    assert (read, summary.failed) == (sum(len(c.texts) for c in CASES), sum(len(c.reasons) for c in CASES))
    rows = csv.DictReader((tmp_path / "out.errors.csv").open(newline=""))
    assert all(row["path"].startswith(str(folder)) and row["stage"] and row["reason"] for row in rows)


def test_documents_of_one_id_are_told_apart(here: Path, tmp_path: Path, passages: list[WrittenPassage]) -> None:
    lines = [json.dumps({"id": "a", "text": passage.text}) for passage in passages[:4]]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines, json.dumps({"id": "a-2", "text": passages[4].text})]))
    classify(tmp_path / "a.jsonl", tmp_path / "out.parquet")
    names = dict.fromkeys(pq.read_table(tmp_path / "out.parquet")["document"].to_pylist())
    assert list(names) == ["a", "a-2", "a-3", "a-4", "a-2-2"]


def test_no_cell_of_a_table_is_a_formula(here: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "=1+1", "text": "One plain sentence.", "title": "@SUM(A1)"}))
    classify(tmp_path / "a.jsonl", tmp_path / "out.csv")
    for name in ("out.csv", "out.documents.csv"):
        [row] = csv.DictReader((tmp_path / name).open(newline=""))
        assert (row["document"], row["title"]) == ("'=1+1", "'@SUM(A1)")


def test_an_output_among_the_inputs_is_not_read(here: Path, texts: Path) -> None:
    output = texts / "out.jsonl"
    first = classify(texts, output)
    assert (first.classified, first.failed) == (32, 3)
    before = written(output)
    assert classify(texts, output) == first
    assert written(output) == before


def test_standard_input_is_read(here: Path, tmp_path: Path) -> None:
    command = [str(FRAMING), "classify", "-", "-o", str(tmp_path / "out.jsonl"), "--author", "A. Author"]
    subprocess.run(command, input=b"One plain sentence on the price of freight.", check=True, capture_output=True)
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert (row["document"], row["author"]) == ("standard-input", "A. Author")
    [account] = csv.DictReader((tmp_path / "out.documents.csv").open(newline=""))
    assert account["place"] == "standard input"


def test_from_python_texts_and_documents_become_a_table(here: Path, passages: list[WrittenPassage]) -> None:
    classifier = pipeline.load()
    document = pipeline.Document("letter", passages[0].text, authors=("A", "B"))
    table = pipeline.classify([passages[1].text, document], classifier)
    rows = table.to_pylist()
    assert [(row["document"], row["author"]) for row in rows] == [("1", ""), ("letter", "A; B")]
    [alone] = classifier.classify([passages[1].text])
    assert rows[0]["frames"] == list(alone.frames)
    assert rows[0]["text"] == passages[1].text


def test_only_one_run_at_a_time_writes_an_output(here: Path, tmp_path: Path) -> None:
    held = Parts.open(tmp_path / "out.csv", {})
    (tmp_path / "a.txt").write_text("One plain sentence.")
    with pytest.raises(OutputError, match="another run is writing it"):
        classify(tmp_path / "a.txt", tmp_path / "out.csv")
    held.close()
    assert classify(tmp_path / "a.txt", tmp_path / "out.csv", Options(restart=True)).classified == 1


def test_evidence_words_are_numbers_of_words_of_the_passage_that_speak_for_the_label(
    here: Path, passages: list[WrittenPassage]
) -> None:
    classifier = pipeline.load(precision="auto")
    table = pipeline.classify([pipeline.Document("letter", passages[0].text, authors=("A",))], classifier)
    item = Evidence(
        "letter", "", 1, 0, len(passages[0].text), "contested-status", 0.5, True, passages[0].text, True, False
    )
    done: list[int] = []
    words = find_words([item], classifier, done.append)
    scores = word_scores(classifier, item.text, "contested-status")
    assert done == [1] and list(words) == [("letter", 0, len(passages[0].text), "contested-status")]
    places = words[item.key]
    assert set(places) == {place for place in strongest(scores, MARKED_SHARE) if scores[place][1] > 0}
    said = "".join(piece for piece, spoke in replace(item, words=places).pieces if spoke)
    assert all(scores[place][0] in said for place in places)
    [read] = documents(table.to_pylist(), "m")
    assert read.member.document.text == passages[0].text
