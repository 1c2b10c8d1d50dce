import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import LabelsError
from pipeline.evaluation.contrast import told_apart
from pipeline.frames import FRAMES, LABELS
from pipeline.labels import prepare
from pipeline.labels.contrast import contrast_passages, load_contrast
from pipeline.params import EvaluateParams
from pipeline.records import WrittenPassage


def line(name: str, frames: list[str], contested: list[str]) -> str:
    label = {"annotator": "first", "frames": frames, "contested": contested}
    passage = {
        "id": name,
        "voice": "speech",
        "matter": "asean",
        "case": "plain",
        "text": "Text.",
        "annotations": [label],
    }
    return json.dumps(passage) + "\n"


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.jsonl"
    file.write_text(
        line("p1-1", ["realist"], ["realist"])
        + line("p1-2", ["realist"], [])
        + line("p2-1", ["identity", "status"], ["status"])
        + line("p2-2", ["status", "identity"], ["identity"])
        + line("p3-1", ["realist"], ["realist"])
        + line("p3-2", ["realist"], [])
    )
    return file


def test_of_each_pair_the_label_that_differs_is_what_counts(pairs: Path) -> None:
    read = load_contrast(pairs)
    assert [pair.label for pair in read] == ["contested-realist", "contested-status", "contested-realist"]
    decided, probabilities = np.zeros((6, len(LABELS)), bool), np.full((6, len(LABELS)), 0.5)
    realist, status = LABELS.index("contested-realist"), LABELS.index("contested-status")
    decided[[0, 4, 5], realist] = True  # the first is told apart, the third is called contested twice
    decided[3, LABELS.index("contested-identity")] = True  # no part of what is asked of the second pair
    probabilities[[0, 2], [realist, status]] = 0.6
    found = told_apart(read, probabilities, decided, EvaluateParams(resamples=50))
    shares = {name: found[name]["share"] for name in ("told_apart", "ranked", "both", "neither")}
    assert shares == {"told_apart": 0.3333, "ranked": 0.8333, "both": 0.3333, "neither": 0.3333}
    low, high = found["ranked"]["interval"]
    assert 0 <= low < 0.8333 < high <= 1
    assert found["labels"] == {
        "contested-realist": {"pairs": 2, "told_apart": 1, "ranked": 1.5},
        "contested-status": {"pairs": 1, "told_apart": 0, "ranked": 1},
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((["realist"], []), (["realist"], [])),
        ((["realist"], ["realist"]), (["status"], [])),
        ((["realist", "status"], ["realist", "status"]), (["realist", "status"], [])),
    ],
)
def test_what_is_no_pair_is_refused_by_its_name(
    tmp_path: Path, first: tuple[list[str], list[str]], second: tuple[list[str], list[str]]
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(line("p7-1", *first) + line("p7-2", *second))
    with pytest.raises(LabelsError, match="p7: not two passages"):
        load_contrast(file)
    file.write_text(line("p8-1", ["realist"], ["realist"]))
    with pytest.raises(LabelsError, match="p8"):
        load_contrast(file)


def test_a_pair_that_stands_in_the_train_split_too_is_refused(
    passages: list[WrittenPassage], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    known = next(passage for passage in passages if passage.batch == "b01")
    monkeypatch.setattr(prepare, "contrast_passages", lambda: [known.model_copy(update={"id": "p999-1"})])
    with pytest.raises(LabelsError, match=r"p999-1.*near duplicates"):
        prepare.check_labels([])


def test_the_committed_pairs_are_alike_but_for_what_differs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    pairs = load_contrast()
    assert {pair.label for pair in pairs} == {f"contested-{frame}" for frame in FRAMES}
    assert [passage.id for passage in contrast_passages()] == [
        f"{pair.contesting.batch}-{number}" for pair in pairs for number in (1, 2)
    ]
    assert all(
        (pair.contesting.voice, pair.contesting.matter) == (pair.other.voice, pair.other.matter) for pair in pairs
    )
    words = [[len(passage.text.split()) for passage in (pair.contesting, pair.other)] for pair in pairs]
    first, second = np.mean(words, axis=0)
    assert abs(first - second) < 10
