"""What each method computes, written out once more from the formulas, slowly and plainly: logits of a bare backbone.

Nothing here comes from `pilora`: only the numbers of an adapter's state are taken over. One row at a time, no padding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

State = dict[str, Tensor]
Ends = tuple[str, ...]


def logits_alone(model: PreTrainedModel, ids: Tensor) -> Tensor:
    """(tokens, vocabulary) of one sequence."""
    with torch.no_grad():
        return model(input_ids=ids.unsqueeze(0), use_cache=False).logits[0]


def low_rank(model: PreTrainedModel, state: State, ids: Tensor, prompt: int, config: dict[str, Any]) -> Tensor:
    """`W + s · B A`, written into the weights."""
    scale = config["alpha"] / config["rank"]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            module = name.removesuffix(".weight")
            if f"{module}.A" in state:
                for a, b in zip(state[f"{module}.A"], state[f"{module}.B"].T, strict=True):
                    parameter += scale * torch.outer(b, a)
    return logits_alone(model, ids)


def rational(x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    top = sum(a[j] * x**j for j in range(7))
    bottom = sum(b[i] * x ** (i + 1) for i in range(5))
    return top / (1 + abs(bottom))


def normalised(x: Tensor) -> Tensor:
    return x / torch.sqrt((x**2).mean() + 1e-6)


def gelu(x: Tensor) -> Tensor:
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def vectors(model: PreTrainedModel, state: State, ids: Tensor, prompt: int, config: dict[str, Any]) -> Tensor:
    """PEDRO, PARA: in every layer `l = 1 + U act(D h)`, h the last prompt token entering it, scales Q, V and U."""
    scales: dict[str, Tensor] = {}

    def generate(index: int) -> Callable[..., None]:
        def hook(layer: Any, args: tuple[Tensor, ...]) -> None:
            part = f"parts.{index}."
            inner = state[part + "down"] @ args[0][0, prompt - 1].double()
            if config["method"] == "pedro":
                a, b = state[part + "activation.numerator"], state[part + "activation.denominator"]
                inner = rational(normalised(inner), a, b)
            else:
                inner = gelu(inner)
            whole, start = 1 + state[part + "up"] @ inner, 0
            for name in ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"):
                width = layer.get_submodule(name).out_features
                scales[f"{index}.{name}"] = whole[start : start + width]
                start += width

        return hook

    def scaled(name: str) -> Callable[..., Tensor]:
        return lambda module, args, output: output * scales[name].to(output.dtype)

    handles = []
    for index, layer in enumerate(model.model.layers):
        handles.append(layer.register_forward_pre_hook(generate(index)))
        for name in ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"):
            handles.append(layer.get_submodule(name).register_forward_hook(scaled(f"{index}.{name}")))
    found = logits_alone(model, ids)
    for handle in handles:
        handle.remove()
    return found


def routed(model: PreTrainedModel, state: State, ids: Tensor, prompt: int, config: dict[str, Any]) -> Tensor:
    """MiLoRA: the three likeliest of a layer's seven updates, each by its probability among the three, times three."""
    scale = config["alpha"] / config["rank"]
    weights: dict[str, float] = {}
    ends = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
    ends += ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")

    def choose(index: int) -> Callable[..., None]:
        def hook(layer: Any, args: tuple[Tensor, ...]) -> None:
            part, hidden = f"parts.{index}.", args[0][0, :prompt].double()
            scores = torch.stack([h @ state[part + "pooler.query"] / math.sqrt(len(h)) for h in hidden])
            shares = torch.exp(scores) / torch.exp(scores).sum()
            pooled = sum(share * h for share, h in zip(shares, hidden, strict=True))
            a, b = state[part + "activation.numerator"], state[part + "activation.denominator"]
            odds = torch.exp(state[part + "weight"] @ rational(normalised(pooled), a, b))
            best = sorted(range(7), key=lambda expert: -odds[expert])[:3]
            for expert, end in enumerate(ends):
                chosen = float(3 * odds[expert] / odds[best].sum()) if expert in best else 0.0
                weights[f"model.layers.{index}.{end}"] = chosen

        return hook

    def updated(name: str) -> Callable[..., Tensor]:
        def hook(module: Any, args: tuple[Tensor, ...], output: Tensor) -> Tensor:
            return output + scale * weights[name] * (args[0] @ state[f"{name}.A"].T @ state[f"{name}.B"].T)

        return hook

    for index, layer in enumerate(model.model.layers):
        layer.register_forward_pre_hook(choose(index))
        for end in ends:
            layer.get_submodule(end).register_forward_hook(updated(f"model.layers.{index}.{end}"))
    return logits_alone(model, ids)


def soft_prompted(model: PreTrainedModel, state: State, ids: Tensor, prompt: int, config: dict[str, Any]) -> Tensor:
    """SPT: in every layer each virtual token, and how far it exists, goes a gate's share of the way to its prompt."""
    decoder, slots = model.model, config["slots"]
    place = torch.arange(-slots, len(ids)).unsqueeze(0)
    with torch.no_grad():
        text = decoder.embed_tokens(ids)
        hidden, exists = torch.cat([torch.zeros(slots, text.shape[1]).to(text), text]), 0.0
        rotation = decoder.rotary_emb(hidden, place)
        for index, layer in enumerate(decoder.layers):
            part = f"parts.{index}."
            gate = 1 / (1 + math.exp(-state[part + "alpha"]))
            exists += gate * (1 - exists)
            tokens = [state[part + "down"] @ h.double() for h in hidden[slots : slots + prompt]]
            for slot in range(slots):
                own = tokens[math.floor(slot * prompt / slots) : math.ceil((slot + 1) * prompt / slots)]
                soft = state[part + "up"] @ gelu(torch.stack(own).mean(0))
                hidden[slot] = (1 - gate) * hidden[slot] + gate * soft
            mask = torch.full((len(hidden), len(hidden)), -math.inf, dtype=hidden.dtype)
            for query in range(len(hidden)):
                for key in range(query + 1):
                    mask[query, key] = math.log(exists) if key < slots <= query else 0
            given = {"position_embeddings": rotation, "position_ids": place}
            hidden = layer(hidden.unsqueeze(0), attention_mask=mask[None, None], **given)[0]
        found: Tensor = model.lm_head(decoder.norm(hidden[slots:]))
    cap = getattr(model.config, "final_logit_softcapping", None)
    return found if cap is None else cap * torch.tanh(found / cap)


REFERENCES = {
    "lora": low_rank,
    "pi_lora": low_rank,
    "alora": low_rank,
    "milora": routed,
    "pedro": vectors,
    "para": vectors,
    "spt": soft_prompted,
}
