"""What a training takes of a device's memory, from one pass over the model's shapes: nothing is loaded or computed.

The pass runs on PyTorch's meta device and counts what is kept for the backward pass, so it holds for every
architecture and method that runs there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor, nn

from pilora import attach
from pilora.checkpoint import backbone_parameters, quantised_weights
from pilora.errors import PiloraError
from text2mdt.errors import Text2MDTError
from text2mdt.models.backbone import NF4
from text2mdt.models.training_dtype import training_dtype
from text2mdt.training_config import TrainingConfig

RESPONSE_SHARE = 0.5
"""Share of a batch's tokens that are answers, and so have logits; of outlines it is 0.43."""
_BLOCK = 64
_NF4_BYTES = 0.5 + 4 / _BLOCK
"""Of a weight: 4 bits, and a float32 scale for each block (bitsandbytes, without double quantisation)."""
_TRAINED_BYTES = 4 * 4
"""Of a parameter of the adapter: value, gradient and Adam's two moments in float32."""
_ATTENTION = "text2mdt_counted"


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes.

    Attributes:
        weights: of the frozen backbone.
        adapter: trained parameters with gradients and moments.
        activations: what the layers keep for the backward pass, and as much as one of them again to work in.
        logits: of the answers' tokens.
    """

    weights: int
    adapter: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """Without what the driver and the allocator take, about 1 GB on CUDA."""
        return self.weights + self.adapter + self.activations + self.logits


def training_memory(config: TrainingConfig, shape: Any) -> TrainingMemory:
    """The memory of a training.

    Args:
        config: of the run; its model is not looked at.
        shape: the model's configuration, as `transformers.AutoConfig` gives it.

    Raises:
        PiloraError: PIL001, PIL002, PIL007, PIL010, PIL017 for an adapter that does not fit.
        Text2MDTError: T2M046 where the method cannot be followed without values, as those that look at the prompt.
    """
    return _memory(config, shape, *_pass(config, shape))


def _pass(config: TrainingConfig, shape: Any) -> tuple[Any, int]:
    """The adapted model on the meta device, and the bytes that its layers keep."""
    try:
        model = _on_meta(config, shape, _dtype(config))
        rows = ceil(config.training.batch_tokens / config.data.max_tokens)  # as few and long as can be
        return model, _kept_by_layers(model, rows, config.training.batch_tokens // rows)
    except (NotImplementedError, RuntimeError, PiloraError) as error:
        if isinstance(error, PiloraError) and error.code != "PIL014":  # SPT knows which attention it can split
            raise
        detail = str(error).splitlines()[0]
        raise Text2MDTError("T2M046", method=config.adapter.get("method"), detail=detail) from error


def _memory(config: TrainingConfig, shape: Any, model: Any, layers: int) -> TrainingMemory:
    kept_in, text = _dtype(config), shape.get_text_config()
    tokens, size = config.training.batch_tokens, kept_in.itemsize
    one = layers // text.num_hidden_layers
    if config.training.gradient_checkpointing:
        layers = text.num_hidden_layers * tokens * text.hidden_size * size + one
    return TrainingMemory(
        weights=_weights(model, config.dtype, kept_in),
        adapter=_TRAINED_BYTES * model.trainable_parameters(),
        activations=layers + one,
        logits=int(RESPONSE_SHARE * tokens) * text.vocab_size * size,
    )


HEADER = ("weights in", "recompute", "weights", "adapter", "activations", "logits", "total")
"""Of `memory_rows`."""


def memory_rows(config: TrainingConfig, shape: Any) -> list[tuple[str, ...]]:
    """The memory of a training in GiB, as it is configured (*) and with the other ways to save some; for tables.

    Args:
        config, shape: as `training_memory`.

    Raises:
        PiloraError, Text2MDTError: as `training_memory`.
    """
    rows = []
    passes: dict[torch.dtype, tuple[Any, int]] = {}
    own = training_dtype(config.dtype, config.device)
    for dtype in dict.fromkeys((own, NF4)):
        one = config.model_copy(update={"dtype": dtype})
        if (computed_in := _dtype(one)) not in passes:
            passes[computed_in] = _pass(one, shape)
        for checkpointing in (False, True):
            options = {"gradient_checkpointing": checkpointing}
            training = config.training.model_copy(update=options)
            found = _memory(one.model_copy(update={"training": training}), shape, *passes[computed_in])
            parts = (found.weights, found.adapter, found.activations, found.logits, found.total)
            chosen = dtype == own and checkpointing == config.training.gradient_checkpointing
            name = f"{dtype} *" if chosen else dtype
            rows.append((name, "yes" if checkpointing else "no", *(f"{part / 2**30:.1f}" for part in parts)))
    return rows


def _dtype(config: TrainingConfig) -> torch.dtype:
    """Of what is computed."""
    return torch.bfloat16 if config.dtype == NF4 else getattr(torch, training_dtype(config.dtype, config.device))


def _on_meta(config: TrainingConfig, shape: Any, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM

    with torch.device("meta"), _counted_attention():
        own = deepcopy(shape)  # a model notes its attention there
        backbone = AutoModelForCausalLM.from_config(own, dtype=dtype)
        if backbone.config._attn_implementation != "eager":  # Gemma 2 has no other, and keeps a number a pair of tokens
            backbone.set_attn_implementation(_ATTENTION)
        return attach(backbone, config.adapter).train()


def _weights(model: Any, dtype: str, kept_in: torch.dtype) -> int:
    in_four_bits = quantised_weights(model) if dtype == NF4 else set()
    return int(
        sum(
            parameter.numel() * (_NF4_BYTES if name in in_four_bits else kept_in.itemsize)
            for name, parameter in backbone_parameters(model).items()
        )
    )


def _kept_by_layers(model: Any, rows: int, tokens: int) -> int:
    """Bytes that a pass over rows of so many tokens keeps for the backward pass, each storage once, without weights."""
    own = {tensor.untyped_storage()._cdata for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, Any] = {}  # the storage itself too, else another one may come to lie at its address

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage
        return tensor

    ids = torch.zeros((rows, tokens), dtype=torch.long, device="meta")
    marked = {"prompt_mask": torch.ones_like(ids)} if model.prompt_aware else {}
    marked["attention_mask"] = torch.ones((rows, 1, tokens, tokens), device="meta")  # one made here would read values
    with _counted_attention(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(input_ids=ids, use_cache=False, logits_to_keep=1, **marked)
    return sum(storage.nbytes() for storage in kept.values())


class _Attention(torch.autograd.Function):
    """Keeps what a fused attention keeps: queries, keys, values, the result, and a number a query and head."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        result = torch.empty_like(query.transpose(1, 2), memory_format=torch.contiguous_format)
        sums = query.new_empty(query.shape[:-1], dtype=torch.float32)
        ctx.save_for_backward(query, key, value, result, sums)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise NotImplementedError("this attention is for counting memory only")


@contextmanager
def _counted_attention() -> Iterator[None]:
    """Makes the attention known to transformers while open."""
    from transformers import AttentionInterface

    def attention(module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> tuple[Any, None]:
        return _Attention.apply(query, key, value), None

    AttentionInterface.register(_ATTENTION, attention)
    try:
        yield
    finally:
        AttentionInterface._global_mapping.pop(_ATTENTION, None)
