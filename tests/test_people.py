"""People's labels: drawn, out, in, kept apart, adopted."""

import csv
import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import test_predictions as predictions
from typer.testing import CliRunner

from pipeline.adopted import Adopted, load_adopted
from pipeline.batch.output import PART_SCHEMA
from pipeline.cli import app
from pipeline.corpus.corpora import load_corpus
from pipeline.corpus.kept import PassageText, keep, kept_documents
from pipeline.corpus.normalise import checksum
from pipeline.errors import DocumentError, LabelsError, OutputError
from pipeline.frames import FRAMES
from pipeline.labels.adopt import adopt, combine, run_adopt
from pipeline.labels.human import HumanLabel, add_labels, annotators, load_labels
from pipeline.labels.ledger import DrawLine, load_draws
from pipeline.labels.people import own_passages, with_people
from pipeline.labels.prepare import prepare
from pipeline.params import LabelsParams, SegmentParams
from pipeline.people.candidates import Candidate, Reading, gather
from pipeline.people.exporting import export
from pipeline.people.importing import import_labels
from pipeline.people.label_studio import RANKS, labelling_config, results
from pipeline.people.sampling import draw_informative, draw_random, population, teachable
from pipeline.records import Annotation, Label, WrittenPassage, read_jsonl, write_jsonl

OWN = "Rank decides who waits at the door. The smaller delegation had counted the steps, and the minister knew it."


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data that labels are about, in a folder of its own, without anybody's labels."""
    for name in (
        "params.yaml",
        "data/essays",
        "data/op-eds",
        "data/splits.csv",
        "data/passages",
        "data/contrast",
        "data/predictions",
    ):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, target)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def label(frames: Sequence[str] = ("status",), contested: Sequence[str] = (), **changes: Any) -> HumanLabel:
    given = {
        "corpus": "op-eds", "document": "op-ed-01", "passage": 1, "start": 0, "end": 9, "sha256": "0" * 64,
        "purpose": "estimation", "draw": "all", "probability": 1.0, "blind": True, "at": "2026-01-01",
    }  # fmt: skip
    return HumanLabel.model_validate({**given, "frames": frames, "contested": contested, **changes})


def said(*labels: HumanLabel) -> dict[Any, HumanLabel]:
    return {one.key: one for one in labels}


def candidate(number: int, author: str = "Ann Lee", p: float = 0.5, **changes: Any) -> Candidate:
    given: dict[str, Any] = {
        "corpus": "texts", "document": f"column-{number // 10}", "passage": number % 10, "start": 0, "end": 9,
        "sha256": checksum(str(number)), "text": f"{OWN} {number}", "authors": (author,),
        "reading": Reading((p,) * 8, (), (), (), False),
    }  # fmt: skip
    return Candidate(**{**given, **changes})


def export_op_eds(project: Path, **changes: Any) -> list[dict[str, Any]]:
    given: dict[str, Any] = {"to": "label-studio", "sample": "random", "passages": 8, "seed": 1, "blind": None}
    given |= changes
    path = project / ("build/tasks.csv" if given["to"] == "csv" else "build/tasks.json")
    export(gather(["op-eds"], True, SegmentParams()), output=path, **given)
    return json.loads(path.read_text()) if given["to"] == "label-studio" else []


def annotated(tasks: Sequence[dict[str, Any]], frames: Sequence[str], contested: Sequence[str] = (),
              note: str = "", at: str = "2026-05-01T10:00:00Z", by: Any = 1) -> list[dict[str, Any]]:  # fmt: skip
    """The tasks as Label Studio exports them once somebody answered every one in the same way."""
    made = {"completed_by": by, "was_cancelled": False, "updated_at": at, "result": results(frames, contested, note)}
    return [{"id": number, **task, "annotations": [made]} for number, task in enumerate(tasks, start=1)]


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


# Tasks out


def test_tasks_are_blind_unless_they_train_and_show_what_an_annotator_needs(project: Path) -> None:
    tasks = export_op_eds(project)
    assert len(tasks) == 8 and not any("predictions" in task for task in tasks)
    texts = {member.document.id: member.document for member in load_corpus("op-eds")}
    for task in tasks:
        data = task["data"]
        document = texts[data["document"]]
        assert data["text"] == document.text[data["start"] : data["end"]]
        assert checksum(data["text"]) == data["sha256"]
        assert document.title in data["about"] and document.authors[0] in data["about"]
        assert data["before"] in document.text and data["after"] in document.text
        assert data["before"] or data["after"]
        assert data["blind"] is True


