"""AdaptedModel: a backbone with low-rank updates on its linear modules, used as the backbone itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from pilora.config import LoRAConfig, parse_config
from pilora.errors import PiloraError
from pilora.feed_forward import make_lean, make_plain
from pilora.lowrank import LowRankLinear


class AdaptedModel(nn.Module):
    """Wraps a Hugging Face causal LM; `forward` and `generate` are the backbone's own.

    The backbone is changed in place: each target becomes a `LowRankLinear`, everything else is frozen.

    Args:
        backbone: the model; its parameters are frozen.
        config: the method's configuration.
        ranks: ranks a module by name, where they differ from `config.start_rank` (a loaded adapter).

    Raises:
        PiloraError: PIL001 when no module matches, PIL008 when the backbone already carries an adapter.
    """

    def __init__(self, backbone: nn.Module, config: LoRAConfig, ranks: Mapping[str, int] | None = None) -> None:
        super().__init__()
        if any(isinstance(module, LowRankLinear) for module in backbone.modules()):
            raise PiloraError("PIL008")
        self.backbone = backbone
        self.adapter_config = config
        backbone.requires_grad_(False)
        scale = config.alpha / config.rank
        for name in target_names(backbone, config.targets):
            rank = config.start_rank if ranks is None else ranks.get(name, 0)
            parent, _, child = name.rpartition(".")
            base = backbone.get_submodule(name)
            setattr(backbone.get_submodule(parent), child, LowRankLinear(base, rank, scale, config.dropout))
        make_lean(backbone)

    def forward(self, *args: Any, prompt_mask: torch.Tensor | None = None, **kwargs: Any) -> Any:
        """The backbone's own pass; `prompt_mask` (rows, tokens) is for prompt-aware methods, LoRA needs none."""
        return self.backbone(*args, **kwargs)

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        return self.backbone.generate(*args, **kwargs)  # type: ignore[operator]

    def low_rank_modules(self) -> Iterator[tuple[str, LowRankLinear]]:
        """(name in the backbone, module), in the backbone's order."""
        for name, module in self.backbone.named_modules():
            if isinstance(module, LowRankLinear):
                yield name, module

    def ranks(self) -> dict[str, int]:
        """Ranks by module name."""
        return {name: module.rank for name, module in self.low_rank_modules()}

    def adapter_state(self) -> dict[str, torch.Tensor]:
        """The adapter's tensors by name: `<module>.A` (rank, in) and `<module>.B` (out, rank)."""
        state: dict[str, torch.Tensor] = {}
        for name, module in self.low_rank_modules():
            state[f"{name}.A"] = module.A.detach()
            state[f"{name}.B"] = module.B.detach()
        return state

    def trainable_parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)

    @torch.no_grad()
    def merge(self) -> nn.Module:
        """Adds every update to its weight and returns the backbone, which is then a plain model again.

        Raises:
            PiloraError: PIL011 when a weight is quantised; nothing is merged then.
        """
        modules = list(self.low_rank_modules())
        for name, module in modules:
            if module.rank and not module.base.weight.is_floating_point():  # type: ignore[operator]
                raise PiloraError("PIL011", name=name)
        for name, module in modules:
            base: Any = module.base
            if module.rank:
                base.weight.add_(module.delta().to(base.weight.dtype))
            parent, _, child = name.rpartition(".")
            setattr(self.backbone.get_submodule(parent), child, base)
        make_plain(self.backbone)
        return self.backbone

    def gradient_checkpointing_enable(self, **kwargs: Any) -> None:
        """As the backbone's; inputs must require grad, since every parameter before the first update is frozen."""
        self.backbone.gradient_checkpointing_enable(**kwargs)  # type: ignore[operator]
        self.backbone.enable_input_require_grads()  # type: ignore[operator]

    def gradient_checkpointing_disable(self) -> None:
        self.backbone.gradient_checkpointing_disable()  # type: ignore[operator]

    @property
    def config(self) -> Any:
        return self.backbone.config

    @property
    def device(self) -> torch.device:
        return next(self.backbone.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.backbone.parameters()).dtype


def target_names(backbone: nn.Module, targets: tuple[str, ...]) -> list[str]:
    """Names of the linear modules whose last part is one of the targets.

    Raises:
        PiloraError: PIL001 when there is none, PIL010 when a target has no matrix to adapt.
    """
    names = [name for name, _ in backbone.named_modules() if name.rpartition(".")[2] in targets]
    if not names:
        raise PiloraError("PIL001", type(backbone).__name__, targets=", ".join(targets))
    for name in names:
        module = backbone.get_submodule(name)
        if not (hasattr(module, "in_features") and hasattr(module, "weight")):
            raise PiloraError("PIL010", type(module).__name__, name=name)
    return names


def attach(backbone: nn.Module, config: LoRAConfig | dict[str, Any]) -> AdaptedModel:
    """A fresh adapter on a backbone, which is changed in place and frozen; it computes what the backbone computes.

    Args:
        backbone: a Hugging Face causal LM.
        config: a method's configuration, or its values with `method`.

    Raises:
        PiloraError: PIL001, PIL002, PIL007, PIL008, PIL010.
    """
    return AdaptedModel(backbone, parse_config(config) if isinstance(config, dict) else config)
