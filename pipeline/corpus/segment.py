"""Cut a text into passages: whole sentences, 40-160 words, exact character offsets."""

import re
from collections.abc import Iterator
from itertools import pairwise

import nupunkt

from pipeline.corpus.normalise import checksum
from pipeline.params import SegmentParams
from pipeline.records import Document, Passage

Span = tuple[int, int]

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")
MAX_PARAGRAPHS = 3


def segment(document: Document, params: SegmentParams) -> list[Passage]:
    """The passages of a document, in order.

    A text of up to `params.max_words` words is one passage. Longer ones are cut at sentence ends: a long paragraph
    into parts of about equal length, short paragraphs joined to a neighbour. A sentence is never cut, so a passage
    is longer than `max_words` only where one sentence is. Headings cannot be told from prose here: `normalise`
    takes them out.

    A neighbour of such a sentence may be shorter than `min_words`.

    Returns: passages with offsets in characters into `document.text`.
    """
    text = document.text
    if not text.strip():
        return []
    spans = [_strip(text, 0, len(text))] if _words(text) <= params.max_words else list(_merge(text, params))
    return [
        Passage(
            document=document.id,
            passage=number,
            start=start,
            end=end,
            words=_words(text[start:end]),
            sha256=checksum(text[start:end]),
        )
        for number, (start, end) in enumerate(spans, start=1)
    ]


def _merge(text: str, params: SegmentParams) -> Iterator[Span]:
    """Join neighbours while one of them is too short and the whole stays within `max_words`."""
    open_span: Span | None = None
    paragraphs = 0
    for start, end in _parts(text, params):
        if open_span is not None:
            short = min(_words(text[open_span[0] : open_span[1]]), _words(text[start:end])) < params.min_words
            fits = _words(text[open_span[0] : end]) <= params.max_words
            if short and fits and paragraphs < MAX_PARAGRAPHS:
                open_span, paragraphs = (open_span[0], end), paragraphs + 1
                continue
            yield open_span
        open_span, paragraphs = (start, end), 1
    if open_span is not None:
        yield open_span


def _parts(text: str, params: SegmentParams) -> Iterator[Span]:
    """Paragraphs, the long ones cut at sentence ends into the fewest parts of about equal length."""
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = _strip(text, *paragraph.span())
        total = _words(text[start:end])
        if total <= params.max_words:
            yield start, end
            continue
        # A sentence that is too long by itself stands alone; the runs between are balanced.
        run: list[Span] = []
        for sentence in _sentences(text, start, end):
            if _words(text[sentence[0] : sentence[1]]) > params.max_words:
                yield from _fewest(text, run, params.max_words)
                yield sentence
                run = []
            else:
                run.append(sentence)
        yield from _fewest(text, run, params.max_words)


def _fewest(text: str, sentences: list[Span], max_words: int) -> list[Span]:
    """The fewest balanced parts of which none is longer than `max_words`; no sentence is."""
    if not sentences:
        return []
    count = -(-_words(text[sentences[0][0] : sentences[-1][1]]) // max_words)
    while True:
        parts = _balanced(text, sentences, count)
        if count >= len(sentences) or all(_words(text[a:b]) <= max_words for a, b in parts):
            return parts
        count += 1


def _balanced(text: str, sentences: list[Span], count: int) -> list[Span]:
    """Sentences grouped into `count` runs, each cut made where the running word count is nearest to its share."""
    ends, total = [], 0
    for start, end in sentences:
        total += _words(text[start:end])
        ends.append(total)
    cuts = {min(range(len(ends)), key=lambda i: abs(ends[i] - total * k / count)) for k in range(1, count)}
    bounds = [-1, *sorted(cuts - {len(sentences) - 1}), len(sentences) - 1]
    return [(sentences[first + 1][0], sentences[last][1]) for first, last in pairwise(bounds)]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for first, last in nupunkt.sent_spans(text[start:end]):
        span = _strip(text, start + first, start + last)
        if span[0] < span[1]:
            yield span


def _strip(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())


def _words(text: str) -> int:
    return len(text.split())
