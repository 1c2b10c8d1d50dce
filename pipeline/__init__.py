"""How do authors frame international relations?

>>> import pipeline
>>> classifier = pipeline.load()                                    # doctest: +SKIP
>>> classifier.classify(["The junior partner was seated last."])    # doctest: +SKIP
[Prediction(probabilities=(...), frames=('status',), contested=(), ...)]
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.model.classifier import Classifier

__all__ = ["load"]


def load(
    folder: Path = Path("models/framing"), encoder: Path = Path("models/encoder"), precision: str = "auto"
) -> "Classifier":
    """Load the trained classifier.

    Args:
        folder: what training added.
        encoder: the pretrained encoder that it stands on (`dvc repro encoder` makes it).
        precision: `bf16`, `fp32`, or `auto`: bf16 where the processor multiplies it natively.

    Raises: ModelError if a part is absent, broken or made for another encoder.
    """
    from pipeline.model.classifier import load_classifier

    return load_classifier(folder, encoder, precision)