def test_the_models_reading_is_a_suggestion_where_it_is_asked_for(project: Path) -> None:
    [first, *_] = export_op_eds(project, blind=False)
    [suggestion] = first["predictions"]
    chosen = [part["value"]["choices"][0] for part in suggestion["result"] if part["from_name"] in RANKS]
    [row] = [
        one
        for one in gather(["op-eds"], True, SegmentParams())
        if (one.document, one.start) == (first["data"]["document"], first["data"]["start"])
    ]
    assert row.reading is not None
    assert chosen == list(row.reading.frames or ("none",))
    assert first["data"]["blind"] is False


def test_the_labelling_screen_asks_for_every_frame_in_order_contested_and_a_way_out() -> None:
    screen = ET.fromstring(labelling_config())
    asked = {part.get("name"): [choice.get("value") for choice in part] for part in screen.iter("Choices")}
    assert asked["first"] == [*FRAMES, "none", "cannot tell"]
    assert all(asked[name] == list(FRAMES) for name in (*RANKS[1:], "contested"))
    keys = [choice.get("hotkey") for choice in screen.iter("Choice")]
    assert len(set(keys)) == len(keys)
    assert screen.find(".//TextArea[@name='note']") is not None


def test_nothing_is_overwritten_by_an_export(project: Path) -> None:
    export_op_eds(project)
    with pytest.raises(OutputError, match="is there already"):
        export_op_eds(project)


def test_a_sheet_is_not_written_under_the_name_of_tasks_nor_tasks_under_that_of_a_sheet(project: Path) -> None:
    for to, name in (("csv", "tasks.json"), ("label-studio", "tasks.csv")):
        with pytest.raises(OutputError, match=f"{name}: .*name a file that ends in"):
            export([candidate(1)], to, project / "build" / name, "all", None, 0, None)
    assert not Path("build").exists() and not load_draws()
    for to, name in (("csv", "tasks.csv"), ("label-studio", "tasks.json")):
        done = CliRunner().invoke(app, ["labels", "export", "op-eds", "--to", to])
        assert done.exit_code == 0, done.output
        assert Path("build", name).exists()


# Annotations in


def test_labels_come_back_from_json_in_order_of_prominence(project: Path) -> None:
    tasks = export_op_eds(project)
    path = write(project / "export.json", annotated(tasks, ["status", "realist"], ["realist"], "Rank decides."))
    done = import_labels(path, "anna")
    assert len(done.changes.new) == 8 and not done.refused
    found = list(load_labels("anna").values())
    assert all(one.frames == ("status", "realist") and one.contested == ("realist",) for one in found)
    assert {one.probability for one in found} == {round(8 / 107, 6)}
    assert all(one.purpose == "estimation" and one.blind and one.note == "Rank decides." for one in found)


