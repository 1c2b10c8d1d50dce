"""The mean of the weights over the last steps of training (Izmailov et al. 2018): one set, less of the last batch."""

from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class AveragedWeights(TrainerCallback):
    """Leaves in the model what its trained weights were on average over the last `share` of the steps."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.count = 0
        self.means: dict[str, Tensor] = {}

    @torch.no_grad()
    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any) -> None:
        """Take the weights of this step into the mean; after the last step put the mean in their place."""
        if state.global_step <= (1 - self.share) * state.max_steps:
            return
        self.count += 1
        for name, weight in others["model"].named_parameters():
            if weight.requires_grad:
                mean = self.means.setdefault(name, torch.zeros_like(weight))
                mean += (weight - mean) / self.count
                if state.global_step == state.max_steps:
                    weight.copy_(mean)
