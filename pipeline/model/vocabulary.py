"""How plainly a passage names a frame.

The written passages say things by concrete detail, with few tell-tale words; real authors name what they argue with.
What the network did not learn to weigh is counted here, and the calibration learns from real texts what it is worth.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.frames import FRAMES, LABELS

Array = npt.NDArray[np.float64]

# What an analyst with a search box would look for.
KEYWORDS = {
    "realist": r"realis[tm]|realpolitik|power|interests?|balanc\w+|hedg\w+|leverag\w+|deterr\w+|allianc\w+|securit\w+",
    "identity": r"identit\w+|values?|civili[sz]ation\w*|ideolog\w+|norms?|democra\w+|religio\w+|belie\w+|cultur\w+",
    "status": r"status|prestige|rank\w*|respect|equal\w*|hierarch\w+|junior|honou?r\w*|recogni\w+|great power\w*",
    "memory-politics": r"memor\w+|commemorat\w+|anniversar\w+|histor\w+|museum\w*|textbook\w*|humiliat\w+|apolog\w+",
}
REJECTION = r"not|cannot|fails?|insufficient\w*|mislead\w+|misses|wrong|mistak\w+|rather than|hardly|yet|however"


def naming(texts: Sequence[str]) -> Array:
    """Logarithms of one plus the counts of `count_keywords`, shape (n_texts, 8)."""
    logarithms: Array = np.log1p(count_keywords(texts))
    return logarithms


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