def test_a_filled_in_sheet_says_the_same_as_label_studios_json(project: Path) -> None:
    export_op_eds(project, to="csv")
    rows = list(csv.DictReader((project / "build/tasks.csv").open()))
    for row in rows:
        row |= {"first": "status", "second": "realist", "contested": "realist", "note": "Rank decides."}
    rows[0] |= {"first": "cannot tell", "second": "", "contested": ""}
    rows[1] |= {"first": "none", "second": "", "contested": '{"choices": []}'}
    rows[2] |= {"first": "", "second": "", "contested": ""}
    with (project / "sheet.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = import_labels(project / "sheet.csv", "boris")
    assert (len(done.changes.new), done.unanswered, done.refused) == (7, 1, ())
    undecided, none, *others = load_labels("boris").values()
    assert undecided.cannot_tell and undecided.frames == ()
    assert not none.cannot_tell and none.frames == ()
    assert all(one.frames == ("status", "realist") and one.contested == ("realist",) for one in others)


@pytest.mark.parametrize("between", [";", "\t"])
def test_a_sheet_saved_where_commas_are_decimal_signs_is_read(project: Path, between: str) -> None:
    export_op_eds(project, to="csv")
    rows = [row | {"first": "status"} for row in csv.DictReader((project / "build/tasks.csv").open())]
    with (project / "sheet.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=between)
        writer.writeheader()
        writer.writerows(rows)
    done = import_labels(project / "sheet.csv", "boris")
    assert (len(done.changes.new), done.refused) == (8, ())


def test_readings_are_not_looked_for_in_texts_and_the_way_to_them_is_named(project: Path) -> None:
    with pytest.raises(DocumentError, match=r"framing classify data/op-eds -o build/read\.parquet --text"):
        gather(["data/op-eds"], True, SegmentParams())


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_passage_is_the_same_whichever_table_of_predictions_it_comes_from(tmp_path: Path, suffix: str) -> None:
    """Dates that are ids, and what a spreadsheet would run, which a CSV marks with an apostrophe."""
    told = {"document": "2019-05-01", "author": "@handle; -b", "title": "=T", "date": "2019-05-01", "source": "+S",
            "text": "-- Rank decides."}  # fmt: skip
    rows = [{**row, **told} for row in predictions.table(["A"], passages=1).to_pylist()]
    rows += [{**row, "document": "-a"} for row in rows]
    marked = "'=" if suffix != "csv" else "="  # the text's own apostrophe, where nothing is marked
    rows[1]["text"] = f"{marked} Rank decides."
    path = predictions.write(pa.Table.from_pylist(rows, PART_SCHEMA), tmp_path / f"read.{suffix}", with_text=True)
    first, second = gather([str(path)], True, SegmentParams())
    assert (first.document, first.date, first.title, first.source) == ("2019-05-01", "2019-05-01", "=T", "+S")
    assert first.authors == ("@handle", "-b") and first.text == "-- Rank decides."
    assert (second.document, second.text) == ("-a", rows[1]["text"])
    assert first.sha256 == checksum(first.text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [("nonsense", "cannot be read"), ("[1]", "has no doc"), ("7", "has no doc"), ('{"a": 1}', "has no doc")],
)
def test_lines_that_are_no_predictions_are_named_with_the_file(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "read.jsonl").write_text(f"{content}\n")
    with pytest.raises(DocumentError, match=rf"read\.jsonl.*{reason}"):
        gather([str(tmp_path / "read.jsonl")], True, SegmentParams())


def test_predictions_without_texts_offer_nothing_to_label(tmp_path: Path) -> None:
    path = predictions.write(predictions.table(["A"], passages=1), tmp_path / "read.csv", with_text=False)
    with pytest.raises(DocumentError, match=r"holds no passages' texts.*framing classify \.\.\. --text"):
        gather([str(path)], True, SegmentParams())


def test_annotators_are_kept_apart_and_a_change_of_mind_is_added_below(project: Path) -> None:
    tasks = export_op_eds(project)
    for name in ("anna", "boris"):
        import_labels(write(project / "export.json", annotated(tasks, ["status"])), name)
    before = Path("data/annotations/anna.jsonl").read_bytes()
    later = annotated(tasks[:1], ["realist"], at="2026-06-01T10:00:00Z")
    changes = import_labels(write(project / "later.json", later), "anna").changes
    assert [(a.frames, b.frames) for a, b in changes.changed] == [(("status",), ("realist",))]
    after = Path("data/annotations/anna.jsonl").read_bytes()
    assert after.startswith(before) and after.count(b"\n") == 9
    assert annotators() == ["anna", "boris"]
    assert all(one.frames == ("status",) for one in load_labels("boris").values())


def test_importing_once_more_changes_nothing_and_an_old_export_brings_nothing_back(project: Path) -> None:
    tasks = export_op_eds(project)
    old = write(project / "old.json", annotated(tasks, ["status"]))
    import_labels(old, "anna")
    import_labels(write(project / "new.json", annotated(tasks, ["realist"], at="2026-06-01T10:00:00Z")), "anna")
    before = Path("data/annotations/anna.jsonl").read_bytes()
    changes = import_labels(old, "anna").changes
    assert (changes.new, changes.changed, changes.older) == ((), (), 8)
    assert import_labels(project / "new.json", "anna").changes.same == 8
    assert Path("data/annotations/anna.jsonl").read_bytes() == before


def test_labels_given_again_blind_are_blind_from_then_on_also_where_they_are_as_before(project: Path) -> None:
    tasks = export_op_eds(project, blind=False)
    import_labels(write(project / "seen.json", annotated(tasks, ["status"])), "anna")
    blind = [{**task, "data": {**task["data"], "blind": True}} for task in tasks]
    again = annotated(blind, ["status"], at="2026-06-01T10:00:00Z")
    changes = import_labels(write(project / "again.json", again), "anna").changes
    assert (len(changes.changed), changes.same) == (8, 0)
    assert all(one.blind for one in load_labels("anna").values())
    assert import_labels(project / "again.json", "anna").changes.same == 8
    assert import_labels(project / "seen.json", "anna").changes.older == 8
    for change in ({"purpose": "training"}, {"draw": "random-2"}, {"probability": 0.5}):
        assert not label().says_the_same(label(**change))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda task: task["data"].update(text="Another text."), "was changed after it was exported"),
        (lambda task: task["data"].update(purpose="training"), "put the task's fields back"),
        (lambda task: task["data"].update(draw="random-9"), 'is in no draw "random-9"'),
        (lambda task: task["annotations"][0].update(result=results(["realism"], [])), 'did you mean "realist"'),
        (lambda task: task["annotations"][0].update(result=results(["status"], ["realist"])), "not among its frames"),
        (lambda task: task["annotations"][0].update(result=results(["none", "status"], [])), '"none" and yet status'),
        (lambda task: task["annotations"][0].update(result=results(["status", "status"], [])), "stands twice"),
        (
            lambda task: task["annotations"][0].update(
                result=results(["status"], [], " ".join(task["data"]["text"].split()[:9]))
            ),
            "the note quotes the text",
        ),
    ],
)
def test_an_annotation_that_cannot_be_used_is_refused_by_itself_with_its_place_and_reason(
    project: Path, change: Any, reason: str
) -> None:
    tasks = json.loads(json.dumps(annotated(export_op_eds(project), ["identity"])))
    change(tasks[2])
    done = import_labels(write(project / "export.json", tasks), "anna")
    assert len(done.changes.new) == 7
    [refused] = done.refused
    assert reason in refused and "export.json: task 3" in refused


