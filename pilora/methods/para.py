"""PARA (arXiv 2502.01033): prompt-aware vectors with a fixed activation, trained in one level.

[P] a generator in every layer makes vectors from the prompt that scale Q, V and U. [R] GeLU as the fixed activation,
and training in one level; targets, bottleneck and pooler as PEDRO.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pilora.methods.method import Method
from pilora.model import AdaptedModel
from pilora.vector_generator import VectorConfig, install_vectors


class PARAConfig(VectorConfig):
    """PARA: see `VectorConfig`."""

    method: Literal["para"] = "para"


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    config = model.adapter_config
    if not isinstance(config, PARAConfig):
        raise TypeError("the model's configuration is not a PARAConfig")
    install_vectors(model, config, "gelu")


PARA = Method("para", PARAConfig, _install)
