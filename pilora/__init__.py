"""pilora: fine-tunes any Hugging Face causal LM by low-rank updates whose ranks are allocated by importance.

    model = attach(backbone, {"method": "pi_lora", "rank": 8})
    ...                                  # train, with `pilora.training.AdapterTrainer`
    save_pretrained(model, "adapter")
    model = load(backbone, "adapter")

Names are loaded on first use: `import pilora` alone costs neither torch nor transformers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pilora.checkpoint import backbone_fingerprint, load, save_pretrained
    from pilora.config import LoRAConfig, PILoRAConfig
    from pilora.errors import CodedError, PiloraError
    from pilora.export import export_peft
    from pilora.methods import METHODS
    from pilora.model import AdaptedModel, attach

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

_HOMES = {
    "METHODS": "methods",
    "AdaptedModel": "model",
    "CodedError": "errors",
    "LoRAConfig": "config",
    "PILoRAConfig": "config",
    "PiloraError": "errors",
    "attach": "model",
    "backbone_fingerprint": "checkpoint",
    "export_peft": "export",
    "load": "checkpoint",
    "save_pretrained": "checkpoint",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pilora' has no attribute '{name}'")
    value = getattr(import_module(f"pilora.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
