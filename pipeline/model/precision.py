"""In which numbers passages are read: what can be wished, and what this processor then gets."""

from enum import StrEnum

from pipeline.errors import ModelError


class Precision(StrEnum):
    """`auto` is the fastest here that decides as fp32 does: bf16 where the processor multiplies it, else fp32.

    int8 is faster and is not chosen by itself: it fails the guard that tests/test_trained_model.py holds the others to.
    """

    AUTO = "auto"
    INT8 = "int8"
    BF16 = "bf16"
    FP16 = "fp16"  # on a GPU
    FP32 = "fp32"


def chosen_precision(wished: str) -> Precision:
    """int8, bf16 or fp32: what was wished, or the fastest that this processor multiplies by itself.

    Raises: ModelError for an unknown one, and for one that needs a GPU or other instructions.
    """
    from pipeline.model.int8 import multiplies_bytes
    from pipeline.model.network import multiplies_bf16

    try:
        precision = Precision(wished)
    except ValueError:
        raise ModelError(f'precision "{wished}": use one of {", ".join(Precision)}') from None
    if precision == Precision.FP16:
        raise ModelError("fp16 needs a GPU; use --precision fp32 or bf16")
    if precision == Precision.INT8 and not multiplies_bytes():
        raise ModelError("int8 needs a processor with dot products of bytes (VNNI); use --precision auto")
    if precision != Precision.AUTO:
        return precision
    return Precision.BF16 if multiplies_bf16() else Precision.FP32
