"""The methods: one file each. A method is its configuration and, where ranks change, a schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from pilora.config import LoRAConfig, PILoRAConfig
from pilora.methods.pi_lora import PathIntegratedSchedule
from pilora.model import AdaptedModel

Batches = Sequence[Mapping[str, Tensor]]


@dataclass(frozen=True)
class Method:
    """A fine-tuning method.

    Attributes:
        config: its configuration class.
        schedule: makes the Trainer callback that changes ranks, from the model and calibration batches; or None.
    """

    config: type[LoRAConfig]
    schedule: Callable[[AdaptedModel, Batches], Any] | None = None


METHODS: dict[str, Method] = {
    "lora": Method(LoRAConfig),
    "pi_lora": Method(PILoRAConfig, PathIntegratedSchedule),
}
"""All methods by name."""
