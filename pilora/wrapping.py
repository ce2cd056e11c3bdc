"""Modules that stand in the place of what they wrap, and how they get there."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class WrappedLinear(nn.Module):
    """A linear module with something around it, of the same sizes. It is wrapped, so that it may be quantised.

    Args:
        base: the linear module; needs `in_features`, `out_features` and `weight`.
    """

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base
        self.in_features = int(base.in_features)  # type: ignore[arg-type]
        self.out_features = int(base.out_features)  # type: ignore[arg-type]

    @property
    def weight(self) -> Tensor:
        return self.base.weight  # type: ignore[return-value]


class WrappedModel(nn.Module):
    """A Hugging Face causal LM with something on it, that answers as the model itself.

    Args:
        backbone: the model.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    @property
    def config(self) -> Any:
        return self.backbone.config

    @property
    def generation_config(self) -> Any:
        return self.backbone.generation_config

    @property
    def device(self) -> torch.device:
        return next(self.backbone.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.backbone.parameters()).dtype


def output_layer(model: nn.Module) -> nn.Module:
    """The module that makes the logits, of a model as it is or wrapped."""
    inner: Any = model
    while hasattr(inner, "module"):  # as DistributedDataParallel wraps it
        inner = inner.module
    found: nn.Module = getattr(inner, "backbone", inner).get_output_embeddings()
    return found


def replace_module(model: nn.Module, name: str, module: nn.Module) -> None:
    """Puts a module in the place of the one of this name."""
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, module)


def master_dtype(weight: Tensor) -> torch.dtype:
    """What an adapter's own parameters are kept in beside this weight: float32, or float64 beside float64."""
    return torch.float64 if weight.dtype == torch.float64 else torch.float32
