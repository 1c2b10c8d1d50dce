"""Near-duplicates by sketches that were made elsewhere."""

from datasketch import LeanMinHash

from pipeline.corpus.duplicates import RUN_WORDS, Sketches, Twins


class SketchedTwins(Twins):
    """The documents seen so far, each of which counts once; known by their texts or by sketches of these."""

    def find_or_add_sketched(self, identity: str, sketch: LeanMinHash) -> str | None:
        """As `find_or_add`, with what `Sketcher` made of the text."""
        if near := self._seen.alike(sketch):
            return near[0]
        self._seen.add(identity, sketch)
        return None


class Sketcher:
    """Makes sketches, of the kind that `SketchedTwins` know; it remembers none."""

    def __init__(self, same_from: float) -> None:
        self._sketches = Sketches(same_from, RUN_WORDS)

    def __call__(self, text: str) -> LeanMinHash:
        """What is remembered of a text: a kilobyte."""
        return self._sketches.sketch(text)
