"""A warm-up in SetFit's manner (Tunstall et al. 2022): passages alike in labels become alike in vectors."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import Trainer


class ContrastiveTrainer(Trainer):
    """Brings the cosine similarity of each two passages in a batch to the overlap of their labels."""

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Tensor:
        """Mean squared distance between similarity and overlap, over all pairs of the batch."""
        labels = inputs.pop("labels") > 0.5
        vectors = nn.functional.normalize(model.pooled(**inputs), dim=-1)  # type: ignore[operator]
        pairs = torch.triu_indices(len(labels), len(labels), offset=1)
        return nn.functional.mse_loss((vectors @ vectors.T)[*pairs], overlap(labels)[*pairs])


def overlap(labels: Tensor) -> Tensor:
    """Jaccard similarity of each two rows; two rows without a label are alike.

    *Shape:* (n, n_labels), booleans -> (n, n)
    """
    both = (labels[:, None] & labels[None]).sum(-1)
    either = (labels[:, None] | labels[None]).sum(-1)
    return torch.where(either > 0, both / either.clamp(min=1), 1.0)
