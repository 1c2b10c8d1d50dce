"""In which numbers passages are read: what can be wished, and what this processor then gets."""

from enum import StrEnum

from pipeline.errors import ModelError


class Precision(StrEnum):
    """`auto` is the fastest that decides as fp32 does; `native` the fastest of them that has gradients too."""

    AUTO = "auto"
    NATIVE = "native"
    INT8 = "int8"
    BF16 = "bf16"
    FP16 = "fp16"  # on a GPU
    FP32 = "fp32"


def chosen_precision(wished: str) -> Precision:
    """int8, bf16 or fp32: what was wished, or the best of its kind that the processor multiplies by itself.

    Raises: ModelError for an unknown one, and for one that needs a GPU.
    """
    from pipeline.model.int8 import multiplies_bytes
    from pipeline.model.network import multiplies_bf16

    try:
        precision = Precision(wished)
    except ValueError:
        raise ModelError(f'precision "{wished}": use one of {", ".join(Precision)}') from None
    if precision == Precision.FP16:
        raise ModelError("fp16 needs a GPU; use --precision fp32 or bf16")
    if precision not in (Precision.AUTO, Precision.NATIVE):
        return precision
    if not multiplies_bf16():
        return Precision.FP32
    return Precision.INT8 if precision == Precision.AUTO and multiplies_bytes() else Precision.BF16
