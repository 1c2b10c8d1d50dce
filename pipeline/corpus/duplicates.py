"""Near-duplicate texts: the same op-ed saved twice, or syndicated under another headline."""

import re
from collections.abc import Sequence

from datasketch import LeanMinHash, MinHash, MinHashLSH

RUN_WORDS = 5
_PERMUTATIONS = 128

_WORD = re.compile(r"[^\W_]+")


class Sketches:
    """Texts by id, searched for alike ones by MinHash (Broder 1997): a few kilobytes a text.

    Args:
        same_from: Jaccard similarity of runs of words from which two texts are alike.
        run_words: how long a run is.
    """

    def __init__(self, same_from: float, run_words: int) -> None:
        self.same_from, self.run_words = same_from, run_words
        self._index = MinHashLSH(threshold=same_from, num_perm=_PERMUTATIONS)
        self._hashes: dict[str, tuple[int, LeanMinHash]] = {}  # with their numbers

    def alike(self, sketch: LeanMinHash) -> list[str]:
        """The ids of the texts that are like this one, the likest first; of equals, the one seen first."""
        known = ((name, *self._hashes[name]) for name in self._index.query(sketch))
        near = [
            (-likeness, number, name)
            for name, number, it in known
            if (likeness := sketch.jaccard(it)) >= self.same_from
        ]
        return [name for _, _, name in sorted(near)]

    def add(self, identity: str, sketch: LeanMinHash) -> None:
        """Remember a text under an id that is new."""
        self._hashes[identity] = len(self._hashes), sketch
        self._index.insert(identity, sketch, check_duplication=False)

    def sketch(self, text: str) -> LeanMinHash:
        """What is remembered of a text."""
        return _sketch(_WORD.findall(text.casefold()), self.run_words)


class Twins:
    """The documents seen so far, each of which counts once."""

    def __init__(self, same_from: float) -> None:
        self._seen = Sketches(same_from, RUN_WORDS)

    def find_or_add(self, identity: str, text: str) -> str | None:
        """The id of the most similar document seen before, if one is a near-duplicate; else remember this one.

        Its id must be new.
        """
        sketch = self._seen.sketch(text)
        if near := self._seen.alike(sketch):
            return near[0]
        self._seen.add(identity, sketch)
        return None


def _sketch(words: Sequence[str], run_words: int) -> LeanMinHash:
    runs = {" ".join(words[i : i + run_words]) for i in range(max(1, len(words) - run_words + 1))}
    sketch = MinHash(num_perm=_PERMUTATIONS)
    sketch.update_batch([run.encode() for run in sorted(runs)])
    return LeanMinHash(sketch)
