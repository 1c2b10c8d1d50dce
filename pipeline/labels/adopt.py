"""The adopt stage: which labels by people count, passage by passage."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.adopted import ADOPTED, Adopted
from pipeline.corpus.catalogue import load_catalogue
from pipeline.frames import FRAMES
from pipeline.labels.human import ANNOTATIONS, LABELLED_CORPORA, HumanLabel, Key, load_labels
from pipeline.labels.ledger import DRAWS, load_draws, people_of
from pipeline.params import LabelsParams
from pipeline.records import Annotation, Label, write_jsonl

ESTIMATION, TRAINING = "estimation", "training"
# Their labels test the classifier, so that they never train it and are only ever made blind.
TEST_CORPORA = ("essays", "op-eds")
_WRITTEN, _TEXTS = "written", "texts"


@dataclass(frozen=True)
class Adoption:
    """The labels that count, and how many passages were left out for which reason."""

    labels: tuple[Adopted, ...]
    left_out: Mapping[str, int]


def run_adopt(params: LabelsParams, folder: Path = ANNOTATIONS, target: Path = ADOPTED) -> list[str]:
    """Write the labels that count into data/adopted/, a file a corpus; return a line for each, and what was left out.

    Raises: LabelsError for an annotator who labelled nothing.
    """
    writers: dict[Key, frozenset[str]] = {line.key: line.people for line in load_draws(folder / DRAWS.name)}
    essayists = frozenset(person for entry in load_catalogue() for name in entry.authors for person in people_of(name))
    adoption = adopt({name: load_labels(name, folder) for name in params.annotators}, writers, essayists)
    lines = []
    for corpus in LABELLED_CORPORA:
        own = [label for label in adoption.labels if label.corpus == corpus]
        write_jsonl(target / f"{corpus}.jsonl", own)
        uses = Counter(label.purpose for label in own)
        lines.append(f"{target / corpus}.jsonl: {uses[ESTIMATION]} for estimation, {uses[TRAINING]} for training")
    lines += [f"left out: {count} {why}" for why, count in adoption.left_out.items()]
    if unknown := sum(one.corpus == _TEXTS and one.key not in writers for one in adoption.labels):
        lines.append(
            f"in no draw of {DRAWS}: {unknown} of people's own texts; nobody knows by whom these are, and whether "
            "their authors both train and test; take that file over from where the tasks were exported"
        )
    return lines


def adopt(
    said: Mapping[str, Mapping[Key, HumanLabel]],
    writers: Mapping[Key, frozenset[str]],
    essayists: Collection[str],
) -> Adoption:
    """The labels that count, by place.

    Args:
        said: by annotator, in the order in which they decide ties, what each says of each passage.
        writers: everybody who had a part in the text of a passage, as the ledger of draws names them.
        essayists: who wrote the essays, which always test; names as `people_of` gives them.

    A label made in sight of the model's reading tests nothing: it may train. A passage that was drawn for estimation
    by one annotator and for training by another is for estimation. What would train from a document that is used for
    estimation is left out, and so is any by a person who had a part in another such text, or in an essay.
    """
    votes: dict[Key, dict[str, HumanLabel]] = {}
    left_out: Counter[str] = Counter()
    for annotator, labels in said.items():
        for key, label in labels.items():
            if label.cannot_tell:
                left_out[f"by {annotator}, who could not tell"] += 1
            elif label.corpus in TEST_CORPORA and not label.blind:
                left_out[f"of {label.corpus} by {annotator}, made in sight of the model's reading"] += 1
            else:
                votes.setdefault(key, {})[annotator] = label
    found = [_adopted(by_annotator) for _, by_annotator in sorted(votes.items())]
    testing = [one for one in found if one.purpose == ESTIMATION]
    documents = {(one.corpus, one.document) for one in testing}
    people = frozenset[str]().union(*(_people(one, writers) for one in testing))

    def refused(one: Adopted) -> str | None:
        own = _people(one, writers)
        if one.purpose != TRAINING:
            return None
        if (one.corpus, one.document) in documents:
            return "for training, of documents that are used for estimation"
        if own & frozenset(essayists):
            return "for training, of texts by authors of the essays, which test"
        return "for training, of texts by authors of whom others are used for estimation" if own & people else None

    kept = []
    for one in found:
        if why := refused(one):
            left_out[why] += 1
        else:
            kept.append(one)
    return Adoption(tuple(kept), dict(left_out))


def _people(one: Adopted, writers: Mapping[Key, frozenset[str]]) -> frozenset[str]:
    """Who had a part in its text; the written passages are nobody's."""
    return frozenset() if one.corpus == _WRITTEN else writers.get(one.key, frozenset())


def combine(labels: Sequence[Label]) -> Label:
    """What most say: a frame, or that it is contested, counts where more than half give it; the first decides a tie.

    Prominence is that of the first who gives the frame.
    """

    def most(given: Sequence[bool]) -> bool:
        return given[0] if 2 * sum(given) == len(given) else 2 * sum(given) > len(given)

    ranked = list(dict.fromkeys(frame for label in labels for frame in label.frames))
    frames = tuple(frame for frame in ranked if most([frame in label.frames for label in labels]))
    contested = tuple(
        frame for frame in FRAMES if frame in frames and most([frame in label.contested for label in labels])
    )
    return Label(frames=frames, contested=contested)


def _adopted(by_annotator: Mapping[str, HumanLabel]) -> Adopted:
    labels = list(by_annotator.values())
    fit_to_test = [label for label in labels if label.purpose == ESTIMATION and label.blind]
    counting = fit_to_test or labels
    names = [name for name, label in by_annotator.items() if label in counting]
    label, place = combine(counting), counting[0]
    return Adopted(
        frames=label.frames,
        contested=label.contested,
        **place.model_dump(include={"corpus", "document", "passage", "start", "end", "sha256"}),
        purpose=ESTIMATION if fit_to_test else TRAINING,
        probability=place.probability if fit_to_test else None,
        annotations=tuple(
            Annotation(annotator=name, frames=by_annotator[name].frames, contested=by_annotator[name].contested)
            for name in names
        ),
    )
