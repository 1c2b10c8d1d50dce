"""Near-duplicate documents: the same op-ed saved twice, or syndicated under another headline."""

import re

from datasketch import MinHash, MinHashLSH

# Jaccard similarity of runs of words from which two documents count as one.
SAME_FROM = 0.7
_RUN_WORDS = 5
_PERMUTATIONS = 128

_WORD = re.compile(r"\w+")


class Twins:
    """The documents seen so far, searched by MinHash (Broder 1997): a few kilobytes a document."""

    def __init__(self) -> None:
        self._seen = MinHashLSH(threshold=SAME_FROM, num_perm=_PERMUTATIONS)
        self._hashes: dict[str, MinHash] = {}

    def find_or_add(self, identity: str, text: str) -> str | None:
        """The id of the most similar document seen before, if one is a near-duplicate; else remember this one.

        Its id must be new. Of several that are equally similar, the first.
        """
        sketch = _sketch(text)
        likeness = {name: sketch.jaccard(self._hashes[name]) for name in self._seen.query(sketch)}
        near = [name for name in self._hashes if likeness.get(name, 0.0) >= SAME_FROM] if likeness else []
        if near:
            return max(near, key=likeness.__getitem__)
        self._hashes[identity] = sketch
        self._seen.insert(identity, sketch, check_duplication=False)
        return None


def _sketch(text: str) -> MinHash:
    words = _WORD.findall(text.casefold())
    runs = {" ".join(words[i : i + _RUN_WORDS]) for i in range(max(1, len(words) - _RUN_WORDS + 1))}
    sketch = MinHash(num_perm=_PERMUTATIONS)
    sketch.update_batch([run.encode() for run in sorted(runs)])
    return sketch
