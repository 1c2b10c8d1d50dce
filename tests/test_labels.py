from pathlib import Path

import pytest

from pipeline.corpus.corpora import CORPORA, load_corpus
from pipeline.errors import LabelsError
from pipeline.labels import check
from pipeline.labels.agreement import agreement
from pipeline.labels.prepare import check_labels, labelled_sets, third_reading
from pipeline.labels.splits import divide, load_passages, load_splits
from pipeline.labels.tables import agreement_table, distribution_table, third_reading_line
from pipeline.records import Annotation, WrittenPassage


def test_every_disagreement_of_the_projects_passages_is_settled(passages: list[WrittenPassage]) -> None:
    check.refuse_unsettled(passages)
    assert all(len(passage.annotations) == 2 for passage in passages)


def test_an_unsettled_disagreement_is_refused(passages: list[WrittenPassage]) -> None:
    first = Annotation(annotator="first", frames=("status",))
    second = Annotation(annotator="second", frames=("realist",))
    torn = passages[0].model_copy(update={"annotations": (first, second), "settled": None})
    with pytest.raises(LabelsError, match=f"{torn.id}: two passes differ"):
        check.refuse_unsettled([torn])


def test_splits_share_no_batch_and_no_near_duplicate(passages: list[WrittenPassage], root: Path) -> None:
    divided = divide(passages, load_splits(root / "data/splits.csv"))
    batches = [{passage.batch for passage in found} for found in divided.values()]
    assert all(found for found in divided.values())
    assert not batches[0] & batches[1] and not batches[0] & batches[2] and not batches[1] & batches[2]
    assert check.near_duplicates(passages) == []


def test_a_passage_said_twice_is_found(passages: list[WrittenPassage]) -> None:
    text = passages[0].text.replace("the", "that", 1)
    twin = passages[0].model_copy(update={"id": "b99-001", "text": text})
    assert check.near_duplicates([passages[0], twin, passages[5]]) == [(passages[0].id, "b99-001")]


def test_a_run_of_words_from_a_text_is_found(passages: list[WrittenPassage]) -> None:
    words = passages[3].text.split()
    essay = "Something else before. " + " ".join(words[2:18]).upper() + " and after."
    assert check.shared_runs(passages[:6], [essay])[0].startswith(passages[3].id)
    assert check.shared_runs(passages[:3], [essay]) == []


def test_agreement_of_identical_passes_is_one_and_of_opposite_ones_not(passages: list[WrittenPassage]) -> None:
    same = [p.model_copy(update={"annotations": (p.annotations[0], p.annotations[0])}) for p in passages[:80]]
    assert all(row.alpha == pytest.approx(1) for row in agreement(same) if row.alpha == row.alpha)
    flipped = [
        p.model_copy(update={"annotations": (p.annotations[0], Annotation(annotator="x", frames=()))})
        for p in passages[:80]
    ]
    assert agreement(flipped)[0].alpha < 0.2


def test_a_batch_without_a_split_is_named(passages: list[WrittenPassage]) -> None:
    with pytest.raises(LabelsError, match=r"no split for batch b01.*splits.csv"):
        divide(passages[:1], {})


def test_an_unknown_split_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("batch,voice,split\nb01,op-ed,trian\n")
    with pytest.raises(LabelsError, match=r':2: unknown split "trian"; did you mean "train"'):
        load_splits(tmp_path / "splits.csv")


def test_an_id_that_stands_twice_is_named(tmp_path: Path, passages: list[WrittenPassage]) -> None:
    line = passages[0].model_dump_json(exclude_none=True) + "\n"
    (tmp_path / "a.jsonl").write_text(line)
    (tmp_path / "b.jsonl").write_text(line)
    with pytest.raises(LabelsError, match=f"id {passages[0].id} stands in"):
        load_passages(tmp_path)


def test_gold_passages_follow_one_another_and_every_note_stands_by_itself(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    for corpus in CORPORA:
        for member in load_corpus(corpus):
            assert [gold.passage for gold in member.gold] == list(range(1, len(member.gold) + 1))
            assert all(a.end <= b.start for a, b in zip(member.gold, member.gold[1:], strict=False))
            assert all(15 <= len(gold.note.split()) <= 50 for gold in member.gold)


def test_the_data_card_shows_the_tables_that_the_commands_print(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    card = (root / "data/README.md").read_text()
    assert distribution_table(check_labels([])) in card
    assert agreement_table(labelled_sets()) in card
    said = third_reading_line(*third_reading()).partition("it would change the labels of ")[2].rstrip(".")
    assert said in " ".join(card.split())
    assert "labels of 3 of 20 (5 to 36 %, 95 % interval)" in third_reading_line(20, 3)
