from pathlib import Path

import pytest

from pipeline.errors import LabelsError
from pipeline.records import Annotation, GoldPassage, Settlement, WrittenPassage, read_jsonl, write_jsonl

PASSAGE = WrittenPassage(
    id="b01-001",
    voice="op-ed",
    matter="russia-china",
    case="plain",
    text="A pipeline with one customer is a leash.",
    annotations=(Annotation(annotator="first", frames=("realist",)),),
)


def test_records_survive_the_way_to_disk_and_back(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "b01.jsonl", [PASSAGE])
    assert read_jsonl(tmp_path / "b01.jsonl", WrittenPassage) == [PASSAGE]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"realist"', '"realism"', 'unknown frame "realism"; did you mean "realist"?'),
        ('"contested":[]', '"contested":["status"]', 'contested "status" is not among frames'),
        ('["realist"]', '["realist","realist"]', "a frame stands twice"),
        ('"voice"', '"voise"', "voice"),
    ],
)
def test_a_bad_label_names_file_line_and_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "b01.jsonl"
    line = PASSAGE.model_dump_json(exclude_none=True)
    file.write_text(line + "\n" + line.replace(old, new) + "\n")
    with pytest.raises(LabelsError) as error:
        read_jsonl(file, WrittenPassage)
    assert f"{file}:2" in str(error.value)
    assert message in str(error.value)


def test_a_label_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(LabelsError, match="not UTF-8"):
        read_jsonl(tmp_path / "b.jsonl", GoldPassage)


def test_what_was_settled_decides() -> None:
    settled = PASSAGE.model_copy(update={"settled": Settlement(frames=("status",), reason="rank is what is at stake")})
    assert settled.label.frames == ("status",)
    assert PASSAGE.label.frames == ("realist",)
