"""The network: a pretrained encoder with adapters, and a head over the eight labels."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from peft import LNTuningConfig, LoraConfig, get_peft_model
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedTokenizerBase
from transformers.utils import logging

from pipeline.errors import ModelError
from pipeline.params import TrainParams

# Tokens between the widths that batches are padded to: in training, and in reading, which keeps less for each.
TRAINED_WIDTH_STEP, READ_WIDTH_STEP = 32, 16
_LAYER = re.compile(r"\blayers?\.(\d+)\.")


class LabelHead(nn.Module):
    """Logits from two views of a passage, added: the mean over its tokens, and for each label a mean of its own.

    The second weighs tokens by how much they look like what the label is about (label-wise attention, Mullenbach et
    al. 2018): an author rejects an explanation in one clause, and the mean over all tokens drowns it. Both vectors are
    brought to the length `scale`: cosine similarity is what the sentence encoders were trained for, and the scale
    gives logits of a useful size.
    """

    def __init__(self, width: int, n_labels: int, *, scale: float, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(width, n_labels)
        self.query = nn.Linear(width, n_labels, bias=False)
        self.value = nn.Parameter(torch.zeros(n_labels, width))
        self.dropout = nn.Dropout(dropout)
        self.scale = scale
        nn.init.zeros_(self.query.weight)

    def forward(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits of the labels.

        *Shape:* (batch_size, seq_len, width), (batch_size, seq_len) -> (batch_size, n_labels)
        """
        with torch.autocast("cpu", enabled=False):
            hidden = hidden.float()
            mean = one_length(mean_pool(hidden, attention_mask), self.scale)
            look = self.query(hidden).masked_fill(attention_mask.unsqueeze(-1) == 0, float("-inf")).softmax(1)
            own = one_length(torch.einsum("btn,btw->bnw", look, hidden), self.scale)
            logits: Tensor = self.linear(self.dropout(mean)) + (self.dropout(own) * self.value).sum(-1)
        return logits


