"""The bi-level step."""

from __future__ import annotations

import json

import pytest
import torch
from tiny import adapted, batch, perturb
from torch import Tensor

from pilora.bilevel import BilevelSchedule
from pilora.loss import response_loss
from pilora.methods import METHODS
from pilora.model import AdaptedModel

TWO_LEVELS = ("pedro", "milora")


def schedule_of(method: str, **config: float) -> tuple[AdaptedModel, BilevelSchedule]:
    model = adapted(method=method, perturbed=False, **config)
    perturb(model, strength=0.1)
    make = METHODS[method].schedule
    schedule = make(model, [batch(seed=seed) for seed in (3, 4)]) if make else None
    if not isinstance(schedule, BilevelSchedule):
        raise TypeError(method)
    return model, schedule


def values(model: AdaptedModel) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.adapter_state().items()}


@pytest.mark.parametrize("method", TWO_LEVELS)
def test_a_step_of_the_upper_level_moves_the_activation_alone(method: str) -> None:
    model, schedule = schedule_of(method, upper_learning_rate=1e-2)
    before = values(model)
    schedule.step()
    for name, tensor in values(model).items():
        assert torch.equal(tensor, before[name]) == (".activation." not in name), name
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("method", TWO_LEVELS)
def test_the_lower_level_does_not_hold_the_upper_parameters(method: str) -> None:
    model, schedule = schedule_of(method)
    response_loss(model.train(), batch())[0].backward()
    assert all(parameter.grad is None for parameter in schedule.upper)
    assert not {id(p) for p in model.parameters() if p.requires_grad} & {id(p) for p in schedule.upper}


def test_steps_lower_the_held_out_loss_and_are_counted() -> None:
    _, schedule = schedule_of("pedro", upper_learning_rate=3e-2)
    losses = [schedule.step() for _ in range(30)]
    assert sum(losses[-4:]) < sum(losses[:4])
    assert (schedule.steps, schedule.tokens) == (30, 30 * (9 + 6 + 4))


def test_it_goes_on_exactly_where_it_was_cut_off() -> None:
    whole_model, whole = schedule_of("milora", upper_learning_rate=1e-2)
    expected = [whole.step(seed=1) for _ in range(5)]
    model, first = schedule_of("milora", upper_learning_rate=1e-2)
    found = [first.step(seed=1) for _ in range(3)]
    second = BilevelSchedule(model, first.upper, first.held_out)
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    found += [second.step(seed=1) for _ in range(2)]
    assert found == expected
    assert all(torch.equal(one, other) for one, other in zip(first.upper, whole.upper, strict=True))
    assert (second.steps, second.tokens) == (whole.steps, whole.tokens)
    assert whole_model.adapter_config == model.adapter_config
