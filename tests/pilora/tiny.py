"""Tiny random decoders, adapters and batches, made by hand for the tests of the engine.

Most checks run in float64. Hugging Face's RMSNorm computes in float32 whatever the model's type, so two ways to the
same number may differ by float32 rounding inside (about 1e-7 relative); `NORM_NOISE` allows for a few layers of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from pilora.config import parse_config
from pilora.model import AdaptedModel

KINDS = ("llama", "qwen2", "gemma2")
VOCABULARY = 61
NORM_NOISE = 2e-6

_SIZES: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def backbone(
    kind: str = "llama", *, seed: int = 0, dtype: torch.dtype = torch.float64, layers: int = 2, spread: float = 0.25
) -> PreTrainedModel:
    """A random causal LM with grouped-query attention; Gemma2 soft-caps its scores and its logits."""
    torch.manual_seed(seed)
    sizes = {**_SIZES, "num_hidden_layers": layers, "initializer_range": spread}
    model: PreTrainedModel
    if kind == "llama":
        model = LlamaForCausalLM(LlamaConfig(**sizes))
    elif kind == "qwen2":
        model = Qwen2ForCausalLM(Qwen2Config(**sizes))
    else:
        caps = {"final_logit_softcapping": 6.0, "attn_logit_softcapping": 3.0}
        config = Gemma2Config(**sizes, **caps, head_dim=8, query_pre_attn_scalar=8, attn_implementation="eager")
        model = Gemma2ForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:  # norms and biases start at a constant
                parameter.add_(0.2 * torch.randn_like(parameter))
    return model.to(dtype).eval()


LOW_RANK = ("lora", "pi_lora", "alora", "milora")
"""The methods with low-rank updates."""


def adapted(
    kind: str = "llama",
    *,
    method: str = "lora",
    rank: int = 3,
    scale: float = 0.7,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
    layers: int = 2,
    perturbed: bool = True,
    **config: Any,
) -> AdaptedModel:
    """An adapter on a tiny backbone, in evaluation mode; all its parameters perturbed, unless told otherwise.

    `rank` and `scale` are for methods with low-rank updates; a `bottleneck` is of `rank`.
    """
    sizes = {"rank": rank, "alpha": scale * rank} if method in LOW_RANK else {"bottleneck": rank}
    values = {"method": method, **sizes, **({"slots": 3} if method == "spt" else {}), **config}
    model = AdaptedModel(backbone(kind, seed=seed, dtype=dtype, layers=layers), parse_config(values))
    if perturbed:
        perturb(model, seed=seed + 1)
    return model.eval()


@torch.no_grad()
def perturb(model: AdaptedModel, *, seed: int = 1, strength: float = 0.3) -> None:
    """Random parameters of the adapter, large enough to change every logit."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        if parameter.requires_grad:
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(strength * noise)


def unequal(model: AdaptedModel) -> AdaptedModel:
    """The model with its ranks cut to 0, 1, 2, ... in turn."""
    for index, (_, module) in enumerate(model.low_rank_modules()):
        module.keep(torch.arange(index % (module.rank + 1)))
    return model


def batch(lengths: Sequence[int] = (9, 6, 4), *, prompt: int = 2, seed: int = 0) -> dict[str, Tensor]:
    """Random rows of the given lengths, padded on the right; labels behind the first `prompt` tokens."""
    generator = torch.Generator().manual_seed(seed)
    shape = (len(lengths), max(lengths))
    ids = torch.randint(3, VOCABULARY, shape, generator=generator)
    place = torch.arange(shape[1]).expand(shape)
    real = place < torch.tensor(lengths).unsqueeze(1)
    return {
        "input_ids": ids.where(real, torch.zeros_like(ids)),
        "attention_mask": real.long(),
        "labels": ids.where(real & (place >= prompt), torch.full_like(ids, -100)),
        "prompt_mask": real & (place < prompt),
    }


def logits(model: torch.nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """The logits of a batch, with no gradient; rows of padding are set to 0, since they mean nothing."""
    marked = isinstance(model, AdaptedModel) and "prompt_mask" in inputs
    keys = ("input_ids", "attention_mask", *(("prompt_mask",) if marked else ()))
    with torch.no_grad():
        out = model(**{key: inputs[key] for key in keys}, use_cache=False).logits
    return out * inputs["attention_mask"].unsqueeze(-1)


def plain_loss(model: torch.nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Summed cross-entropy as everybody writes it, over the full logits."""
    out = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False).logits
    wide = out[:, :-1].to(torch.promote_types(out.dtype, torch.float32))
    return functional.cross_entropy(
        wide.reshape(-1, wide.shape[-1]), inputs["labels"][:, 1:].reshape(-1), ignore_index=-100, reduction="sum"
    )


def gradients(model: AdaptedModel) -> dict[str, Tensor]:
    """Gradients of the adapter by parameter name; zeros where there is none."""
    return {
        name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def memorise(model: AdaptedModel, batches: Sequence[dict[str, Tensor]], steps: int = 120, rate: float = 0.02) -> None:
    """Trains the adapter on the batches, by the plain loss, until it knows them by heart."""
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
    for step in range(steps):
        inputs = batches[step % len(batches)]
        loss = plain_loss(model, inputs) / (inputs["labels"] != -100).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    optimizer.zero_grad()
