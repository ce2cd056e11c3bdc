"""The loss on the response tokens, without the copies of the logits that the usual way makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from pilora.wrapping import output_layer

_ROWS = 64
"""Rows of logits that are turned to float32 at a time; bounds the working memory."""


def response_loss(model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, int]:
    """Sum of the cross-entropy over the labelled tokens, in nats, and how many they are.

    The output layer runs on the positions that predict a label alone: prompt and padding cost no logits
    (at 49,152 words of vocabulary they are the largest tensors of the whole pass).

    Args:
        model: a causal LM or an `AdaptedModel`.
        batch: `input_ids`, `attention_mask` and `labels` (-100 where there is no label), each (rows, tokens);
            further keys go to the model.
    """
    to_logits = output_layer(model)
    device = next(to_logits.parameters()).device  # batches held out for a schedule may lie elsewhere
    labels = batch["labels"][:, 1:].to(device)
    wanted = labels != -100
    inputs = {key: value.to(device) for key, value in batch.items() if key != "labels"}
    with _only_positions(to_logits, wanted):
        logits = model(**inputs, use_cache=False).logits.squeeze(0)
    loss = _CrossEntropy.apply(logits, labels[wanted])
    return loss, int(wanted.sum())


@contextmanager
def _only_positions(to_logits: nn.Module, wanted: Tensor) -> Iterator[None]:
    """While open, the output layer gets (1, n, width): the n hidden states that are wanted."""

    def select(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden = args[0]
        return (hidden[:, :-1][wanted].unsqueeze(0), *args[1:])

    handle = to_logits.register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()


class _CrossEntropy(torch.autograd.Function):
    """Summed cross-entropy whose forward pass turns the logits into their own gradient, in place.

    The logits (n, vocabulary) have no other reader: the output layer is linear and keeps its input only, and
    soft-capping keeps the tanh, not the product. So no second tensor of that size is needed.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> Tensor:
        total = logits.new_zeros((), dtype=torch.promote_types(logits.dtype, torch.float32))
        needs_gradient = ctx.needs_input_grad[0]
        for start in range(0, logits.shape[0], _ROWS):
            rows = logits[start : start + _ROWS]
            log_probabilities = torch.log_softmax(rows.to(total.dtype), dim=-1)
            chosen = targets[start : start + _ROWS].unsqueeze(1)
            total -= log_probabilities.gather(1, chosen).sum()
            if needs_gradient:
                gradient = log_probabilities.exp_()
                gradient.scatter_add_(1, chosen, gradient.new_full(chosen.shape, -1.0))
                rows.copy_(gradient)
        ctx.save_for_backward(logits)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (logits,) = ctx.saved_tensors
        return logits * gradients[0].to(logits.dtype), None
