"""What a method is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from pilora.config import AdapterConfig

if TYPE_CHECKING:
    from pilora.model import AdaptedModel

Batches = Sequence[Mapping[str, Tensor]]


@dataclass(frozen=True)
class Method:
    """A fine-tuning method.

    Attributes:
        name: as `method` in a configuration.
        config: its configuration class.
        install: puts its sites and parts on the backbone of a fresh `AdaptedModel`; gets the model, and the ranks by
            module name where an adapter is loaded (None for a fresh one).
        schedule: makes the Trainer callback that works between optimiser steps, from the model and batches held out
            of the training data; or None.
        auxiliary_loss: what training adds to the loss of a forward pass just made; or None.
    """

    name: str
    config: type[AdapterConfig]
    install: Callable[[AdaptedModel, Mapping[str, int] | None], None]
    schedule: Callable[[AdaptedModel, Batches], Any] | None = None
    auxiliary_loss: Callable[[AdaptedModel], Tensor] | None = None
