"""PEDRO (arXiv 2409.17834): prompt-dependent vectors through a learned activation.

[P] a generator in every layer pools the last prompt token, projects it down to a bottleneck of 12, through a learnable
rational activation, and up to vectors that scale Q, V and U; the activation's coefficients learn on a held-out half of
the training data at a small rate, in turn with the rest (bi-level). [R] the orders of the rational function are
MiLoRA's, its input is RMS-normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from pilora.methods.method import Method
from pilora.model import AdaptedModel
from pilora.vector_generator import VectorConfig, install_vectors


class PEDROConfig(VectorConfig):
    """PEDRO: see `VectorConfig`.

    Attributes:
        held_out: share of the training data on which the activation learns.
        upper_learning_rate: of the activation's coefficients.
        upper_every: optimiser steps between two steps of the activation.
    """

    method: Literal["pedro"] = "pedro"  # type: ignore[assignment]
    held_out: float = Field(0.5, gt=0, lt=1)
    upper_learning_rate: float = Field(1e-4, gt=0)
    upper_every: int = Field(1, ge=1)


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    config = model.adapter_config
    if not isinstance(config, PEDROConfig):
        raise TypeError("the model's configuration is not a PEDROConfig")
    install_vectors(model, config, "rational")


PEDRO = Method("pedro", PEDROConfig, _install)