def test_annotations_by_several_people_are_imported_one_by_one(project: Path) -> None:
    tasks = annotated(export_op_eds(project), ["status"], by={"email": "a@example.org"})
    tasks[0]["annotations"].append({**tasks[0]["annotations"][0], "completed_by": {"email": "b@example.org"}})
    path = write(project / "export.json", tasks)
    with pytest.raises(LabelsError, match="annotations by 2 people"):
        import_labels(path, "anna")
    assert len(import_labels(path, "boris", by="b@example.org").changes.new) == 1


def test_skipped_and_unanswered_tasks_are_counted_not_read(project: Path) -> None:
    tasks = json.loads(json.dumps(annotated(export_op_eds(project), ["status"])))
    tasks[0]["annotations"][0]["was_cancelled"] = True
    tasks[1]["annotations"][0]["result"] = []
    tasks[2]["annotations"] = []
    done = import_labels(write(project / "export.json", tasks), "anna")
    assert (len(done.changes.new), done.skipped, done.unanswered) == (5, 1, 2)


@pytest.mark.parametrize("content", ["{}", "[1]", "nonsense"])
def test_a_file_that_is_no_export_is_named(project: Path, content: str) -> None:
    (project / "export.json").write_text(content)
    with pytest.raises(LabelsError, match=r"export\.json"):
        import_labels(project / "export.json", "anna")


@pytest.mark.parametrize("name", ["../anna", "model", "", "first"])
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LabelsError, match="annotator"):
        add_labels(name, [label()], tmp_path)


def test_a_file_without_a_last_line_end_is_added_to_on_a_line_of_its_own(tmp_path: Path) -> None:
    add_labels("anna", [label()], tmp_path)
    path = tmp_path / "anna.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # as some editors save it
    add_labels("anna", [label(start=10, end=19)], tmp_path)
    assert [one.start for one in load_labels("anna", tmp_path).values()] == [0, 10]


