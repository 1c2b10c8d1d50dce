"""The classifier on a GPU, where there is one: the encoder in half precision, the head in single."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from pipeline.errors import ModelError
from pipeline.model.classifier import Classifier, load_classifier
from pipeline.model.network import FramingNetwork, mean_pool
from pipeline.model.precision import Precision, chosen_precision

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


class DeviceNetwork(FramingNetwork):
    """A network on a device, which takes and gives tensors of the processor."""

    def __init__(self, network: FramingNetwork, device: str, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)
        self.device, self.dtype = torch.device(device), dtype
        self.encoder, self.head = network.encoder.to(self.device), network.head.to(self.device)
        for module in self.encoder.modules():
            if isinstance(module, nn.Linear):
                module.to(dtype)

    def read(self, input_ids: Tensor, attention_mask: Tensor, below: int) -> tuple[Tensor, Tensor]:
        """As `FramingNetwork.read`."""
        ids, mask = input_ids.to(self.device), attention_mask.to(self.device)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            states = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        with torch.autocast(self.device.type, enabled=False):
            logits = self.head(states.last_hidden_state, mask)
        return logits.cpu(), mean_pool(states.hidden_states[below], mask).cpu()


def precision_here(precision: str) -> str:
    """What `auto` is on this node: half precision on a GPU, else the processor's fastest.

    Raises: ModelError for one that this node has not.
    """
    if not torch.cuda.is_available():
        return str(chosen_precision(precision))
    if precision == Precision.AUTO:
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if precision not in _TYPES:
        raise ModelError(f"{precision} is not for a GPU; use --precision {', '.join(_TYPES)} or auto")
    return precision


def load_here(precision: str) -> Classifier:
    """The trained classifier, on a GPU if this process was given one.

    Raises: ModelError if a part is absent or broken, or the precision needs a GPU.
    """
    if torch.cuda.is_available():
        return on_device(load_classifier(precision=Precision.FP32), "cuda", precision)
    return load_classifier(precision=precision)


def on_device(classifier: Classifier, device: str, precision: str) -> Classifier:
    """The classifier with its network on a device; `classifier` must be in fp32, and is used up."""
    network = DeviceNetwork(classifier.network, device, _TYPES[precision]).eval()
    return replace(classifier, network=network, precision=precision)
