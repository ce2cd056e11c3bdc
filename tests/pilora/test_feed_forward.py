"""The lean feed-forward: the same numbers to the bit, fewer tensors kept, and undone without a trace."""

from __future__ import annotations

import copy

import pytest
import torch
from tiny import KINDS, adapted, backbone, batch, gradients, logits, plain_loss
from torch import Tensor, nn

from pilora.feed_forward import make_lean, make_plain
from pilora.model import AdaptedModel


def lean_modules(model: nn.Module) -> list[nn.Module]:
    return [module for module in model.modules() if "forward" in module.__dict__]


def pair(kind: str, dtype: torch.dtype) -> tuple[AdaptedModel, AdaptedModel]:
    """The same adapted model, with lean feed-forwards and with the classes' own."""
    lean, plain = adapted(kind, dtype=dtype).train(), adapted(kind, dtype=dtype).train()
    make_plain(plain)
    assert len(lean_modules(lean)) == 2 and not lean_modules(plain)
    return lean, plain


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_values_and_gradients_are_the_same_to_the_bit(kind: str, dtype: torch.dtype) -> None:
    found = []
    for model in pair(kind, dtype):
        loss = plain_loss(model, batch())
        loss.backward()
        found.append((loss.detach(), gradients(model)))
    (lean_loss, lean), (plain_loss_value, plain) = found
    assert torch.equal(lean_loss, plain_loss_value)
    for name, gradient in plain.items():
        assert gradient.abs().max() > 0 and torch.equal(lean[name], gradient), name


def kept_bytes(model: AdaptedModel) -> int:
    """Bytes of the distinct tensors that a pass keeps for its backward pass."""
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = plain_loss(model, batch())
    del loss
    return sum(kept.values())


def test_one_tensor_of_the_inner_width_a_layer_is_not_kept() -> None:
    lean, plain = pair("llama", torch.float32)
    inner = batch()["input_ids"].numel() * 40 * 4
    assert kept_bytes(plain) - kept_bytes(lean) >= 2 * inner


def test_a_deep_copy_computes_with_its_own_parameters() -> None:
    model = adapted()
    before = logits(model, batch())
    other = copy.deepcopy(model)
    for name, module in other.low_rank_modules():
        if name.endswith("gate_proj"):
            module.keep(torch.tensor([], dtype=torch.long))
    assert torch.equal(logits(model, batch()), before)
    assert (logits(other, batch()) - before).abs().max() > 1e-3


def test_merging_leaves_no_trace() -> None:
    merged = adapted().merge()
    assert not lean_modules(merged)


def test_what_is_not_exactly_a_gated_feed_forward_is_left_alone() -> None:
    model = backbone()
    model.model.layers[0].mlp.dropout = nn.Dropout(0.1)
    object.__setattr__(model.model.layers[1].mlp, "forward", lambda x: x)
    make_lean(model)
    assert lean_modules(model) == [model.model.layers[1].mlp]
    make_plain(model)
    assert lean_modules(model) == [model.model.layers[1].mlp]  # not ours to undo
    assert torch.equal(model.model.layers[1].mlp(torch.ones(1)), torch.ones(1))


def test_second_derivatives_are_refused_not_wrong() -> None:
    model = adapted("gemma2")  # its attention has second derivatives
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    first = torch.autograd.grad(plain_loss(model, batch()), parameters, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        torch.stack([gradient.sum() for gradient in first]).sum().backward()
