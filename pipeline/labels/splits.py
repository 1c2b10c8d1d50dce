"""Which written passages train, which choose, which test: by batch and voice, fixed in a file."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from pipeline.errors import LabelsError, did_you_mean
from pipeline.records import WrittenPassage, read_jsonl

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

PASSAGES = Path("data/passages")
SPLITS_FILE = Path("data/splits.csv")
PREPARED = Path("data/prepared")


def load_passages(folder: Path = PASSAGES) -> list[WrittenPassage]:
    """Every written passage, by batch.

    Raises: LabelsError for a line that breaks the schema, an id that stands twice, or a folder without batches.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise LabelsError(f"{folder}: no batches (*.jsonl) there; restore them with `git checkout {folder}`")
    passages: list[WrittenPassage] = []
    seen: dict[str, Path] = {}
    for file in files:
        for passage in read_jsonl(file, WrittenPassage):
            if passage.id in seen:
                raise LabelsError(
                    f"{file}: id {passage.id} stands in {seen[passage.id]} too; give each passage its own"
                )
            seen[passage.id] = file
            passages.append(passage)
    return passages


def load_splits(file: Path = SPLITS_FILE) -> dict[tuple[str, str], Split]:
    """The split of each batch and voice.

    Raises: LabelsError with file and line for an unknown split.
    """
    splits: dict[tuple[str, str], Split] = {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            for row in rows:
                if row["split"] not in SPLITS:
                    raise LabelsError(
                        f'{file}:{rows.line_num}: unknown split "{row["split"]}"; {did_you_mean(row["split"], SPLITS)}'
                    )
                splits[row["batch"], row["voice"]] = row["split"]
    except FileNotFoundError:
        raise LabelsError(f"{file}: no such file; restore it with `git checkout {file}`") from None
    except KeyError as error:
        raise LabelsError(f"{file}:1: no column {error}; it needs batch,voice,split") from None
    return splits


def divide(
    passages: Sequence[WrittenPassage], splits: dict[tuple[str, str], Split]
) -> dict[Split, list[WrittenPassage]]:
    """The passages of each split, in order.

    Raises: LabelsError for a batch and voice that the splits do not name.
    """
    divided: dict[Split, list[WrittenPassage]] = {split: [] for split in SPLITS}
    for passage in passages:
        split = splits.get((passage.batch, passage.voice))
        if split is None:
            raise LabelsError(
                f"{passage.id}: no split for batch {passage.batch}, voice {passage.voice}; add a line to {SPLITS_FILE}"
            )
        divided[split].append(passage)
    return divided