def test_passages_of_peoples_own_texts_are_kept_with_their_labels(project: Path) -> None:
    (project / "column.md").write_text(f"---\ntitle: Steps\nauthor: Ann Lee\n---\n{OWN}\n")
    path = project / "build/own.json"
    export(gather(["column.md"], False, SegmentParams()), "label-studio", path, "all", None, 0, None)
    import_labels(write(project / "export.json", annotated(json.loads(path.read_text()), ["status"])), "anna")
    run_adopt(LabelsParams(annotators=("anna",)))
    [member] = load_corpus("texts")
    assert member.document.text == OWN and member.document.authors == ("Ann Lee",)
    assert [gold.label.frames for gold in member.gold] == [("status",)]


# Samples


def test_a_random_sample_gives_every_passage_the_same_known_probability() -> None:
    pool = [candidate(number) for number in range(40)]
    counts = np.zeros(40)
    for seed in range(400):
        drawn = draw_random(pool, 10, "random-1", seed)
        assert len({one.candidate.key for one in drawn}) == 10
        counts[[pool.index(one.candidate) for one in drawn]] += 1
    assert {one.probability for one in drawn} == {0.25}
    # A binomial count of 400 with probability a quarter lies within 100 +- 45 but once in a hundred thousand times.
    assert counts.min() > 55 and counts.max() < 145


def test_an_informative_sample_takes_the_uncertain_the_unfamiliar_and_the_disagreeing() -> None:
    sure = [candidate(number, p=0.01) for number in range(40)]
    doubtful = candidate(100, p=0.5)
    strange = candidate(110, p=0.01, reading=Reading((0.01,) * 8, (), (), (), True))
    contradicted = candidate(120, p=0.01, text="the second reader says otherwise")

    def second_reader(texts: Sequence[str]) -> Any:
        return np.array([[0.9 if "otherwise" in text else 0.01] * 8 for text in texts])

    drawn = draw_informative([*sure, strange, contradicted, doubtful], 3, "informative-1", second_reader)
    assert {one.why: one.candidate for one in drawn} == {
        "uncertain": doubtful, "unfamiliar": strange, "disagreeing": contradicted,
    }  # fmt: skip
    assert all(one.purpose == "training" and one.probability is None for one in drawn)


def test_no_document_takes_every_place_of_an_informative_sample() -> None:
    pool = [candidate(number, p=0.5 if number < 10 else 0.1) for number in range(30)]
    drawn = draw_informative(pool, 9, "informative-1", lambda texts: np.full((len(texts), 8), 0.1), 4)
    assert max(sum(one.candidate.document == f"column-{n}" for one in drawn) for n in range(3)) == 4


def test_where_there_are_few_documents_each_gives_as_many_passages_as_the_sample_takes() -> None:
    one_text = [candidate(n, document="column") for n in range(60)]
    two_texts = [*one_text, *(candidate(n, document="letter") for n in range(60, 68))]
    for pool, expected in ((one_text, [20]), (two_texts, [12, 8])):
        drawn = draw_informative(pool, 20, "informative-1", lambda texts: np.full((len(texts), 8), 0.1))
        names = [one.candidate.document for one in drawn]
        assert sorted(map(names.count, set(names)), reverse=True) == expected
        assert len({one.candidate.key for one in drawn}) == 20


def test_an_author_or_passage_is_for_estimation_or_for_training_never_both(project: Path) -> None:
    texts = [candidate(n, author) for n, author in enumerate(["Ann Lee"] * 10 + ["Bo Chen"] * 10)]
    export(texts[:10], "label-studio", project / "a.json", "random", 3, 0, None)
    drawn = load_draws()
    assert {one.byline for one in teachable(texts, drawn)} == {"Bo Chen"}
    keys = {line.key for line in drawn}
    assert not keys & {one.key for one in population(texts, drawn)}
    with pytest.raises(LabelsError, match="there are 0 to draw from"):
        draw_informative(teachable(texts[:10], drawn), 1, "x", lambda found: np.zeros((len(found), 8)))


def test_who_writes_with_others_or_wrote_an_essay_is_not_drawn_for_the_other_purpose(project: Path) -> None:
    alone, together = candidate(1, "Ann Lee"), candidate(2, "x", authors=("Bo Chen", "ann lee"))
    other, essayist = candidate(3, "Bo Chen"), candidate(4, "Sergey Radchenko")
    export([alone], "label-studio", project / "a.json", "random", 1, 0, None)
    assert teachable([together, other, essayist], load_draws(), ["Sergey Radchenko"]) == [other]
    with pytest.raises(LabelsError, match="there are 0 to draw from"):
        export([essayist], "label-studio", project / "b.json", "informative", 1, 0, None)


