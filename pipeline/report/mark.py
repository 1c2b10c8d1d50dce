"""The mark stage: which words of the passages that the report quotes spoke most for what they are evidence of."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pipeline.corpus.corpora import CORPORA
from pipeline.model.readings import load_readings
from pipeline.model.store import MODEL, model_checksum
from pipeline.params import ReportParams
from pipeline.profile.groups import group
from pipeline.report.evidence import Evidence, Key, all_evidence
from pipeline.report.words import WORDS, quoted, save_words

if TYPE_CHECKING:  # it brings torch, which is not needed where nothing may be quoted
    from pipeline.model.classifier import Classifier

# Of the words of a passage so many are marked: those that added most, and only where they added at all.
MARKED_SHARE = 0.12


def run_mark(params: ReportParams) -> str:
    """Find the words and write data/words.json: numbers of words, no text; return a line."""
    items = quotable_evidence(params.evidence_passages)
    words = {}
    if items:
        from pipeline.model.classifier import load_classifier

        words = find_words(items, load_classifier())
    save_words(words, model_checksum(MODEL))
    return f"{WORDS}: the words that spoke most in {len(words)} readings of passages that may be quoted"


def quotable_evidence(most: int) -> list[Evidence]:
    """What the report of the project's corpora quotes."""
    return [
        item
        for corpus in CORPORA
        for own in group(load_readings(corpus), "author").values()
        for item in quoted(all_evidence(own, most))
    ]


def find_words(
    items: Iterable[Evidence], classifier: "Classifier", progress: Callable[[int], None] = lambda done: None
) -> dict[Key, tuple[int, ...]]:
    """For each passage the numbers of the words that spoke most for the label that it is evidence of."""
    from pipeline.model.words import strongest, word_scores

    found = {}
    for done, item in enumerate(items, start=1):
        scores = word_scores(classifier, item.text, item.label)
        found[item.key] = tuple(place for place in strongest(scores, MARKED_SHARE) if scores[place][1] > 0)
        progress(done)
    return found
