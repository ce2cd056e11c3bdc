"""Vectors that scale a layer's modules, generated from its prompt: the part that PEDRO and PARA share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from pilora.config import AdapterConfig
from pilora.model import AdaptedModel, target_names
from pilora.pooling import Pooler, PoolerName
from pilora.prompt_state import ScaledLinear, decoder_layers
from pilora.rational import RationalActivation
from pilora.wrapping import master_dtype

VECTOR_TARGETS = ("q_proj", "v_proj", "up_proj")


class VectorConfig(AdapterConfig):
    """What PEDRO and PARA have in common.

    Attributes:
        bottleneck: width between the two projections (12 in the paper).
        pooler: how the prompt's hidden states become one vector.
        targets: ends of the names of the linear modules whose output is scaled.
    """

    bottleneck: int = Field(12, ge=1)
    pooler: PoolerName = "last"
    targets: tuple[str, ...] = VECTOR_TARGETS


class VectorGenerator(nn.Module):
    """`[l_1 … l_n] = 1 + act(pool(H_p) Wdᵀ) Wuᵀ`, cut to the widths of the modules.

    Up is 0 at the start, so every vector is 1 and the layer computes what it did.

    Shapes: down is (bottleneck, width), up is (sum of the modules' widths, bottleneck); no biases. Gives (rows, out) by
    module.

    Args:
        width: of the hidden states.
        outputs: output width by the name of each module's end.
        activation: `rational` (learned) or `gelu` (fixed).
    """

    def __init__(
        self,
        width: int,
        outputs: Mapping[str, int],
        bottleneck: int,
        pooler: PoolerName,
        activation: Literal["rational", "gelu"],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        super().__init__()
        self.outputs = dict(outputs)
        self.pooler = Pooler(pooler, width, device, dtype)
        self.down = nn.Parameter(torch.empty(bottleneck, width, device=device, dtype=dtype))
        self.up = nn.Parameter(torch.zeros(sum(outputs.values()), bottleneck, device=device, dtype=dtype))
        if not self.down.is_meta:
            nn.init.kaiming_uniform_(self.down, a=5**0.5)
        self.activation = RationalActivation(device, dtype) if activation == "rational" else nn.GELU()

    def forward(self, hidden: Tensor, mask: Tensor) -> dict[str, Tensor]:
        pooled = self.pooler(hidden, mask)
        inner = self.activation(functional.linear(pooled, self.down.to(pooled.dtype)))
        vectors = 1 + functional.linear(inner, self.up.to(inner.dtype))
        return dict(zip(self.outputs, vectors.split(list(self.outputs.values()), dim=1), strict=True))


def install_vectors(model: AdaptedModel, config: VectorConfig, activation: Literal["rational", "gelu"]) -> None:
    """Scales the targets of every decoder layer by vectors that a generator of the layer makes.

    Raises:
        PiloraError: PIL001 when no module matches, PIL010 when a target is no matrix, PIL013 for another kind of
            backbone.
    """
    chosen = set(target_names(model.backbone, config.targets))
    names: dict[nn.Module, str] = {module: name for name, module in model.backbone.named_modules()}
    for index, layer in enumerate(decoder_layers(model.backbone)):
        sites = {}
        for name, module in layer.named_modules():
            full = f"{names[layer]}.{name}"
            if full in chosen:
                sites[full] = module
        outputs = {name.rpartition(".")[2]: int(site.out_features) for name, site in sites.items()}
        weight: Any = next(iter(layer.parameters()))
        width = int(model.config.get_text_config().hidden_size)
        model.parts[str(index)] = VectorGenerator(
            width, outputs, config.bottleneck, config.pooler, activation, weight.device, master_dtype(weight)
        )
        for full, site in sites.items():
            model.replace(full, ScaledLinear(site, model.prompt, index, full.rpartition(".")[2]))
