"""The words that spoke most for the evidence that is quoted, as the mark stage keeps them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.report.evidence import Evidence, FrameEvidence, Key

WORDS = Path("data/words.json")

# The numbers of the words that spoke most for a label, by passage and label.
Words = Mapping[Key, Sequence[int]]


def quoted(evidence: Iterable[FrameEvidence]) -> list[Evidence]:
    """The passages that are quoted, each for a label once, in order."""
    items = (item for found in evidence for item in (*found.advanced, *found.contested) if item.quoted)
    return list({item.key: item for item in items}.values())


def save_words(words: Words, model: str, path: Path = WORDS) -> None:
    """Write the words, a passage a line, with the checksum of the model that they were computed with."""
    rows = ",\n".join(json.dumps([*key, list(places)], ensure_ascii=False) for key, places in sorted(words.items()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"model": {json.dumps(model)}, "words": [\n{rows}\n]}}\n', encoding="utf-8")


def load_words(model: str, path: Path = WORDS) -> Words:
    """The words that `framing mark` found; none where it has not run, or ran with another model."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if found["model"] != model:
        return {}
    return {(document, start, end, label): tuple(places) for document, start, end, label, places in found["words"]}
