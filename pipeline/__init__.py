"""How do authors frame international relations?

>>> import pipeline
>>> classifier = pipeline.load()
>>> [found] = classifier.classify(["The delegation of the smaller state was seated last, and took it for a slight."])
>>> found.frames
('status',)
>>> letter = pipeline.Document("letter", "Ships decide who speaks. The rest is ceremony.", authors=("A. Author",))
>>> table = pipeline.classify([letter], classifier)
>>> table.column_names[:6]
['document', 'author', 'title', 'date', 'source', 'passage']

`table.to_pylist()` makes records of it, one a passage.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.params import SegmentParams
from pipeline.records import Document

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.model.classifier import Classifier

__all__ = ["Document", "classify", "load"]


def load(
    folder: Path = Path("models/framing"), encoder: Path = Path("models/encoder"), precision: str = "auto"
) -> "Classifier":
    """Load the trained classifier.

    Args:
        folder: what training added.
        encoder: the pretrained encoder that it stands on (`dvc repro encoder` makes it).
        precision: `bf16`, `fp32` or `int8`, which is faster and less exact; `auto` for bf16 where the processor
            multiplies it, else fp32.

    Raises: ModelError if a part is absent, broken or made for another encoder.
    """
    from pipeline.model.classifier import load_classifier

    return load_classifier(folder, encoder, precision)


def classify(
    documents: Iterable[Document | str], classifier: "Classifier", segment: SegmentParams | None = None
) -> "pa.Table":
    """Cut documents into passages and classify them: one row a passage, the columns of `framing classify --text`.

    Args:
        documents: documents, or their texts; a text has its number for an id.
        segment: how many words a passage has; by default 40 to 160.
    """
    from pipeline.batch.run import classify_documents

    return classify_documents(documents, classifier, segment or SegmentParams())
