"""What the classifier must beat: nothing at all, a list of keywords, a bag of words, the frozen encoder."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from scipy.special import logit
from transformers import AutoTokenizer

from pipeline.frames import FRAMES, LABELS, PROBABILITY_COLUMNS
from pipeline.labels.bag_of_words import Array, fit_regressions, fit_tfidf
from pipeline.labels.targets import targets
from pipeline.model.network import load_encoder, mean_pool, one_length, pad, tokenize
from pipeline.records import WrittenPassage

BASELINES = ("majority", "keywords", "tfidf", "frozen")
FOLDER = Path("data/baselines")

# The length of the vectors: without it logistic regression would hardly move.
_SCALE = 20.0

Scorer = Callable[[Sequence[str]], Array]

# What an analyst with a search box would look for.
KEYWORDS = {
    "realist": r"realis[tm]|realpolitik|power|interests?|balanc\w+|hedg\w+|leverag\w+|deterr\w+|allianc\w+|securit\w+",
    "identity": r"identit\w+|values?|civili[sz]ation\w*|ideolog\w+|norms?|democra\w+|religio\w+|belie\w+|cultur\w+",
    "status": r"status|prestige|rank\w*|respect|equal\w*|hierarch\w+|junior|honou?r\w*|recogni\w+|great power\w*",
    "memory-politics": r"memor\w+|commemorat\w+|anniversar\w+|histor\w+|museum\w*|textbook\w*|humiliat\w+|apolog\w+",
}
REJECTION = r"not|cannot|fails?|insufficient\w*|mislead\w+|misses|wrong|mistak\w+|rather than|hardly|yet|however"


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


def count_keywords(texts: Sequence[str]) -> Array:
    """How often a frame's keywords stand in each text, and for `contested` beside a word of rejection in one sentence.

    Returns: shape (n_texts, 8).
    """
    counts = np.zeros((len(texts), len(LABELS)))
    for row, text in zip(counts, texts, strict=True):
        for sentence in re.split(r"(?<=[.!?;])\s", text):
            rejects = re.search(rf"\b(?:{REJECTION})\b", sentence, re.IGNORECASE) is not None
            for i, frame in enumerate(FRAMES):
                found = len(re.findall(rf"\b(?:{KEYWORDS[frame]})\b", sentence, re.IGNORECASE))
                row[i] += found
                row[len(FRAMES) + i] += found * rejects
    return counts


def baseline_table(
    documents: Sequence[str],
    passages: Sequence[int],
    decisions: dict[str, tuple[Array, npt.NDArray[np.bool_]]],
) -> pa.Table:
    """One row a passage and baseline: document, passage, baseline, probabilities and decisions in order of `LABELS`."""
    return pa.concat_tables(
        pa.table(
            {
                "baseline": [name] * len(documents),
                "document": list(documents),
                "passage": list(passages),
                **{column: probabilities[:, i].round(4) for i, column in enumerate(PROBABILITY_COLUMNS)},
                "decided": decided.tolist(),
            }
        )
        for name, (probabilities, decided) in decisions.items()
    )


def _logit(probabilities: Array) -> Array:
    raw: Array = logit(np.clip(probabilities, 1e-6, 1 - 1e-6))
    return raw


def _embedder(encoder_folder: Path, max_tokens: int) -> Callable[[Sequence[str]], Array]:
    """Mean-pooled vectors of the pretrained encoder as it is, brought to one length."""
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    encoder = load_encoder(encoder_folder).eval()
    bf16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()

    def embed(texts: Sequence[str]) -> Array:
        rows = tokenize(tokenizer, list(texts), max_tokens)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        vectors = np.zeros((len(rows), int(encoder.config.hidden_size)))  # type: ignore[union-attr,arg-type]
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            for start in range(0, len(order), 16):
                batch = order[start : start + 16]
                tokens, mask = pad([rows[i] for i in batch], int(tokenizer.pad_token_id or 0))
                hidden = encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
                vectors[batch] = one_length(mean_pool(hidden, mask), _SCALE).numpy()
        return vectors

    return embed
