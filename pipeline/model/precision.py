"""In which numbers passages are read: what can be wished, and what this processor then gets."""

from enum import StrEnum

from pipeline.errors import ModelError


class Precision(StrEnum):
    """`auto` is the fastest here that decides as fp32 does: mixed where the processor multiplies bytes and bf16, else
    bf16 where it multiplies that, else fp32.

    mixed reads in int8 and, where a decision comes out close, once more in bf16. int8 alone is not chosen by itself: it
    fails the guard that tests/test_trained_model.py holds the others to.
    """

    AUTO = "auto"
    MIXED = "mixed"
    INT8 = "int8"
    BF16 = "bf16"
    FP16 = "fp16"  # on a GPU
    FP32 = "fp32"


def chosen_precision(wished: str) -> Precision:
    """What was wished, or the fastest here that decides as fp32 does.

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
    if precision in (Precision.INT8, Precision.MIXED) and not multiplies_bytes():
        raise ModelError(f"{precision} needs a processor with dot products of bytes (VNNI); use --precision auto")
    if precision != Precision.AUTO:
        return precision
    return Precision.MIXED if multiplies_bytes() and multiplies_bf16() else even_precision()


def even_precision() -> Precision:
    """bf16 where the processor multiplies it, else fp32: every passage is read alike."""
    from pipeline.model.network import multiplies_bf16

    return Precision.BF16 if multiplies_bf16() else Precision.FP32
