"""Annotations in: read, checked against the passages that they are about, kept apart by annotator."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.corpus.corpora import CORPORA, load_corpus
from pipeline.corpus.kept import KEPT, PassageText, keep
from pipeline.corpus.normalise import checksum
from pipeline.errors import LabelsError, did_you_mean
from pipeline.frames import FRAMES
from pipeline.labels.check import word_runs
from pipeline.labels.human import ANNOTATIONS, Changes, HumanLabel, Key, add_labels, check_name
from pipeline.labels.ledger import DRAWS, DrawLine, load_draws
from pipeline.labels.splits import load_passages
from pipeline.people.label_studio import CANNOT_TELL, CONTESTED, NONE, NOTE, RANKS, answers
from pipeline.profile.cells import unmarked
from pipeline.records import describe

# So many words in a row that stand in the passage too make a note a quotation; notes are kept in git.
QUOTED_WORDS = 8
_PLACE = ("corpus", "document", "passage", "start", "end", "sha256", "purpose", "draw", "probability", "blind")


@dataclass(frozen=True)
class Given:
    """One annotation as it came: where it stands in the file, whose it is there, the task's fields, the answers."""

    place: str
    by: str
    at: str
    data: Mapping[str, Any]
    answers: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Imported:
    """What an import did: changes; what was refused, and why; how many tasks were skipped, or had no answer."""

    changes: Changes
    refused: tuple[str, ...]
    skipped: int
    unanswered: int


def import_labels(path: Path, annotator: str, by: str | None = None, folder: Path = ANNOTATIONS) -> Imported:
    """Read an export and add its labels to the annotator's; what cannot be used is refused by itself, with its reason.

    Args:
        by: whose annotations to take, where the export holds those of several people.

    Raises: LabelsError if the file is none of Label Studio's exports or of the exported sheets, or holds annotations by
        several people.
    """
    check_name(annotator)
    counts: Counter[str] = Counter()
    given = list(_read(path, counts))
    people = sorted({one.by for one in given if one.by})
    if by is None and len(people) > 1:
        raise LabelsError(
            f"{path}: holds annotations by {len(people)} people ({', '.join(people)}); "
            "import them one by one, with --by and another --annotator each"
        )
    if by is not None and by not in people:
        raise LabelsError(f'{path}: no annotations by "{by}"; {did_you_mean(by, people)}')
    known = _known_passages()
    drawn = {(line.draw, line.key): line for line in load_draws(folder / DRAWS.name)}
    labels, texts, refused = [], [], []
    for one in (one for one in given if by is None or one.by == by):
        try:
            label = _label(one)
            _check_passage(label, one, known)
            _check_draw(label, one, drawn)
        except LabelsError as error:
            refused.append(str(error))
            continue
        labels.append(label)
        if label.corpus == "texts":
            texts.append(_text(one, label))
    changes = add_labels(annotator, labels, folder)
    keep(texts, folder / KEPT.relative_to(ANNOTATIONS))
    return Imported(changes, tuple(refused), counts["skipped"], counts["unanswered"])


def _read(path: Path, counts: Counter[str]) -> Iterator[Given]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise LabelsError(f"{path}: no such file; name Label Studio's export") from None
    except UnicodeDecodeError as error:
        remedy = 'save it as "CSV UTF-8"' if path.suffix.lower() == ".csv" else "export it anew"
        raise LabelsError(f"{path}: not UTF-8 at byte {error.start}; {remedy}") from None
    if path.suffix.lower() == ".csv":
        yield from _read_csv(path, content, counts)
        return
    try:
        found = json.loads(content)
    except json.JSONDecodeError as error:
        raise LabelsError(f"{path}:{error.lineno}: not JSON: {error.msg}; export it anew as JSON or CSV") from None
    if not isinstance(found, list) or not all(isinstance(task, dict) and "data" in task for task in found):
        raise LabelsError(f"{path}: not a JSON export of Label Studio; choose the format JSON (not JSON-MIN) or CSV")
    for task in found:
        yield from _of_task(f"{path}: task {task.get('id', '?')}", task, counts)


def _of_task(place: str, task: Mapping[str, Any], counts: Counter[str]) -> Iterator[Given]:
    made = task.get("annotations") or []
    counts["unanswered"] += not made
    for annotation in made:
        if annotation.get("was_cancelled"):
            counts["skipped"] += 1
        elif not annotation.get("result"):
            counts["unanswered"] += 1
        else:
            at = str(annotation.get("updated_at") or annotation.get("created_at") or "")
            yield Given(place, _who(annotation.get("completed_by")), at, task["data"], answers(annotation["result"]))


def _read_csv(path: Path, content: str, counts: Counter[str]) -> Iterator[Given]:
    # Where the comma is the decimal sign, spreadsheets put semicolons between cells.
    header = content.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=max(",;\t", key=header.count))
    needed = {"corpus", "document", "start", "end", "sha256", "text", *RANKS[:1]}
    if absent := needed - set(rows.fieldnames or ()):
        raise LabelsError(
            f"{path}:1: no column {', '.join(sorted(absent))}; it needs those that `framing labels export` wrote"
        )
    # A sheet that people fill in says no time: it is as old as the file.
    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    for row in rows:
        cells = {name: unmarked(cell or "") for name, cell in row.items() if name is not None}
        found = {name: _cells(cells.get(name, "")) for name in (*RANKS, CONTESTED)}
        if note := cells.get(NOTE, "").strip():
            found[NOTE] = [note]
        if not found[RANKS[0]]:
            counts["unanswered"] += 1
            continue
        at = cells.get("updated_at") or cells.get("created_at") or saved
        place = f"{path}:{rows.line_num}"
        yield Given(place, cells.get("annotator", ""), at, cells, {k: v for k, v in found.items() if v})


