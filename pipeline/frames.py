"""The four frames, and the eight labels that the classifier predicts."""

from typing import Literal, get_args

Frame = Literal["realist", "identity", "status", "memory-politics"]

FRAMES: tuple[Frame, ...] = get_args(Frame)

# The network's outputs, in this order: the frame is present; the passage's own author contests it.
LABELS: tuple[str, ...] = (*FRAMES, *(f"contested-{frame}" for frame in FRAMES))


def column(label: str) -> str:
    """The name of a label's probability column in tables: `p_contested_memory_politics`."""
    return "p_" + label.replace("-", "_")


PROBABILITY_COLUMNS: tuple[str, ...] = tuple(column(label) for label in LABELS)
