"""Labels by people among the passages that train, choose and test."""

from collections.abc import Sequence

from pipeline.adopted import Adopted
from pipeline.corpus.kept import find_kept
from pipeline.corpus.normalise import checksum
from pipeline.errors import LabelsError
from pipeline.labels import check
from pipeline.labels.splits import PASSAGES, Split
from pipeline.records import WrittenPassage

_VOICE = "people's own texts"


def with_people(
    divided: dict[Split, list[WrittenPassage]], adopted: Sequence[Adopted]
) -> dict[Split, list[WrittenPassage]]:
    """The written passages with the labels by people that count for their split.

    What was drawn for training counts in the train split alone, what was drawn for estimation in the others.

    Raises: LabelsError for a label of a passage that is not there, or whose text is another now.
    """
    by_id = {label.document: label for label in adopted}
    known = {passage.id: passage for found in divided.values() for passage in found}
    for label in adopted:
        if label.document not in known or label.sha256 != checksum(known[label.document].text):
            raise LabelsError(
                f"{label.document}: labelled by {label.settlement.reason.removeprefix('labelled by ')}, but "
                + (
                    "its text was changed since"
                    if label.document in known
                    else f"there is no such passage in {PASSAGES}"
                )
                + "; put it back, or take the line out of data/annotations/"
            )

    def settled(passage: WrittenPassage, split: Split) -> WrittenPassage:
        label = by_id.get(passage.id)
        if label is None or (label.purpose == "training") != (split == "train"):
            return passage
        annotations = passage.annotations + label.annotations
        return passage.model_copy(update={"annotations": annotations, "settled": label.settlement})

    return {split: [settled(passage, split) for passage in found] for split, found in divided.items()}


def own_passages(
    adopted: Sequence[Adopted], divided: dict[Split, list[WrittenPassage]], test_texts: Sequence[str]
) -> list[WrittenPassage]:
    """Passages of people's own texts that are to train, as written passages of a batch `own`.

    Args:
        test_texts: the essays and op-eds.

    Raises: LabelsError if one shares a run of words with these, or is a near duplicate of a passage that chooses or
        tests: the test would be none.
    """
    found = [
        WrittenPassage(
            annotations=label.annotations,
            settled=label.settlement,
            id=f"own-{label.sha256[:12]}",
            voice=_VOICE,
            matter=label.document,
            case=f"passage {label.passage}",
            text=kept.text,
        )
        for label, kept in zip(adopted, find_kept(adopted), strict=True)
    ]
    if not found:
        return []
    place = {passage.id: f"{passage.matter}, {passage.case}" for passage in found}
    remedy = "take its line out of data/annotations/, or leave its text out of what is labelled"
    if shared := check.shared_runs(found, test_texts):
        own = shared[0].split(":", 1)[0]
        raise LabelsError(
            f"{place[own]}: {check.RUN_WORDS} words in a row stand in an essay or op-ed that tests; {remedy}"
        )
    held_out = [*divided["validation"], *divided["test"]]
    for first, second in check.near_duplicates([*held_out, *found]):
        if second in place and first not in place:
            raise LabelsError(f"{place[second]}: a near duplicate of {first}, which tests the classifier; {remedy}")
    return found


def labelled_by_people(
    before: dict[Split, list[WrittenPassage]], after: dict[Split, list[WrittenPassage]]
) -> dict[str, int]:
    """How many passages of each split people labelled; nothing where they labelled none."""
    known = {id(passage) for found in before.values() for passage in found}
    counts = {split: sum(id(passage) not in known for passage in found) for split, found in after.items()}
    return {split: count for split, count in counts.items() if count}
