"""An encoder's linear maps in 8-bit integers: weights by output, activations by token, rounded as they come.

One scale for all tokens would not do: a few channels of a transformer are a hundred times as large as the rest, and
only in some tokens (Dettmers et al. 2022, LLM.int8()). With a scale for each token nothing has to be calibrated.
"""

import threading

import torch
from torch import Tensor, nn

# Unsigned, with the zero in the middle: what the processors' dot products of bytes take.
_ZERO = 128
_MOST = 127


def multiplies_bytes() -> bool:
    """Whether this processor has dot products of bytes (VNNI), which here are about twice as fast as bfloat16."""
    return bool(torch.cpu._is_vnni_supported())


def to_int8(encoder: nn.Module) -> nn.Module:
    """The encoder with its linear maps in 8-bit integers and the rest in bfloat16, changed in place."""
    encoder.to(torch.bfloat16)
    for name, module in list(encoder.named_modules()):
        if isinstance(module, nn.Linear):
            parent, _, own = name.rpartition(".")
            setattr(encoder.get_submodule(parent), own, Int8Linear(module))
    return encoder


class Int8Linear(nn.Module):
    """A linear map for inference; takes and gives bfloat16."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.scales = weight.abs().amax(1).clamp(min=1e-8) / _MOST
        rounded = (weight / self.scales[:, None]).round().to(torch.int8)
        self.packed = torch.ops.onednn.qlinear_prepack(rounded, None)
        self.zeros = torch.zeros(self.out_features, dtype=torch.long)
        self.bias = torch.zeros(()) if linear.bias is None else linear.bias.detach()
        self.bias = self.bias.to(torch.bfloat16)

    def forward(self, x: Tensor) -> Tensor:
        """*Shape:* (..., in_features) -> (..., out_features)"""
        if _last.states is not x:
            _last.states, _last.found = x, to_bytes(x.reshape(-1, x.shape[-1]))
        rows, scale = _last.found
        return torch.addcmul(self.bias, self.product(rows), scale).view(*x.shape[:-1], self.out_features)

    def product(self, rows: Tensor) -> Tensor:
        """The map of bytes, before bias and the tokens' scales.

        *Shape:* (n_tokens, in_features) -> (n_tokens, out_features)
        """
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, _ZERO, self.packed, self.scales, self.zeros, None, 1.0, 0, torch.bfloat16, "none", [], ""
        )
        return found


def to_bytes(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Each row as bytes around `_ZERO`, and its scale.

    *Shape:* (n_tokens, width) -> (n_tokens, width), (n_tokens, 1)
    """
    rows = rows.to(torch.float32, copy=True)
    scale = torch.maximum(rows.amax(-1, keepdim=True), -rows.amin(-1, keepdim=True)).clamp(min=1e-8) / _MOST
    # By way of signed bytes, which torch makes four times as fast as unsigned ones; the sum wraps around.
    found = rows.mul_(1 / scale).round_().to(torch.int8).view(torch.uint8).add_(_ZERO)
    return found, scale.to(torch.bfloat16)


class _Last(threading.local):
    """What was rounded last, by thread: queries, keys and values are maps of the same states."""

    states: Tensor | None = None
    found: tuple[Tensor, Tensor]


_last = _Last()
