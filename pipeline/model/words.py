"""Which words of a passage spoke for a label: integrated gradients (Sundararajan et al. 2017), by captum."""

import re
from collections.abc import Sequence

import torch
from captum.attr import LayerIntegratedGradients
from torch import Tensor

from pipeline.errors import ModelError
from pipeline.frames import LABELS
from pipeline.model.classifier import Classifier
from pipeline.model.precision import Precision

_WORD = re.compile(r"\S+")
# Points on the way from a passage of blanks to the passage itself.
_STEPS = 8


def word_scores(classifier: Classifier, text: str, label: str) -> list[tuple[str, float]]:
    """The words of a passage, each with what it added to the label's logit; words beyond `max_tokens` added nothing.

    Raises: ValueError for an unknown label, ModelError for a classifier in int8.
    """
    if classifier.precision == Precision.INT8:
        raise ModelError('int8 has no gradients, by which words are found: pipeline.load(precision="auto")')
    encoded = classifier.tokenizer(
        text, truncation=True, max_length=classifier.max_tokens, return_offsets_mapping=True, return_tensors="pt"
    )
    input_ids, mask, offsets = encoded["input_ids"], encoded["attention_mask"], encoded["offset_mapping"][0].tolist()
    # Blanks in place of every token that stands for some of the text.
    blank = torch.tensor([[classifier.tokenizer.pad_token_id if end > start else -1 for start, end in offsets]])
    baseline = torch.where(blank >= 0, blank, input_ids)
    column = LABELS.index(label)

    def logit(tokens: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = classifier.network(tokens, attention_mask)[:, column]
        return logits

    embeddings = classifier.network.encoder.get_input_embeddings()  # type: ignore[operator]
    gradients = LayerIntegratedGradients(logit, embeddings).attribute(
        input_ids, baselines=baseline, additional_forward_args=(mask,), n_steps=_STEPS, internal_batch_size=_STEPS
    )
    per_token = gradients.sum(-1)[0].detach().float().numpy()
    return [
        (found[0], float(sum(per_token[i] for i in _overlapping(offsets, found.start(), found.end()))))
        for found in _WORD.finditer(text)
    ]


def strongest(scores: Sequence[tuple[str, float]], share: float) -> list[int]:
    """The places of the words that added most, as many as `share` of all, in their order in the passage."""
    count = max(1, round(share * len(scores)))
    return sorted(sorted(range(len(scores)), key=lambda i: -scores[i][1])[:count])


def mark(scores: Sequence[tuple[str, float]], share: float) -> str:
    """The passage with its strongest words in square brackets."""
    chosen = set(strongest(scores, share))
    return " ".join(f"[{word}]" if i in chosen else word for i, (word, _) in enumerate(scores))


def without(scores: Sequence[tuple[str, float]], places: Sequence[int]) -> str:
    """The passage without the words at these places."""
    gone = set(places)
    return " ".join(word for i, (word, _) in enumerate(scores) if i not in gone)


def _overlapping(offsets: Sequence[Sequence[int]], start: int, end: int) -> list[int]:
    return [i for i, (first, last) in enumerate(offsets) if last > first and first < end and last > start]
