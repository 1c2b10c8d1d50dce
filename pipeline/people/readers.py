"""Everybody who read the same passages: people, the language model's passes, the classifier."""

from collections.abc import Mapping

from pipeline.corpus.corpora import CORPORA, load_corpus
from pipeline.corpus.kept import load_kept
from pipeline.corpus.normalise import checksum
from pipeline.labels.human import HumanLabel, Key, annotators, load_labels
from pipeline.labels.ledger import load_draws
from pipeline.labels.splits import load_passages
from pipeline.model.classify import load_predictions
from pipeline.records import Annotation, Label

Readings = Mapping[Key, Label]
FIRST, SECOND, MODEL = "first", "second", "model"


def people() -> dict[str, dict[Key, HumanLabel]]:
    """What each annotator says of each passage; where one could not tell, that is among it."""
    return {name: load_labels(name) for name in annotators()}


def passes() -> dict[str, dict[Key, Label]]:
    """The two passes of the language model over the written passages, the essays and the op-eds."""
    found: dict[str, dict[Key, Label]] = {FIRST: {}, SECOND: {}}
    for passage in load_passages():
        _put(found, ("written", passage.id, 0, len(passage.text), checksum(passage.text)), passage.annotations)
    for corpus in CORPORA:
        for member in load_corpus(corpus):
            for gold in member.gold:
                _put(found, (corpus, member.document.id, gold.start, gold.end, gold.sha256), gold.annotations)
    return found


def model() -> dict[Key, Label]:
    """How the classifier reads the essays and op-eds, and how it had read texts of people's own when they were drawn.

    Not the written passages: it learned from them.
    """
    found: dict[Key, Label] = {
        line.key: _label(line.frames, line.contested) for line in load_draws() if line.read and line.corpus == "texts"
    }
    for corpus in CORPORA:
        for member in load_corpus(corpus):
            table = load_predictions(corpus, member.document.id)
            rows = table.to_pylist() if table is not None else []
            decided = {(row["start"], row["end"]): _label(row["frames"], row["contested"]) for row in rows}
            for gold in member.gold:
                if label := decided.get((gold.start, gold.end)):
                    found[corpus, member.document.id, gold.start, gold.end, gold.sha256] = label
    return found


def places() -> dict[Key, str]:
    """How each passage begins where its words may be shown, else its reading note."""
    found: dict[Key, str] = {}
    for passage in load_passages():
        found["written", passage.id, 0, len(passage.text), checksum(passage.text)] = _beginning(passage.text)
    for corpus in CORPORA:
        for member in load_corpus(corpus):
            for gold in member.gold:
                shown = corpus != "essays" and member.present
                text = _beginning(member.document.text[gold.start : gold.end]) if shown else gold.note
                found[corpus, member.document.id, gold.start, gold.end, gold.sha256] = text
    for kept in load_kept().values():
        found["texts", kept.document, kept.start, kept.end, kept.sha256] = _beginning(kept.text)
    return found


def _beginning(text: str, words: int = 16) -> str:
    return " ".join(text.split()[:words]) + " ..."


def _put(found: dict[str, dict[Key, Label]], key: Key, annotations: tuple[Annotation, ...]) -> None:
    for annotation in annotations:
        if annotation.annotator in found:
            found[annotation.annotator][key] = annotation


def _label(frames, contested) -> Label:  # type: ignore[no-untyped-def]
    return Label(frames=tuple(frames), contested=tuple(contested))
