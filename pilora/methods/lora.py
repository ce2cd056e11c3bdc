"""Uniform LoRA (Hu et al., 2021, arXiv 2106.09685): the same rank on every target."""

from __future__ import annotations

from collections.abc import Mapping

from pilora.config import LoRAConfig
from pilora.lowrank import LowRankLinear
from pilora.methods.method import Method
from pilora.model import AdaptedModel, target_names


def install_low_rank(model: AdaptedModel, ranks: Mapping[str, int] | None = None) -> None:
    """Wraps every target of a LoRA-family configuration in a `LowRankLinear`.

    Args:
        model: with a `LoRAConfig`.
        ranks: ranks by module name, 0 where a name is missing; None for `config.start_rank` everywhere.

    Raises:
        PiloraError: PIL001 when no module matches, PIL010 when a target has no matrix.
    """
    config = model.adapter_config
    if not isinstance(config, LoRAConfig):
        raise TypeError("the model's configuration is not a LoRAConfig")
    for name in target_names(model.backbone, config.targets):
        rank = config.start_rank if ranks is None else ranks.get(name, 0)
        base = model.backbone.get_submodule(name)
        model.replace(name, LowRankLinear(base, rank, config.alpha / config.rank, config.dropout))


LORA = Method("lora", LoRAConfig, install_low_rank)
