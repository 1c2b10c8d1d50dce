"""Bootstrap samples as counts of blocks: documents drawn with replacement, then blocks of neighbours within each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Resamples:
    """How often each block of passages counts in each resample.

    *Shape:* `counts` (n_resamples, n_blocks); `starts`, the first passage of each block, (n_blocks,).
    """

    counts: Array
    starts: npt.NDArray[np.int_]
    passages: int

    def totals(self, flags: npt.NDArray[np.generic]) -> Array:
        """Sum over the passages of each resample; `flags` (n_passages, k) to (n_resamples, k)."""
        sums = np.add.reduceat(flags.astype(np.float64), self.starts, axis=0)
        return np.asarray(self.counts @ sums)

    def sizes(self) -> Array:
        """The passages of each resample, shape (n_resamples, 1)."""
        return self.totals(np.ones((self.passages, 1)))

    def shares(self, flags: npt.NDArray[np.generic]) -> Array:
        """Mean over the passages of each resample; `flags` (n_passages, k) to (n_resamples, k)."""
        return self.totals(flags) / self.sizes()


def resamples(documents: Sequence[str], count: int, block_passages: int, rng: np.random.Generator) -> Resamples:
    """Draw so many resamples of passages that come in runs, a run a document.

    As `pipeline.resampling.cluster_resamples`, all at once: a document that is drawn m times gives m times as many
    blocks as it has.

    Args:
        documents: the document of each passage; passages of a document stand together.
        block_passages: length of a block; the last of a document may be shorter.
    """
    lengths = [len(list(run)) for _, run in groupby(documents)]
    drawn = rng.multinomial(len(lengths), np.full(len(lengths), 1 / len(lengths)), size=count)
    counts, starts, first = [], [], 0
    for times, length in zip(drawn.T, lengths, strict=True):
        blocks = -(-length // block_passages)
        counts.append(rng.multinomial(times * blocks, np.full(blocks, 1 / blocks)))
        starts.append(first + block_passages * np.arange(blocks))
        first += length
    return Resamples(np.concatenate(counts, axis=1).astype(np.float64), np.concatenate(starts), first)
