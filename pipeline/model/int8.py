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
        rows, scale = _rounded(x)
        product = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, _ZERO, self.packed, self.scales, self.zeros, None, 1.0, 0, torch.bfloat16, "none", [], ""
        )
        return torch.addcmul(self.bias, product, scale).view(*x.shape[:-1], self.out_features)


class _Last(threading.local):
    """What was rounded last, by thread: queries, keys and values are maps of the same states."""

    states: Tensor | None = None
    rounded: tuple[Tensor, Tensor] | None = None


_last = _Last()


def _rounded(x: Tensor) -> tuple[Tensor, Tensor]:
    """Bytes, shape (n_tokens, in_features), and the scale of each token, shape (n_tokens, 1)."""
    if _last.rounded is None or _last.states is not x:
        rows = x.reshape(-1, x.shape[-1])
        low, high = torch.aminmax(rows, dim=-1, keepdim=True)
        scale = torch.maximum(high, -low).float().clamp(min=1e-8) / _MOST
        # Truncation to bytes rounds down, so a half goes with the zero.
        found = (rows.float() * (1 / scale)).add_(_ZERO + 0.5).to(torch.uint8)
        _last.states, _last.rounded = x, (found, scale.to(torch.bfloat16))
    return _last.rounded
