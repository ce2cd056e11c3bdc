"""pilora: fine-tunes any Hugging Face causal LM by low-rank updates whose ranks are allocated by importance.

model = attach(backbone, {"method": "pi_lora", "rank": 8})
...                                  # train, with `pilora.training.AdapterTrainer`
save_pretrained(model, "adapter")
model = load(backbone, "adapter")
"""

from __future__ import annotations

from typing import Any

from torch import nn

from pilora.checkpoint import backbone_fingerprint, load, save_pretrained
from pilora.config import LoRAConfig, PILoRAConfig, parse_config
from pilora.errors import CodedError, PiloraError
from pilora.export import export_peft
from pilora.methods import METHODS
from pilora.model import AdaptedModel

__all__ = [
    "METHODS",
    "AdaptedModel",
    "CodedError",
    "LoRAConfig",
    "PILoRAConfig",
    "PiloraError",
    "attach",
    "backbone_fingerprint",
    "export_peft",
    "load",
    "save_pretrained",
]


def attach(backbone: nn.Module, config: LoRAConfig | dict[str, Any]) -> AdaptedModel:
    """A fresh adapter on a backbone, which is changed in place and frozen; it computes what the backbone computes.

    Args:
        backbone: a Hugging Face causal LM.
        config: a method's configuration, or its values with `method`.

    Raises:
        PiloraError: PIL001, PIL002, PIL007, PIL008, PIL010.
    """
    return AdaptedModel(backbone, parse_config(config) if isinstance(config, dict) else config)
