"""PEDRO (arXiv 2409.17834): prompt-dependent vectors through a learned activation.

[P] a generator in every layer pools the last prompt token, projects it down to a bottleneck of 12, through a learnable
rational activation, and up to vectors that scale Q, V and U; the activation's coefficients learn on a held-out half of
the training data at a small rate, in turn with the rest (bi-level). [R] the orders of the rational function are
MiLoRA's, its input is RMS-normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pilora.bilevel import BilevelConfig, learned_activations
from pilora.methods.method import Method
from pilora.model import AdaptedModel
from pilora.vector_generator import VectorConfig, install_vectors


class PEDROConfig(VectorConfig, BilevelConfig):
    """PEDRO: see `VectorConfig` and `BilevelConfig`."""

    method: Literal["pedro"] = "pedro"


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    config = model.adapter_config
    if not isinstance(config, PEDROConfig):
        raise TypeError("the model's configuration is not a PEDROConfig")
    install_vectors(model, config, "rational")


PEDRO = Method("pedro", PEDROConfig, _install, learned_activations)
