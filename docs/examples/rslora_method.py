"""rsLoRA (Kalajdzievski, 2023, arXiv 2312.03732): LoRA whose scale is `alpha / √rank`, so that high ranks learn too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from pilora.config import LoRAConfig
from pilora.lowrank import LowRankLinear
from pilora.methods import Method
from pilora.model import AdaptedModel, target_names


class RSLoRAConfig(LoRAConfig):
    """As `LoRAConfig`, but for the scale, which is `alpha / √rank`."""

    method: Literal["rslora"] = "rslora"  # type: ignore[assignment]


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    """Wraps every target; `ranks` has the ranks of an adapter that is being loaded."""
    config = model.adapter_config
    if not isinstance(config, RSLoRAConfig):
        raise TypeError("the model's configuration is not an RSLoRAConfig")
    for name in target_names(model.backbone, config.targets):
        rank = config.rank if ranks is None else ranks.get(name, 0)
        base = model.backbone.get_submodule(name)
        model.replace(name, LowRankLinear(base, rank, config.alpha / math.sqrt(config.rank), config.dropout))


RSLORA = Method("rslora", RSLoRAConfig, _install)
