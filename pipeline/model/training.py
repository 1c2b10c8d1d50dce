"""Fine-tune the network on hand-labelled passages."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from datasets import Dataset
from peft.helpers import disable_input_dtype_casting
from torch import Tensor, nn
from tqdm.auto import tqdm
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from pipeline.frames import LABELS
from pipeline.labels.targets import smoothed_targets, targets
from pipeline.model.averaging import AveragedWeights
from pipeline.model.contrastive import ContrastiveTrainer
from pipeline.model.familiarity import fit_familiarity
from pipeline.model.network import (
    FramingNetwork,
    FrozenLayers,
    adapt,
    layer_number,
    load_encoder,
    mean_pool,
    multiplies_bf16,
    pad,
    tokenize,
)
from pipeline.model.trained import Trained
from pipeline.params import TrainParams
from pipeline.records import WrittenPassage

Log = Callable[[dict[str, float]], None]


def train(
    passages: Sequence[WrittenPassage],
    validation: Sequence[WrittenPassage],
    encoder_folder: Path,
    params: TrainParams,
    scratch: Path,
    log: Log = lambda values: None,
) -> Trained:
    """Fine-tune low-rank adapters and a head; the seed decides everything that chance has a part in.

    The layers below the adapters never change, so they run once per passage, not once per epoch.

    Args:
        validation: passages whose loss is logged after every epoch; they decide nothing here, and may be none.
        scratch: a folder that the trainer may write to.
        log: called with `step`, `epoch` and losses as they come.
    """
    if not multiplies_bf16():
        params = params.model_copy(update={"precision": "fp32"})
    set_seed(params.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    tokenizer = AutoTokenizer.from_pretrained(encoder_folder, local_files_only=True)
    network = _network(encoder_folder, params)
    frozen = FrozenLayers(network.encoder, params)
    low_precision = torch.autocast("cpu", torch.bfloat16, enabled=params.precision == "bf16")
    with low_precision:
        rows = _rows(passages, tokenizer, frozen, params)
        held_out = _rows(validation, tokenizer, frozen, params)
    upper, collator = _Upper(network, frozen), _Collator(int(tokenizer.pad_token_id or 0))
    # Autocast gives each map the numbers it multiplies; adapters would first cast their inputs to fp32 and so back.
    with frozen.skipped(), disable_input_dtype_casting(upper, active=params.method == "lora"):
        if params.contrastive_steps:
            ContrastiveTrainer(
                model=upper,
                args=_arguments(params, scratch, params.contrastive_steps, logged=False),
                train_dataset=rows,
                data_collator=collator,
                optimizers=(_optimizer(network, params), None),
            ).train()
        trainer = _FramingTrainer(
            model=upper,
            args=_arguments(params, scratch, params.epochs * -(-len(rows) // params.batch_size), logged=bool(held_out)),
            train_dataset=rows,
            eval_dataset=held_out,
            data_collator=collator,
            optimizers=(_optimizer(network, params), None),
            callbacks=[AveragedWeights(params.averaged_share), _LogCallback(log)],
        )
        trainer.positive_weight = positive_weight(
            targets([passage.label for passage in passages]), params.positive_weight
        )
        trainer.train()
    _round_to_half(network)
    return Trained(network.eval(), tokenizer, fit_familiarity(rows.features))


def _network(encoder_folder: Path, params: TrainParams) -> FramingNetwork:
    encoder = load_encoder(encoder_folder)
    adapted = adapt(encoder, params)
    if params.precision == "bf16":
        # Frozen maps in bf16 once, else autocast casts them anew for every batch.
        for module in adapted.modules():
            if isinstance(module, nn.Linear) and not module.weight.requires_grad:
                module.to(torch.bfloat16)
    return FramingNetwork(adapted, len(LABELS), scale=params.scale, dropout=params.dropout)


def positive_weight(labels: npt.NDArray[np.float32], power: float) -> Tensor:
    """The ratio of negative to positive passages, per label, to a power: rare labels weigh more, but not in full.

    *Shape:* (n_passages, n_labels) -> (n_labels,)
    """
    positive = labels.sum(0)
    return torch.tensor(((len(labels) - positive) / np.maximum(positive, 1)) ** power, dtype=torch.float32)


class _Upper(nn.Module):
    """The network as the trainer sees it: what the frozen layers gave goes in with the passage."""

    def __init__(self, network: FramingNetwork, frozen: FrozenLayers) -> None:
        super().__init__()
        self.network = network
        self.frozen = frozen

    def forward(self, input_ids: Tensor, attention_mask: Tensor, states: Tensor) -> Tensor:
        self.frozen.give(states)
        logits: Tensor = self.network(input_ids, attention_mask)
        return logits

    def pooled(self, input_ids: Tensor, attention_mask: Tensor, states: Tensor) -> Tensor:
        """Mean-pooled vectors, shape (batch_size, width)."""
        self.frozen.give(states)
        hidden = self.network.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return mean_pool(hidden, attention_mask)


class _FramingTrainer(Trainer):
    positive_weight: Tensor

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Tensor | tuple[Tensor, Any]:
        labels = inputs.pop("labels")
        logits = model(**inputs)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels, pos_weight=self.positive_weight)
        return (loss, {"loss": loss, "logits": logits}) if return_outputs else loss


class _Collator:
    """Pads a batch to its longest passage."""

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Tensor]:
        input_ids, mask = pad([row["input_ids"] for row in rows], self.pad_id)
        states = torch.zeros(*input_ids.shape, rows[0]["states"].shape[-1])
        for padded, row in zip(states, rows, strict=True):
            padded[: len(row["states"])] = row["states"]
        return {
            "input_ids": input_ids,
            "attention_mask": mask,
            "states": states,
            "labels": torch.tensor([row["labels"] for row in rows], dtype=torch.float32),
        }


class _LogCallback(TrainerCallback):
    def __init__(self, log: Log) -> None:
        self.log = log

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        self.log({"step": state.global_step, **(logs or {})})


class _Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """Tokens and labels from a `datasets.Dataset`, with what the frozen layers made of each passage beside them.

    `states` in half precision, shape (seq_len, width) each; `features` their means, shape (n_passages, width).
    """

    def __init__(self, rows: Dataset, states: list[Tensor], features: npt.NDArray[np.float32]) -> None:
        self.rows, self.states, self.features = rows, states, features

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {**self.rows[index], "states": self.states[index]}


def _rows(
    passages: Sequence[WrittenPassage], tokenizer: PreTrainedTokenizerBase, frozen: FrozenLayers, params: TrainParams
) -> _Rows:
    input_ids = tokenize(tokenizer, [passage.text for passage in passages], params.max_tokens)
    labels = smoothed_targets(passages, params.smoothing).tolist()
    pad_id = int(tokenizer.pad_token_id or 0)
    half = torch.bfloat16 if params.precision == "bf16" else torch.float32
    states: list[Tensor] = [torch.empty(0)] * len(input_ids)
    features = np.zeros((len(input_ids), frozen.width), dtype=np.float32)
    by_length = sorted(range(len(input_ids)), key=lambda i: (len(input_ids[i]), i))
    for start in tqdm(range(0, len(by_length), params.batch_size), desc="frozen layers"):
        batch = by_length[start : start + params.batch_size]
        tokens, mask = pad([input_ids[i] for i in batch], pad_id)
        reached = frozen.run(tokens, mask)
        features[batch] = mean_pool(reached, mask).numpy()
        for i, state in zip(batch, reached, strict=True):
            states[i] = state[: len(input_ids[i])].to(half, copy=True)
    return _Rows(Dataset.from_dict({"input_ids": input_ids, "labels": labels}), states, features)


def _arguments(params: TrainParams, scratch: Path, steps: int, *, logged: bool) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(scratch),
        max_steps=steps,
        per_device_train_batch_size=params.batch_size,
        per_device_eval_batch_size=params.batch_size,
        seed=params.seed,
        bf16=params.precision == "bf16",
        use_cpu=True,
        warmup_steps=round(params.warmup_share * steps),
        max_grad_norm=1.0,
        eval_strategy="epoch" if logged else "no",
        save_strategy="no",
        train_sampling_strategy="group_by_length",
        logging_steps=10,
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
    )


def _optimizer(network: FramingNetwork, params: TrainParams) -> torch.optim.Optimizer:
    by_layer: dict[int, list[nn.Parameter]] = {}
    for name, parameter in network.encoder.named_parameters():
        if parameter.requires_grad:
            by_layer.setdefault(layer_number(name) or 0, []).append(parameter)
    top = max(by_layer)  # while frozen layers are left out the others are counted anew
    groups = [
        {"params": own, "lr": params.learning_rate * params.layer_decay ** (top - number)}
        for number, own in by_layer.items()
    ]
    groups.append({"params": list(network.head.parameters()), "lr": params.head_learning_rate})
    return torch.optim.AdamW(groups, weight_decay=params.weight_decay)


def _round_to_half(network: FramingNetwork) -> None:
    """What training added is kept in half precision; round it now, so that what is measured is what is kept."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.requires_grad:
                parameter.copy_(parameter.half().float())
