"""Tasks out: passages drawn, written down as drawn, and put into a file for Label Studio or a spreadsheet."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipeline.corpus.catalogue import load_catalogue
from pipeline.errors import LabelsError, OutputError
from pipeline.labels.bag_of_words import fit_tfidf
from pipeline.labels.ledger import DRAWS, DrawLine, load_draws
from pipeline.labels.splits import PREPARED
from pipeline.labels.targets import targets
from pipeline.people.candidates import Candidate
from pipeline.people.draws import ALL, Drawn, keep_draw, next_name
from pipeline.people.label_studio import CONTESTED, NOTE, RANKS, labelling_config, task_data, tasks
from pipeline.people.sampling import draw_informative, draw_random, population, take_all, teachable
from pipeline.profile.cells import plain_cell
from pipeline.records import WrittenPassage, read_jsonl

Sample = Literal["all", "random", "informative"]
SAMPLES = ("all", "random", "informative")
TARGETS = ("label-studio", "csv")


@dataclass(frozen=True)
class Exported:
    """What was put where: passages out of how many, and whether annotators see the model's reading."""

    files: tuple[Path, ...]
    draw: str
    purposes: tuple[str, ...]
    passages: int
    population: int
    blind: bool


def export(
    candidates: Sequence[Candidate],
    to: str,
    output: Path,
    sample: Sample,
    passages: int | None,
    seed: int,
    blind: bool | None,
    ledger: Path = DRAWS,
) -> Exported:
    """Draw passages, write the tasks, and add the draw to the ledger.

    Args:
        passages: how many; all of them where the sample is `all`.
        blind: whether annotators do not see the model's reading; by default where a label is to test the classifier.

    Raises: LabelsError where the sample cannot be drawn, OutputError where a file of this name is there already, or
        the name is that of another kind of file.
    """
    _check_name(to, output)
    for path in (output, config_beside(output)):
        if path.exists():
            raise OutputError(f"{path}: is there already, and nothing is overwritten; name another file, or remove it")
    earlier = load_draws(ledger)
    drawn, size = _draw(candidates, earlier, sample, passages, seed)
    for_test = any(one.purpose == "estimation" for one in drawn)
    unread = all(one.candidate.reading is None for one in drawn)
    blind = for_test or unread if blind is None else blind
    if not blind and unread:
        raise LabelsError("there are no readings of the model to show; take the passages --from predictions")
    known = {(line.draw, line.key) for line in earlier}
    files = _write_tasks(drawn, output, blind=blind) if to == "label-studio" else _write_csv(drawn, output, blind=blind)
    keep_draw([one for one in drawn if (one.draw, one.candidate.key) not in known], size, ledger)
    purposes = tuple(sorted({one.purpose for one in drawn}))
    return Exported(files, drawn[0].draw, purposes, len(drawn), size, blind)


def _check_name(to: str, output: Path) -> None:
    # What is brought in is told by its name.
    if (output.suffix.lower() == ".csv") != (to == "csv"):
        wanted = output.with_suffix(".csv" if to == "csv" else ".json").name
        kind = "a sheet" if to == "csv" else "tasks for Label Studio"
        raise OutputError(f"{output}: {kind} would not be found again under this name; name a file that ends in "
                          f"{Path(wanted).suffix}, {wanted} say")  # fmt: skip


def config_beside(output: Path) -> Path:
    """The labelling configuration of `tasks.json`: `tasks.config.xml`."""
    return output.with_suffix(".config.xml")


def _draw(
    candidates: Sequence[Candidate], earlier: Sequence[DrawLine], sample: Sample, passages: int | None, seed: int
) -> tuple[list[Drawn], int]:
    if sample == ALL:
        if not candidates:
            raise LabelsError("there is no passage to label; name other texts")
        return take_all(candidates, earlier, ALL), len(candidates)
    if passages is None:
        raise LabelsError(f"a {sample} sample: say how many passages (--passages); `framing labels sizes` helps")
    name = next_name(sample, earlier)
    if sample == "random":
        pool = population(candidates, earlier)
        return draw_random(pool, passages, name, seed), len(pool)
    essays = [" and ".join(entry.authors) for entry in load_catalogue()]
    pool = teachable(candidates, earlier, essays)
    return draw_informative(pool, passages, name, second_reader), len(pool)


def second_reader(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Probabilities by a bag of words that learned from the train split: simple, and blind in other ways."""
    train = read_jsonl(PREPARED / "train.jsonl", WrittenPassage)
    return fit_tfidf([passage.text for passage in train], targets([passage.label for passage in train]))(texts)


def _write_tasks(drawn: Sequence[Drawn], output: Path, *, blind: bool) -> tuple[Path, ...]:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(tasks(drawn, blind=blind), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    config_beside(output).write_text(labelling_config(), encoding="utf-8")
    return output, config_beside(output)


def _write_csv(drawn: Sequence[Drawn], output: Path, *, blind: bool) -> tuple[Path, ...]:
    """A sheet to fill in, the columns of Label Studio's own CSV; the model's reading is filled in unless blind."""
    rows = []
    for one in drawn:
        reading = None if blind else one.candidate.reading
        ranked = dict(zip(RANKS, (reading.frames or ("none",)) if reading else (), strict=False))
        cells = {rank: ranked.get(rank, "") for rank in RANKS}
        cells |= {CONTESTED: ";".join(reading.contested) if reading else "", NOTE: ""}
        rows.append({**task_data(one, blind=blind), **cells})
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: plain_cell(cell) for name, cell in row.items()} for row in rows)
    return (output,)
