"""Checks of the written passages: what they hold against what they should, and what would make them too easy."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score

from pipeline.corpus.duplicates import Sketches
from pipeline.errors import LabelsError
from pipeline.frames import FRAMES, LABELS
from pipeline.labels.bag_of_words import fit_tfidf
from pipeline.labels.splits import Split
from pipeline.labels.targets import targets
from pipeline.records import WrittenPassage

# A frame's own name and what anybody would search for first.
GIVEAWAYS = {
    "realist": r"\breali(st|sm|sts|politik)\b|\bbalance of power\b",
    "identity": r"\bidentit(y|ies)\b",
    "status": r"\bstatus\b",
    "memory-politics": r"\bmemor(y|ies)\b|\bcommemorat",
}
MAX_GIVEAWAY_SHARE = 0.05
MAX_BASELINE_F1 = 0.80
NEAR_DUPLICATE_JACCARD = 0.5
RUN_WORDS = 12
_SHINGLE_WORDS = 3

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Row:
    """One line of the distribution table. `low` and `high` bound what was aimed at, None where nothing was."""

    what: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def within(self) -> bool:
        """Whether the value is what was aimed at."""
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)


def distribution(passages: Sequence[WrittenPassage]) -> list[Row]:
    """Shares and counts, beside the targets of the data card."""
    n = len(passages)
    words = [len(passage.text.split()) for passage in passages]
    labels = [passage.label for passage in passages]

    def share(holds: Callable[[WrittenPassage], bool]) -> float:
        return sum(map(holds, passages)) / n

    voices = Counter(passage.voice for passage in passages)
    aims = {"realist": (0.30, 0.38), "identity": (0.30, 0.38), "status": (0.26, 0.34), "memory-politics": (0.24, 0.32)}
    least = {"realist": 200, "identity": 70, "status": 45, "memory-politics": 45}
    return [
        Row("passages", n, 1500),
        Row("words, shortest", min(words), 25),
        Row("words, median", median(words), 90, 120),
        Row("words, longest", max(words), None, 180),
        *(Row(f"share {frame}", share(lambda p, f=frame: f in p.label.frames), *aims[frame]) for frame in FRAMES),  # type: ignore[misc]
        Row("share none", share(lambda p: not p.label.frames), 0.16, 0.22),
        Row("share two or more frames", share(lambda p: len(p.label.frames) > 1), 0.25, 0.35),
        Row("share contested", share(lambda p: bool(p.label.contested)), 0.24),
        *(
            Row(f"contested {frame}", sum(frame in label.contested for label in labels), least[frame])
            for frame in FRAMES
        ),
        Row(
            "share contested beside another frame",
            share(lambda p: bool(set(p.label.frames) - set(p.label.contested)) and bool(p.label.contested)),
        ),
        Row("near misses of contested", sum(p.case.startswith("near miss") for p in passages)),
        Row("share Russia-China", share(lambda p: p.matter == "russia-china"), 0.35, 0.45),
        Row(
            "share economics, law, climate, domestic, culture",
            share(lambda p: p.matter.startswith("economics")),
            0.10,
            0.15,
        ),
        *(Row(f"voice {voice}", count / n, 0.06) for voice, count in sorted(voices.items())),
    ]


def giveaways(passages: Sequence[WrittenPassage]) -> list[Row]:
    """The share of a frame's passages that hold the frame's own name or the like."""
    rows = []
    for frame, pattern in GIVEAWAYS.items():
        texts = [passage.text for passage in passages if frame in passage.label.frames]
        found = sum(bool(re.search(pattern, text, re.IGNORECASE)) for text in texts)
        rows.append(Row(f"own name in {frame}", found / max(1, len(texts)), None, MAX_GIVEAWAY_SHARE))
    return rows


def telling_words(passages: Sequence[WrittenPassage], most: int = 5, least_passages: int = 12) -> dict[str, list[str]]:
    """Per label, words after which the label is likeliest, with the precision and the number of passages."""
    vectorizer = CountVectorizer(binary=True, min_df=least_passages, stop_words="english")
    holds = vectorizer.fit_transform([passage.text for passage in passages])
    labels = targets([passage.label for passage in passages])
    names = vectorizer.get_feature_names_out()
    counts = np.asarray(holds.sum(0)).ravel()
    precision = np.asarray(holds.T @ labels) / counts[:, None]
    telling = {}
    for j, label in enumerate(LABELS):
        best = np.argsort(-precision[:, j], kind="stable")[:most]
        telling[label] = [f"{names[i]} {precision[i, j]:.2f} of {counts[i]}" for i in best]
    return telling


def near_duplicates(passages: Sequence[WrittenPassage]) -> list[tuple[str, str]]:
    """Pairs of passages whose runs of three words overlap by half or more (Jaccard, MinHash estimate)."""
    seen = Sketches(NEAR_DUPLICATE_JACCARD, _SHINGLE_WORDS)
    pairs = []
    for passage in passages:
        sketch = seen.sketch(passage.text)
        pairs += [(twin, passage.id) for twin in seen.alike(sketch)]
        seen.add(passage.id, sketch)
    return pairs


def shared_runs(passages: Iterable[WrittenPassage], texts: Iterable[str]) -> list[str]:
    """The passages that share a run of twelve words with one of the texts, as `id: the words`."""
    runs = {run for text in texts for run in word_runs(text, RUN_WORDS)}
    found = []
    for passage in passages:
        words = _words(passage.text)
        for i in range(len(words) - RUN_WORDS + 1):
            if tuple(words[i : i + RUN_WORDS]) in runs:
                found.append(f"{passage.id}: {' '.join(words[i : i + RUN_WORDS])}")
                break
    return found


def word_runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of so many words in a text, in lower case."""
    words = _words(text)
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def bag_of_words_f1(divided: dict[Split, list[WrittenPassage]]) -> float:
    """Micro-F1 over the four frames of TF-IDF and logistic regression on the test split, at a threshold of a half."""
    train, test = divided["train"], divided["test"]
    if not train or not test:
        return float("nan")
    labels = targets([passage.label for passage in train])
    probabilities = fit_tfidf([p.text for p in train], labels)([p.text for p in test])
    truth = targets([passage.label for passage in test])
    return float(
        f1_score(truth[:, : len(FRAMES)], probabilities[:, : len(FRAMES)] >= 0.5, average="micro", zero_division=0)
    )


def refuse_unsettled(passages: Sequence[WrittenPassage]) -> None:
    """Every disagreement between two passes must be settled.

    Raises: LabelsError with the passage's id.
    """
    for passage in passages:
        if (
            len(passage.annotations) > 1
            and not passage.settled
            and not passage.annotations[0].same_sets(passage.annotations[1])
        ):
            raise LabelsError(f"{passage.id}: two passes differ and nothing settles it; add `settled` with a reason")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