def _cells(cell: str) -> list[str]:
    """What a cell lists: Label Studio's `{"choices": [...]}`, or names with semicolons or commas between them."""
    if cell.strip().startswith(("{", "[")):
        try:
            found = json.loads(cell)
        except json.JSONDecodeError:
            return [cell]
        return [str(name) for name in (found.get("choices", []) if isinstance(found, dict) else found)]
    return [name.strip() for name in cell.replace(";", ",").split(",") if name.strip()]


def _who(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("id") or "")
    return "" if completed_by is None else str(completed_by)


def _label(given: Given) -> HumanLabel:
    """The label that an annotation gives.

    Raises: LabelsError with the place, for answers that contradict one another or fields that were changed.
    """
    ranked = [name for rank in RANKS for name in given.answers.get(rank, ())]
    chosen = [name for name in ranked if name not in (NONE, CANNOT_TELL)]
    contested = list(given.answers.get(CONTESTED, ()))
    cannot_tell = CANNOT_TELL in ranked
    if len(chosen) < len(ranked) and (chosen or contested):
        first = CANNOT_TELL if cannot_tell else NONE
        raise LabelsError(f'{given.place}: "{first}" and yet {", ".join(chosen or contested)}; choose one or the other')
    for frame in contested:
        if frame not in chosen and frame in FRAMES:
            raise LabelsError(
                f'{given.place}: contested "{frame}" is not among its frames '
                f"({', '.join(chosen) or 'none'}); one cannot argue against what is not there: add it, or take it out"
            )
    data = {name: given.data.get(name) for name in _PLACE}
    if data["probability"] in ("", None):
        data["probability"] = None
    note = " ".join(" ".join(given.answers.get(NOTE, ())).split())
    try:
        label = HumanLabel.model_validate(
            {
                **data,
                "frames": chosen,
                "contested": contested,
                "cannot_tell": cannot_tell,
                "note": note,
                "at": given.at,
            },
            strict=False,
        )
    except ValidationError as error:
        raise LabelsError(f"{given.place}: {describe(error)}") from None
    _refuse_quotation(given, label)
    return label


def _refuse_quotation(given: Given, label: HumanLabel) -> None:
    shown = " ".join(str(given.data.get(part, "")) for part in ("before", "text", "after"))
    shared = word_runs(label.note, QUOTED_WORDS) & word_runs(shown, QUOTED_WORDS)
    if shared:
        raise LabelsError(
            f'{given.place}: the note quotes the text ("{" ".join(min(shared))} ..."), and notes are kept in git; '
            "say it in your own words"
        )


def _known_passages() -> dict[str, set[tuple[str, int, int, str]]]:
    """Where the passages of the project's own corpora stand, by corpus."""
    written = {(p.id, 0, len(p.text), checksum(p.text)) for p in load_passages()}
    corpora = {
        corpus: {(m.document.id, gold.start, gold.end, gold.sha256) for m in load_corpus(corpus) for gold in m.gold}
        for corpus in CORPORA
    }
    return {"written": written, **corpora}


def _check_passage(label: HumanLabel, given: Given, known: Mapping[str, set[tuple[str, int, int, str]]]) -> None:
    """Refuse a label whose passage is not the one that was exported.

    Raises: LabelsError with the place.
    """
    if checksum(str(given.data.get("text", ""))) != label.sha256:
        raise LabelsError(
            f"{given.place}: the passage was changed after it was exported (its checksum is another); "
            "put its text back, or export it anew"
        )
    if label.corpus in known and (label.document, label.start, label.end, label.sha256) not in known[label.corpus]:
        raise LabelsError(
            f"{given.place}: {label.corpus} has no passage {label.document} {label.start}-{label.end} with this text; "
            "it was taken out or changed since: export anew"
        )


def _check_draw(label: HumanLabel, given: Given, drawn: Mapping[tuple[str, Key], DrawLine]) -> None:
    """Refuse a label that says otherwise than the ledger what its passage was drawn for.

    Raises: LabelsError with the place.
    """
    line = drawn.get((label.draw, label.key))
    if line is None:
        raise LabelsError(
            f'{given.place}: {label.document} {label.start}-{label.end} is in no draw "{label.draw}" of {DRAWS}; '
            "take that file over from where the tasks were exported"
        )
    if (label.purpose, label.probability) != (line.purpose, line.probability):
        raise LabelsError(
            f"{given.place}: says that it was drawn for {label.purpose} with probability {label.probability}, but "
            f"{DRAWS} says for {line.purpose} with {line.probability}; put the task's fields back"
        )


def _text(given: Given, label: HumanLabel) -> PassageText:
    data = given.data
    authors = tuple(name.strip() for name in str(data.get("authors") or "").split(";") if name.strip())
    return PassageText(
        **label.model_dump(include={"document", "passage", "start", "end", "sha256"}),
        title=str(data.get("title") or ""),
        authors=authors,
        date=str(data.get("date") or ""),
        source=str(data.get("source") or ""),
        text=str(data["text"]),
    )
