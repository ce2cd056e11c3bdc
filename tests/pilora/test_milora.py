"""MiLoRA: routes, skipped experts, the load-balance loss."""

from __future__ import annotations

import pytest
import torch
from tiny import adapted, batch, logits
from torch import Tensor

from pilora.lowrank import LowRankLinear
from pilora.methods.milora import load_balance_loss
from pilora.model import AdaptedModel
from pilora.prompt_state import CACHE_ARGUMENT


def routes(model: AdaptedModel) -> Tensor:
    """(layers, rows, experts) of the pass just made."""
    found = [model.prompt.state.get(int(index), "route") for index in model.parts]
    return torch.stack([route for route in found if route is not None])


def test_each_prompt_uses_three_experts_a_layer_with_weights_that_sum_to_three() -> None:
    model, inputs = adapted(method="milora"), batch()
    logits(model, inputs)
    found = routes(model)
    assert found.shape == (2, 3, 7)
    assert ((found > 0).sum(-1) == 3).all()
    torch.testing.assert_close(found.sum(-1), torch.full((2, 3), 3.0, dtype=torch.float64))


def test_skipped_experts_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    model, inputs = adapted(method="milora"), batch()
    computed: list[int] = []
    inner = LowRankLinear._inner

    def counting(module: LowRankLinear, x: Tensor) -> Tensor:
        computed.append(x.shape[0])
        return inner(module, x)

    monkeypatch.setattr(LowRankLinear, "_inner", counting)
    logits(model, inputs)
    assert sum(computed) == int((routes(model) > 0).sum()) == 2 * 3 * 3, "updates times rows, 3 of 7 in each layer"
    unused = int(((routes(model) > 0).sum(1) == 0).sum())
    assert len(computed) == 2 * 7 - unused


def test_routes_never_change_while_decoding() -> None:
    model, ids = adapted(method="milora"), batch((9, 9), prompt=9)["input_ids"]
    cache, seen = model.new_cache(), []
    with torch.no_grad():
        for tokens in (ids[:, :4], *ids[:, 4:].split(1, dim=1)):
            model(input_ids=tokens, use_cache=True, **{CACHE_ARGUMENT: cache})
            seen.append(routes(model))
    assert all(torch.equal(seen[0], other) for other in seen)


def test_the_balance_loss_is_least_where_the_load_is_even() -> None:
    model = adapted(method="milora", balance=0.5)
    logits(model, batch())
    even = torch.full((7, 7), 1 / 7, dtype=torch.float64)
    shifted = torch.stack([torch.eye(7, dtype=torch.float64).roll(k, 0)[:3].sum(0) for k in range(7)])
    skewed = torch.zeros(7, 7, dtype=torch.float64)
    skewed[:, :3] = 1
    for index in model.parts:
        model.prompt.state.put(int(index), {"route": shifted, "probability": even})
    assert float(load_balance_loss(model)) == pytest.approx(0.5)
    for index in model.parts:
        model.prompt.state.put(int(index), {"route": skewed, "probability": skewed / 3})
    assert float(load_balance_loss(model)) == pytest.approx(0.5 * 7 / 3)


def test_the_balance_loss_reaches_the_router() -> None:
    model = adapted(method="milora").train()
    inputs = batch()
    model(**{key: inputs[key] for key in ("input_ids", "attention_mask", "prompt_mask")}, use_cache=False)
    load_balance_loss(model).backward()
    for part in model.parts.values():
        assert part.weight.grad.abs().sum() > 0  # type: ignore[union-attr]
