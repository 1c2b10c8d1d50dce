"""What the classifier must beat: nothing at all, a list of keywords, a bag of words, the frozen encoder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.special import logit
from transformers import AutoTokenizer

from pipeline.frames import LABELS
from pipeline.labels.bag_of_words import Array, fit_regressions, fit_tfidf
from pipeline.labels.targets import targets
from pipeline.model.network import load_encoder, mean_pool, multiplies_bf16, one_length, pad, tokenize
from pipeline.model.vocabulary import count_keywords
from pipeline.records import WrittenPassage

# The length of the vectors: without it logistic regression would hardly move.
_SCALE = 20.0

Scorer = Callable[[Sequence[str]], Array]


def scorers(train: Sequence[WrittenPassage], encoder_folder: Path, max_tokens: int) -> dict[str, Scorer]:
    """Each baseline as a function from texts to raw scores, shape (n_texts, 8), learned from the train split."""
    labels = targets([passage.label for passage in train])
    texts = [passage.text for passage in train]
    embed = _embedder(encoder_folder, max_tokens)
    tfidf, frozen = fit_tfidf(texts, labels), fit_regressions(embed(texts), labels, strength=1.0)
    return {
        "majority": lambda wanted: np.full((len(wanted), len(LABELS)), -1.0),
        "keywords": count_keywords,
        "tfidf": lambda wanted: _logit(tfidf(wanted)),
        "frozen": lambda wanted: _logit(frozen(embed(wanted))),
    }


def _logit(probabilities: Array) -> Array:
    raw: Array = logit(np.clip(probabilities, 1e-6, 1 - 1e-6))
    return raw


def _embedder(encoder_folder: Path, max_tokens: int) -> Callable[[Sequence[str]], Array]:
    """Mean-pooled vectors of the pretrained encoder as it is, brought to one length."""
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    encoder = load_encoder(encoder_folder).eval()

    def embed(texts: Sequence[str]) -> Array:
        rows = tokenize(tokenizer, list(texts), max_tokens)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        vectors = np.zeros((len(rows), int(encoder.config.hidden_size)))  # type: ignore[union-attr,arg-type]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=multiplies_bf16()):
            for start in range(0, len(order), 16):
                batch = order[start : start + 16]
                tokens, mask = pad([rows[i] for i in batch], int(tokenizer.pad_token_id or 0))
                hidden = encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
                vectors[batch] = one_length(mean_pool(hidden, mask), _SCALE).numpy()
        return vectors

    return embed
