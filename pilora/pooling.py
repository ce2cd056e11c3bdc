"""Pooling the hidden states of a prompt to one vector; padding and response tokens never reach it."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

PoolerName = Literal["last", "mean", "max", "attention"]


class Pooler(nn.Module):
    """(rows, tokens, width) and a mask (rows, tokens) to (rows, width), in float32 or wider.

    - `last`: the last prompt token (PEDRO, arXiv 2409.17834).
    - `mean`, `max`: over the prompt tokens.
    - `attention`: `Σ softmax(H q / √width) H` with one learnable query, 0 at the start, so that it begins as the mean
      (MiLoRA, arXiv 2410.18035; the scale by √width is our reading).

    Args:
        name: of the kind.
        width: of the hidden states; `attention` alone has parameters, `width` of them.
    """

    def __init__(self, name: PoolerName, width: int, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__()
        self.name = name
        if name == "attention":
            self.query = nn.Parameter(torch.zeros(width, device=device, dtype=dtype))

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        if self.name == "last":
            places = torch.arange(mask.shape[1], device=mask.device)
            last = (places * mask).argmax(dim=1)
            return _wide(hidden[torch.arange(hidden.shape[0], device=hidden.device), last])
        hidden, column = _wide(hidden), mask.unsqueeze(-1)
        if self.name == "mean":
            return (hidden * column).sum(1) / column.sum(1).clamp(min=1)
        if self.name == "max":
            return hidden.masked_fill(~column, -torch.inf).amax(1)
        scores = (hidden @ self.query.to(hidden.dtype)) / math.sqrt(hidden.shape[-1])
        weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=1)
        return (weights.unsqueeze(1) @ hidden).squeeze(1)

    def extra_repr(self) -> str:
        return self.name


def _wide(hidden: Tensor) -> Tensor:
    return hidden.to(torch.promote_types(hidden.dtype, torch.float32))
