"""MiLoRA (arXiv 2410.18035): the LoRA modules of a layer are experts, chosen once for each prompt.

[P] one router a layer pools the prompt's hidden states by attention with a learnable query, then learned activation,
linear map to the layer's modules, softmax, top k = 3; modules that are not chosen are skipped for that prompt, in the
prefill and for every new token; a load-balance loss of weight 1e-2; the activation learns on held-out data at a small
rate; rank 32. [R] a chosen module's update counts by its probability, renormalised over the chosen ones and times k, so
that an even choice is plain LoRA; the loss is averaged over layers; routes are computed in float32.

Another method of this name (arXiv 2406.09044) tunes minor singular components; it is not this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from pilora.bilevel import BilevelConfig, learned_activations
from pilora.config import LoRAConfig
from pilora.methods.lora import install_low_rank
from pilora.methods.method import Method
from pilora.model import AdaptedModel
from pilora.pooling import Pooler, PoolerName
from pilora.prompt_state import Route, decoder_layers
from pilora.rational import RationalActivation


class MiLoRAConfig(LoRAConfig, BilevelConfig):
    """MiLoRA: see the module.

    Attributes:
        top_k: modules of a layer that a prompt uses.
        balance: weight of the load-balance loss.
        pooler: of the prompt's hidden states.
    """

    method: Literal["milora"] = "milora"  # type: ignore[assignment]
    rank: int = Field(32, ge=1)
    alpha: float = Field(64.0, gt=0)
    top_k: int = Field(3, ge=1)
    balance: float = Field(1e-2, ge=0)
    pooler: PoolerName = "attention"


class PromptRouter(nn.Module):
    """Chooses the experts of a layer for each prompt.

    Shapes: weight is (experts, width); gives `route` and `probability`, both (rows, experts). A route is 0 for an
    expert that is not chosen.
    """

    def __init__(
        self, width: int, experts: int, top_k: int, pooler: PoolerName, device: torch.device, dtype: torch.dtype
    ) -> None:
        super().__init__()
        self.top_k = min(top_k, experts)
        self.pooler = Pooler(pooler, width, device, dtype)
        self.activation = RationalActivation(device, dtype)
        self.weight = nn.Parameter(torch.empty(experts, width, device=device, dtype=dtype))
        if not self.weight.is_meta:
            nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, hidden: Tensor, mask: Tensor) -> dict[str, Tensor]:
        inner = self.activation(self.pooler(hidden, mask))
        probability = functional.linear(inner, self.weight.to(inner.dtype)).softmax(dim=-1)
        kept, chosen = probability.topk(self.top_k, dim=-1)
        weights = self.top_k * kept / kept.sum(-1, keepdim=True)
        route = torch.zeros_like(probability).scatter(1, chosen, weights)
        return {"route": route, "probability": probability}


def _install(model: AdaptedModel, ranks: Mapping[str, int] | None) -> None:
    config = model.adapter_config
    if not isinstance(config, MiLoRAConfig):
        raise TypeError("the model's configuration is not a MiLoRAConfig")
    install_low_rank(model, ranks)
    modules = dict(model.low_rank_modules())
    names = {module: name for name, module in model.backbone.named_modules()}
    for index, layer in enumerate(decoder_layers(model.backbone)):
        experts = [module for name, module in modules.items() if name.startswith(f"{names[layer]}.")]
        for column, expert in enumerate(experts):
            expert.route = Route(model.prompt, index, "route", column)
        A: Any = experts[0].A
        width = int(model.config.get_text_config().hidden_size)
        model.parts[str(index)] = PromptRouter(width, len(experts), config.top_k, config.pooler, A.device, A.dtype)


def load_balance_loss(model: AdaptedModel) -> Tensor:
    """`balance · mean over layers of n Σ_i f_i p_i`, of the prompts of the pass just made.

    n is the number of experts, f_i the share of choices that fell on expert i, p_i its mean probability; it is
    `balance` where the load is even, and more where it is not.
    """
    config = model.adapter_config
    if not isinstance(config, MiLoRAConfig):
        raise TypeError("the model's configuration is not a MiLoRAConfig")
    losses = []
    for index in model.parts:
        route, probability = (model.prompt.state.get(int(index), name) for name in ("route", "probability"))
        if route is None or probability is None:
            continue
        chosen = (route.detach() != 0).to(probability.dtype)
        share = chosen.sum(0) / chosen.sum()
        losses.append(probability.shape[1] * (share * probability.mean(0)).sum())
    return config.balance * torch.stack(losses).mean()


MILORA = Method("milora", MiLoRAConfig, _install, learned_activations, load_balance_loss)
