"""Bootstrap samples of passages that are not independent: neighbours share an argument, a document an author."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int_]


def cluster_resamples(
    documents: Sequence[str], resamples: int, block_passages: int, rng: np.random.Generator
) -> list[Rows]:
    """Row numbers of bootstrap samples: documents drawn with replacement, then blocks of neighbours within each.

    With one document that is the block bootstrap, with one passage a document the plain one.

    Args:
        documents: the document of each passage, in order.
        block_passages: length of a block; the last of a document may be shorter.
    """
    groups: dict[str, list[int]] = {}
    for row, document in enumerate(documents):
        groups.setdefault(document, []).append(row)
    blocks = [
        [np.array(rows[start : start + block_passages]) for start in range(0, len(rows), block_passages)]
        for rows in groups.values()
    ]
    samples = []
    for drawn in rng.integers(0, len(blocks), (resamples, len(blocks))):
        rows = [own[i] for own in (blocks[d] for d in drawn) for i in rng.integers(0, len(own), len(own))]
        samples.append(np.concatenate(rows))
    return samples