def test_the_projects_test_texts_and_held_out_passages_never_train(project: Path) -> None:
    essays = gather(["op-eds", "written"], False, SegmentParams())
    assert {one.corpus for one in teachable(essays, [])} == {"written"}
    assert {one.split for one in teachable(essays, [])} == {"train"}
    assert {one.split for one in population(essays, [])} == {None, "validation", "test"}


# What counts


def test_the_majority_decides_and_the_first_named_a_tie() -> None:
    three = [Label(frames=("status", "realist")), Label(frames=("realist",)), Label(frames=("identity", "realist"))]
    assert combine(three) == Label(frames=("realist",))
    tie = [Label(frames=("status",), contested=("status",)), Label(frames=("realist", "status"))]
    assert combine(tie) == Label(frames=("status",), contested=("status",))
    assert combine(tie[::-1]) == Label(frames=("realist", "status"))


def test_labels_made_in_sight_of_the_reading_test_nothing() -> None:
    seen = label(blind=False)
    own = label(blind=False, corpus="texts", document="column")
    adoption = adopt({"anna": said(seen, own)}, {}, ())
    assert [(one.document, one.purpose) for one in adoption.labels] == [("column", "training")]
    assert sum(adoption.left_out.values()) == 1


def test_who_could_not_tell_has_no_say() -> None:
    adoption = adopt({"anna": said(label((), cannot_tell=True)), "boris": said(label(("realist",)))}, {}, ())
    [one] = adoption.labels
    assert one.frames == ("realist",) and [a.annotator for a in one.annotations] == ["boris"]


def test_a_document_that_is_tested_on_does_not_train() -> None:
    training = {"purpose": "training", "probability": None, "draw": "informative-1"}
    place = {"corpus": "texts", "document": "column"}
    tested, taught = label(**place), label(**place, **training, start=10, end=20)
    adoption = adopt({"anna": said(tested, taught)}, {}, ())
    assert [one.start for one in adoption.labels] == [0]
    [(why, count)] = adoption.left_out.items()
    assert count == 1 and "used for estimation" in why


def test_an_author_of_whom_a_text_tests_does_not_train_by_another_alone_or_with_others(project: Path) -> None:
    """Whoever is drawn by chance or whole and labelled in sight of the model's reading would train."""
    writers = ["Ann Lee", "ann lee and Bo Chen", "Bo Chen", "Cy Diaz", "Sergey Radchenko"]
    places = [{"corpus": "texts", "document": f"text-{n}", "sha256": f"{n}" * 64} for n in range(len(writers))]
    labels = [label(**place, blind=n == 0) for n, place in enumerate(places)]
    add_labels("anna", labels)
    drawn = {"draw": "all", "purpose": "estimation", "passage": 1, "start": 0, "end": 9}
    ledger = [DrawLine(**drawn, **place, author=by) for place, by in zip(places, writers, strict=True)]  # type: ignore[arg-type]
    write_jsonl(Path("data/annotations/draws.jsonl"), ledger)
    told = run_adopt(LabelsParams(annotators=("anna",)))
    found = {one.document: one.purpose for one in load_adopted("texts")}
    assert found == {"text-0": "estimation", "text-2": "training", "text-3": "training"}
    assert "left out: 1 for training, of texts by authors of whom others are used for estimation" in told
    assert "left out: 1 for training, of texts by authors of the essays, which test" in told
    assert not any("in no draw" in line for line in told)


def test_labels_whose_authors_the_ledger_does_not_name_are_counted(project: Path) -> None:
    add_labels("anna", [label(corpus="texts", document="column")])
    told = run_adopt(LabelsParams(annotators=("anna",)))
    assert any(line.startswith("in no draw of data/annotations/draws.jsonl: 1 of") for line in told)


def test_gold_is_replaced_where_people_labelled_it_and_nowhere_else(project: Path) -> None:
    import_labels(write(project / "export.json", annotated(export_op_eds(project), ["memory-politics"])), "anna")
    before = {(m.document.id, g.start): g.label for m in load_corpus("op-eds") for g in m.gold}
    run_adopt(LabelsParams(annotators=("anna",)))
    theirs = {(one.document, one.start) for one in load_labels("anna").values()}
    for member in load_corpus("op-eds"):
        for gold in member.gold:
            if (member.document.id, gold.start) in theirs:
                assert gold.label.frames == ("memory-politics",)
                assert [a.annotator for a in gold.annotations] == ["first", "second", "anna"]
            else:
                assert gold.label == before[member.document.id, gold.start]