class FramingNetwork(nn.Module):
    """Encoder and head."""

    def __init__(self, encoder: nn.Module, n_labels: int, *, scale: float, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = LabelHead(int(encoder.config.hidden_size), n_labels, scale=scale, dropout=dropout)  # type: ignore[union-attr,arg-type]

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits of the labels.

        *Shape:* (batch_size, seq_len) twice -> (batch_size, n_labels)
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits: Tensor = self.head(hidden, attention_mask)
        return logits

    def read(self, input_ids: Tensor, attention_mask: Tensor, below: int) -> tuple[Tensor, Tensor]:
        """Logits of the labels, and the mean-pooled states that layer `below` is given.

        *Shape:* (batch_size, seq_len) twice -> (batch_size, n_labels), (batch_size, width)
        """
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        logits = self.head(states.last_hidden_state, attention_mask)
        return logits, mean_pool(states.hidden_states[below], attention_mask)


def one_length(vectors: Tensor, length: float) -> Tensor:
    """The vectors, in the last dimension, brought to one length."""
    return nn.functional.normalize(vectors, dim=-1) * length


def mean_pool(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """The mean over a passage's tokens.

    *Shape:* (batch_size, seq_len, width), (batch_size, seq_len) -> (batch_size, width)
    """
    mask = attention_mask.unsqueeze(-1).float()
    return (hidden.float() * mask).sum(1) / mask.sum(1).clamp(min=1)


def multiplies_bf16() -> bool:
    """Whether this processor multiplies bfloat16 natively; elsewhere it takes several times as long as fp32."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def load_encoder(folder: Path) -> nn.Module:
    """The pretrained encoder from safetensors in a folder, in fp32.

    Raises: ModelError if it is not there.
    """
    if not (folder / "config.json").exists():
        raise ModelError(f"{folder}: no encoder there; make it with `dvc repro encoder`")
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # else it lists the pooling layer that is left out, at every load
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    options = {"use_safetensors": True, "local_files_only": True, "dtype": torch.float32}
    try:
        encoder: nn.Module = AutoModel.from_pretrained(folder, add_pooling_layer=False, **options)
    except TypeError:  # not every architecture has a pooling layer to leave out
        encoder = AutoModel.from_pretrained(folder, **options)
    return encoder


def adapt(encoder: nn.Module, params: TrainParams) -> nn.Module:
    """What learns in the top `params.tuned_layers` layers: low-rank adapters on every linear map, or the maps and
    norms themselves; all else is frozen.

    Raises: ModelError if the encoder has no numbered layers.
    """
    kinds: tuple[type[nn.Module], ...] = (nn.Linear,) if params.method == "lora" else (nn.Linear, nn.LayerNorm)
    maps = [name for name, module in encoder.named_modules() if isinstance(module, kinds)]
    numbers = {name: number for name in maps if (number := layer_number(name)) is not None}
    if not numbers:
        raise ModelError(
            "the encoder has no numbered layers to adapt; choose another with train.encoder in params.yaml"
        )
    lowest = max(numbers.values()) + 1 - params.tuned_layers
    chosen = [name for name, number in numbers.items() if number >= lowest]
    config = (
        LoraConfig(r=params.lora_rank, lora_alpha=2 * params.lora_rank, target_modules=chosen)
        if params.method == "lora"
        else LNTuningConfig(target_modules=chosen)  # by its name for norms, but it tunes any module
    )
    adapted: nn.Module = get_peft_model(encoder, config)
    for module in adapted.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # The layers below are cached without dropout; only the head keeps its own.
    return adapted


def layer_number(name: str) -> int | None:
    """The number of the layer that a module or parameter of this name belongs to, counted from the bottom."""
    found = _LAYER.search(name)
    return int(found[1]) if found else None


def layers_below(depth: int, params: TrainParams) -> int:
    """How many layers of an encoder lie below the lowest adapter."""
    return max(0, depth - params.tuned_layers)


class FrozenLayers:
    """The layers below the lowest adapter: run once for a passage, then left out of every epoch."""

    def __init__(self, encoder: nn.Module, params: TrainParams) -> None:
        self.encoder = encoder
        lists = [m for m in encoder.modules() if isinstance(m, nn.ModuleList) and hasattr(m[0], "forward")]
        depth = int(encoder.config.num_hidden_layers)  # type: ignore[union-attr,arg-type]
        self.layers = next(found for found in lists if len(found) == depth)
        self.below = layers_below(depth, params)
        self.width = int(encoder.config.hidden_size)  # type: ignore[union-attr,arg-type]
        self._states: Tensor | None = None

    @torch.no_grad()
    def run(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What the lowest adapted layer is given.

        *Shape:* (batch_size, seq_len) twice -> (batch_size, seq_len, width)
        """

        def stop(_: nn.Module, args: tuple[Tensor, ...]) -> None:
            raise _ReachedError(args[0])

        training = self.encoder.training
        handle = self.layers[self.below].register_forward_pre_hook(stop)
        try:
            self.encoder.eval()(input_ids=input_ids, attention_mask=attention_mask)
        except _ReachedError as reached:
            return reached.states
        finally:
            handle.remove()
            self.encoder.train(training)
        raise AssertionError("the encoder never reached its adapted layers")

    def give(self, states: Tensor) -> None:
        """The states with which the next forward pass starts at the lowest adapted layer."""
        self._states = states

    @contextmanager
    def skipped(self) -> Iterator[None]:
        """Within: a forward pass leaves out the frozen layers and starts from what was given."""
        layers = list(self.layers)

        def start(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor | None, ...]:
            return (self._states, *args[1:])

        handle = layers[self.below].register_forward_pre_hook(start)
        del self.layers[: self.below]
        try:
            yield
        finally:
            handle.remove()
            del self.layers[:]
            self.layers.extend(layers)


class _ReachedError(Exception):
    def __init__(self, states: Tensor) -> None:
        super().__init__()
        self.states = states


def tokenize(tokenizer: PreTrainedTokenizerBase, texts: list[str], max_tokens: int) -> list[list[int]]:
    """Token numbers of each text, with special tokens, cut to `max_tokens`."""
    if not texts:
        return []  # the tokenizer fails on an empty list
    encoded: list[list[int]] = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
    return encoded


def padded_width(length: int, step: int = TRAINED_WIDTH_STEP) -> int:
    """The width to which a batch is padded whose longest passage has so many tokens.

    A few widths instead of every one: oneDNN compiles and keeps a kernel for each shape that it meets, and a run over
    passages of all lengths would gather gigabytes of them.
    """
    return -(-length // step) * step


def pad(rows: list[list[int]], pad_id: int, step: int = TRAINED_WIDTH_STEP) -> tuple[Tensor, Tensor]:
    """Token numbers and attention mask of a batch.

    Returns: two tensors, shape (batch_size, seq_len) each.
    """
    width = padded_width(max(map(len, rows)), step)
    input_ids = torch.tensor([row + [pad_id] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return input_ids, mask
