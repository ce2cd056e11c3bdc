"""The generators of a tiny SPT model, and gates set by hand."""

from __future__ import annotations

import torch

from pilora.methods.spt import PromptGenerator
from pilora.model import AdaptedModel


def parts(model: AdaptedModel) -> list[PromptGenerator]:
    return [part for part in model.parts.values() if isinstance(part, PromptGenerator)]


@torch.no_grad()
def set_gates(model: AdaptedModel, *gates: float) -> AdaptedModel:
    for part, gate in zip(parts(model), gates, strict=True):
        part.alpha.copy_(torch.tensor(gate).logit())
    return model