def test_with_no_annotator_named_nothing_is_adopted(project: Path) -> None:
    import_labels(write(project / "export.json", annotated(export_op_eds(project), ["status"])), "anna")
    plain = load_corpus("op-eds")
    run_adopt(LabelsParams())
    assert load_corpus("op-eds") == plain
    assert all(path.read_bytes() == b"" for path in Path("data/adopted").iterdir())


def test_an_unknown_annotator_is_named_with_those_who_are_there(project: Path) -> None:
    add_labels("anna", [label()])
    with pytest.raises(LabelsError, match='no labels by "ana"; there are: anna'):
        run_adopt(LabelsParams(annotators=("ana",)))


def adopted(passage: WrittenPassage, purpose: str, **changes: Any) -> Adopted:
    given = {
        "frames": ("identity",), "corpus": "written", "document": passage.id, "passage": 1, "start": 0,
        "end": len(passage.text), "sha256": checksum(passage.text), "purpose": purpose,
        "annotations": (Annotation(annotator="anna", frames=("identity",)),),
    }  # fmt: skip
    return Adopted.model_validate({**given, **changes})


def test_written_passages_take_training_labels_to_train_and_others_to_choose_and_test(
    passages: list[WrittenPassage],
) -> None:
    divided = {"train": passages[:4], "validation": passages[4:6], "test": passages[6:8]}
    for purpose, wanted in (("training", {"train"}), ("estimation", {"validation", "test"})):
        after = with_people(divided, [adopted(passage, purpose) for passage in passages[:8]])  # type: ignore[arg-type]
        changed = {split for split, found in after.items() if any(p.label.frames != q.label.frames or p.settled
                   for p, q in zip(found, divided[split], strict=True) if p is not q)}  # fmt: skip
        assert changed == wanted


def test_a_label_of_a_passage_that_was_rewritten_is_refused(passages: list[WrittenPassage]) -> None:
    stale = adopted(passages[0], "training", sha256="0" * 64)
    with pytest.raises(LabelsError, match=f"{passages[0].id}.*its text was changed since"):
        with_people({"train": passages[:1], "validation": [], "test": []}, [stale])


def test_own_passages_train_unless_they_repeat_what_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passages: list[WrittenPassage]
) -> None:
    monkeypatch.chdir(tmp_path)
    divided = {"train": [], "validation": [], "test": passages[:1]}
    twin = passages[0].text.replace("the", "that", 1)
    keep([PassageText(document="c", passage=1, start=0, end=len(t), sha256=checksum(t), text=t) for t in (OWN, twin)])
    place = {"corpus": "texts", "document": "c"}
    new = adopted(passages[0], "training", **place, sha256=checksum(OWN), end=len(OWN))
    [own] = own_passages([new], divided, [])  # type: ignore[arg-type]
    assert own.text == OWN and own.label.frames == ("identity",)
    repeated = adopted(passages[0], "training", **place, sha256=checksum(twin), end=len(twin))
    with pytest.raises(LabelsError, match="a near duplicate of"):
        own_passages([repeated], divided, [])  # type: ignore[arg-type]
    with pytest.raises(LabelsError, match="12 words in a row stand in an essay or op-ed"):
        own_passages([new], divided, [f"Before. {OWN} After."])  # type: ignore[arg-type]


def test_two_versions_of_a_text_are_not_mixed(tmp_path: Path, passages: list[WrittenPassage]) -> None:
    texts = [OWN, OWN[:40]]
    keep([PassageText(document="c", passage=1, start=0, end=len(t), sha256=checksum(t), text=t) for t in texts],
         tmp_path / "kept.jsonl")  # fmt: skip
    labels = [adopted(passages[0], "estimation", corpus="texts", document="c", end=len(t), sha256=checksum(t))
              for t in texts]  # fmt: skip
    with pytest.raises(LabelsError, match="two versions of the text"):
        kept_documents(labels, tmp_path / "kept.jsonl")


