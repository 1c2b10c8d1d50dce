"""The words that spoke most for the evidence that is quoted: computed once by its own stage, for it takes a while."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.report.evidence import Evidence, Words

if TYPE_CHECKING:  # it brings torch, which reading what is computed does not need
    from pipeline.model.classifier import Classifier

WORDS = Path("data/words.json")
# Of the words of a passage, so many are marked: those that added most, and only where they added at all.
MARKED_SHARE = 0.12


def find_words(
    items: Iterable[Evidence], classifier: "Classifier", progress: Callable[[int], None] = lambda done: None
) -> dict[tuple[str, int, int, str], tuple[int, ...]]:
    """For each quoted passage the numbers of the words that spoke most for the label that it is evidence of."""
    from pipeline.model.words import strongest, word_scores

    found = {}
    for done, item in enumerate(items, start=1):
        scores = word_scores(classifier, item.text, item.label)
        found[item.key] = tuple(place for place in strongest(scores, MARKED_SHARE) if scores[place][1] > 0)
        progress(done)
    return found


def quoted(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The passages that are quoted, each for a label once."""
    return list({item.key: item for item in evidence if item.quoted}.values())


def save_words(words: Words, model: str, path: Path = WORDS) -> None:
    """Write the words with the checksum of the model that they were computed with."""
    rows = [[*key, list(places)] for key, places in sorted(words.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f'{{"model": {json.dumps(model)}, "words": [\n{lines}\n]}}\n', encoding="utf-8")


def load_words(model: str, path: Path = WORDS) -> Words:
    """The words that `framing mark` found; none where it has not run, or with another model."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["model"] != model:
        return {}
    rows: Sequence[list] = found["words"]  # type: ignore[type-arg]
    return {(document, start, end, label): tuple(places) for document, start, end, label, places in rows}
