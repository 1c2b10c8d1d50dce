"""The prepare stage: hand-labelled passages checked, described and divided into splits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.adopted import load_adopted
from pipeline.corpus.corpora import CORPORA, TEXTS_OF_PEOPLE, load_corpus
from pipeline.errors import LabelsError
from pipeline.labels import check
from pipeline.labels.agreement import Agreement, agreement
from pipeline.labels.contrast import contrast_passages
from pipeline.labels.people import labelled_by_people, own_passages, with_people
from pipeline.labels.splits import PREPARED, Split, divide, load_passages, load_splits
from pipeline.records import Label, Labelled, WrittenPassage, read_jsonl, write_jsonl

SUMMARY = Path("reports/labels.json")
THIRD_READING = Path("data/third-reading.jsonl")


class ThirdReading(Label):
    """A label given by a pass that saw text and codebook alone."""

    id: str


def prepare(essay_texts: Sequence[str]) -> dict[str, Any]:
    """Check and divide the written passages, write the splits and a summary, and return the summary.

    Args:
        essay_texts: the essays that are present, to look for shared runs of words.

    Raises: LabelsError where a passage breaks a rule that nothing excuses: an unknown frame, an unsettled
        disagreement, near duplicates in two splits, a run of words shared with an essay.

    Labels by people that were adopted take the place of the passes'; passages of their own texts join the train split.
    """
    summary, by_passes = _check(essay_texts)
    divided = with_people(by_passes, load_adopted("written"))
    to_train = [label for label in load_adopted(TEXTS_OF_PEOPLE) if label.purpose == "training"]
    # The op-eds can only make this refuse, so the stage does not depend on them.
    op_eds = [member.document.text for member in load_corpus("op-eds")] if to_train else []
    divided["train"] += own_passages(to_train, divided, [*essay_texts, *op_eds])
    if people := labelled_by_people(by_passes, divided):
        summary |= {"splits": {split: len(found) for split, found in divided.items()}, "people": people}
    for split, found in divided.items():
        write_jsonl(PREPARED / f"{split}.jsonl", found)
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def check_labels(essay_texts: Sequence[str]) -> dict[str, Any]:
    """The same checks and summary, writing nothing."""
    return _check(essay_texts)[0]


def labelled_sets() -> dict[str, Sequence[Labelled]]:
    """All that was labelled by hand: the written passages, the essays' passages, the op-eds' passages."""
    return {
        "written passages": load_passages(),
        "contrast set": contrast_passages(),
        **{corpus: [gold for member in load_corpus(corpus) for gold in member.gold] for corpus in CORPORA},
    }


def third_reading() -> tuple[int, int]:
    """How many passages were read a third time, and how many labels that reading would change."""
    labels = {passage.id: passage.label for passage in load_passages()}
    read = read_jsonl(THIRD_READING, ThirdReading)
    return len(read), sum(not labels[item.id].same_sets(item) for item in read)


def _check(essay_texts: Sequence[str]) -> tuple[dict[str, Any], dict[Split, list[WrittenPassage]]]:
    passages = load_passages()
    divided = divide(passages, load_splits())
    contrast = contrast_passages()
    check.refuse_unsettled([*passages, *contrast])
    _refuse_leaks(
        [*passages, *contrast], {**{str(split): found for split, found in divided.items()}, "contrast": contrast}
    )
    _refuse_shared_runs([*passages, *contrast], essay_texts)
    return summarise(passages, divided), divided


def summarise(passages: Sequence[WrittenPassage], divided: dict[Split, list[WrittenPassage]]) -> dict[str, Any]:
    """Distribution, agreement, giveaways and the bag-of-words baseline, as plain values."""
    rows = [*check.distribution(passages), *check.giveaways(passages)]
    return {
        "distribution": {row.what: _described(row) for row in rows},
        "agreement": {row.what: _rounded(row) for row in agreement(passages)},
        "splits": {split: len(found) for split, found in divided.items()},
        "settled": sum(passage.settled is not None for passage in passages),
        "bag_of_words_micro_f1": round(check.bag_of_words_f1(divided), 4),
        "telling_words": check.telling_words(passages),
    }


def _described(row: check.Row) -> dict[str, Any]:
    aim = {key: value for key, value in (("at_least", row.low), ("at_most", row.high)) if value is not None}
    return {"value": round(row.value, 4), **aim, **({"within": row.within} if aim else {})}


def _rounded(row: Agreement) -> dict[str, Any]:
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(row).items() if key != "what"}


def _refuse_leaks(passages: Sequence[WrittenPassage], divided: Mapping[str, Sequence[WrittenPassage]]) -> None:
    split_of = {passage.id: split for split, found in divided.items() for passage in found}
    for first, second in check.near_duplicates(passages):
        if split_of[first] != split_of[second]:
            raise LabelsError(
                f"{first} ({split_of[first]}) and {second} ({split_of[second]}) are near duplicates; rewrite one"
            )


def _refuse_shared_runs(passages: Sequence[WrittenPassage], essay_texts: Sequence[str]) -> None:
    if shared := check.shared_runs(passages, essay_texts):
        raise LabelsError(f"{shared[0]}: {check.RUN_WORDS} words in a row stand in an essay too; rewrite the passage")