def test_texts_with_one_name_in_two_folders_are_two_documents_numbered_as_a_batch_does(project: Path) -> None:
    for folder, author in (("x", "Ann Lee"), ("y", "Bo Chen"), ("z", "Cy Diaz")):
        Path("k", folder).mkdir(parents=True)
        text = OWN if folder != "y" else f"{OWN} They went home."
        Path("k", folder, "letter.md").write_text(f"---\nauthor: {author}\n---\n{text}\n")
    expected = [("letter", ("Ann Lee",)), ("letter-2", ("Bo Chen",))]  # the third is the first once more
    for sources in (["k"], ["k/x", "k/y", "k/z"], ["k/x", "k"]):
        found = gather(sources, False, SegmentParams())
        assert [one.authors for one in found] == [authors for _, authors in expected]
        assert len({one.document for one in found}) == 2
    assert [(one.document, one.authors) for one in gather(["k"], False, SegmentParams())] == expected


def test_passages_of_texts_that_share_an_id_are_no_document(tmp_path: Path, passages: list[WrittenPassage]) -> None:
    first = PassageText(document="c", passage=1, start=0, end=len(OWN), sha256=checksum(OWN), text=OWN, authors=("A",))
    more = f"{OWN} More."
    other = first.model_copy(update={"start": 200, "end": 200 + len(more), "sha256": checksum(more), "text": more})
    labels = [adopted(passages[0], "estimation", corpus="texts", document="c",
                      **one.model_dump(include={"start", "end", "sha256"})) for one in (first, other)]  # fmt: skip
    keep([first, other], tmp_path / "one.jsonl")
    [(document, gold)] = kept_documents(labels, tmp_path / "one.jsonl")
    assert document.authors == ("A",) and len(gold) == 2
    for change in ({"authors": ("B",)}, {"title": "T"}, {"date": "2019"}, {"source": "S"}):
        path = tmp_path / f"{next(iter(change))}.jsonl"
        keep([first, other.model_copy(update=change)], path)
        with pytest.raises(LabelsError, match=r"c: .*two texts.*another id"):
            kept_documents(labels, path)


def test_a_paragraph_that_stands_in_two_texts_belongs_to_both(tmp_path: Path, passages: list[WrittenPassage]) -> None:
    path = tmp_path / "kept.jsonl"
    kept = [PassageText(document=name, passage=1, start=0, end=len(OWN), sha256=checksum(OWN), text=OWN, authors=(by,))
            for name, by in (("c", "A"), ("d", "B"))]  # fmt: skip
    keep(kept, path)
    keep(kept, path)
    assert path.read_text().count("\n") == 2
    labels = [adopted(passages[0], "estimation", corpus="texts", document=name, end=len(OWN), sha256=checksum(OWN))
              for name in ("c", "d")]  # fmt: skip
    assert [document.authors for document, _ in kept_documents(labels, path)] == [("A",), ("B",)]


def test_a_label_whose_text_is_not_here_says_what_to_do(tmp_path: Path, passages: list[WrittenPassage]) -> None:
    with pytest.raises(LabelsError, match=r"labelled by anna; import the export"):
        kept_documents([adopted(passages[0], "estimation", corpus="texts")], tmp_path / "kept.jsonl")


def test_preparing_with_labels_by_people_counts_them_and_without_them_changes_nothing(
    project: Path, root: Path
) -> None:
    for file in Path("data/passages").glob("*.jsonl"):
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:12]))
    plain = prepare([])
    before = {path.name: path.read_bytes() for path in Path("data/prepared").iterdir()}
    assert "people" not in plain
    path = project / "build/w.json"
    written = [one for one in gather(["written"], False, SegmentParams()) if one.split == "train"][:5]
    export(written, "label-studio", path, "all", None, 0, None)
    import_labels(write(project / "export.json", annotated(json.loads(path.read_text()), ["status"])), "anna")
    run_adopt(LabelsParams(annotators=("anna",)))
    assert prepare([])["people"] == {"train": 5}
    found = read_jsonl(Path("data/prepared/train.jsonl"), WrittenPassage)
    assert sum(p.settled is not None and p.settled.reason == "labelled by anna" for p in found) == 5
    run_adopt(LabelsParams())
    prepare([])
    assert {path.name: path.read_bytes() for path in Path("data/prepared").iterdir()} == before
