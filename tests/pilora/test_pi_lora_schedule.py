"""PI-LoRA's rounds: which ranks go, when, and what is remembered."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tiny import NORM_NOISE, adapted, batch, logits
from transformers import TrainerControl, TrainerState

from pilora import importance
from pilora.methods.pi_lora import PathIntegratedSchedule
from pilora.model import AdaptedModel

BATCHES = [batch((8, 6), seed=3), batch((5, 7), seed=4)]


def start(kind: str = "llama", **config: Any) -> tuple[AdaptedModel, PathIntegratedSchedule]:
    values = {"rank": 2, "start_factor": 2.0, "rounds": 2, "nodes": 2, "targets": ("v_proj", "down_proj"), **config}
    model = adapted(kind, method="pi_lora", **values)
    return model, PathIntegratedSchedule(model, BATCHES)


def cost(model: AdaptedModel) -> int:
    return sum(module.rank * module.cost for _, module in model.low_rank_modules())


def test_one_round_cuts_the_lowest_scores_per_parameter() -> None:
    model, schedule = start(basis="as_trained", rounds=1)
    before = copy.deepcopy(model)
    loss = importance.model_gate_loss(before, BATCHES)
    scores = importance.path_integrated(loss, importance.model_gates(before), nodes=2)
    schedule.round()
    modules, old = dict(model.low_rank_modules()), dict(before.low_rank_modules())
    places = [(float(score) / old[name].cost, name, i) for name, per in scores.items() for i, score in enumerate(per)]
    budget, gone = schedule.budget(), set()
    for _, name, rank in sorted(places):
        if cost(before) - sum(old[n].cost for n, _ in gone) <= budget:
            break
        gone.add((name, rank))
    assert budget == 2 * 2 * ((24 + 12) + (40 + 24)) == cost(before) // 2
    assert cost(model) <= budget < cost(model) + 64
    for name, module in modules.items():
        stay = [rank for rank in range(4) if (name, rank) not in gone]
        assert torch.equal(module.A, old[name].A[stay]) and torch.equal(module.B, old[name].B[:, stay])


def test_the_budget_follows_the_cubic_schedule_and_is_never_exceeded() -> None:
    model, schedule = start(rounds=4, rank=3)
    spent = []
    while not schedule.finished():
        schedule.round()
        spent.append(cost(model))
    assert [entry["budget"] for entry in schedule.history] == [1200 - 600 + b for b in (253, 75, 9, 0)]
    assert all(now <= entry["budget"] < now + 64 for now, entry in zip(spent, schedule.history, strict=True))
    assert schedule.history[-1]["ranks"] == model.ranks()
    assert len(set(model.ranks().values())) > 1


def test_a_round_removes_ranks_and_leaves_the_rest_of_the_function() -> None:
    model, schedule = start("gemma2")
    inputs = batch()
    expected = copy.deepcopy(model)
    for _, module in expected.low_rank_modules():
        assert module.to_svd_basis() is not None
    schedule.round()
    gone = 0
    for name, module in expected.low_rank_modules():
        now = dict(model.low_rank_modules())[name]
        module.gates = torch.tensor([1.0 if any(torch.equal(a, row) for row in now.A) else 0.0 for a in module.A])
        gone += int((module.gates == 0).sum())
    assert gone > 0
    torch.testing.assert_close(logits(model, inputs), logits(expected, inputs), rtol=NORM_NOISE, atol=NORM_NOISE)


def test_history_tells_what_was_saved_and_how_much_the_scores_explain() -> None:
    model, schedule = start(nodes=16)
    loss, ones = importance.model_gate_loss(model, BATCHES), importance.model_gates(model)
    zeros = {name: torch.zeros_like(gate) for name, gate in ones.items()}
    saved = float(loss(zeros) - loss(ones))
    schedule.round()
    entry = schedule.history[0]
    assert abs(saved) > 0.05 and entry["saved"] == pytest.approx(saved, rel=1e-5)
    assert entry["score_sum"] == pytest.approx(saved, rel=1e-2)


def test_scores_are_a_moving_average_of_the_rounds() -> None:
    model, schedule = start(ema=0.25, start_factor=1.0, rounds=3, basis="as_trained")
    schedule.round()
    first = copy.deepcopy(schedule.scores)
    with torch.no_grad():
        for _, module in model.low_rank_modules():
            module.B.mul_(0.5)
    loss = importance.model_gate_loss(model, BATCHES)
    fresh = importance.path_integrated(loss, importance.model_gates(model), nodes=2)
    schedule.round()
    for name, score in schedule.scores.items():
        torch.testing.assert_close(score, 0.25 * first[name] + 0.75 * fresh[name], rtol=1e-6, atol=1e-9)
        assert (score - fresh[name]).abs().max() > 1e-4


def test_remembered_scores_are_cut_along() -> None:
    model, schedule = start()
    schedule.round()
    assert {name: score.shape[0] for name, score in schedule.scores.items()} == model.ranks()
    assert len(set(model.ranks().values())) > 1 or set(model.ranks().values()) != {4}


def test_counting_ranks() -> None:
    model, schedule = start(count="ranks", rounds=1)
    schedule.round()
    assert schedule.budget() == 2 * 4 and sum(model.ranks().values()) == 8


@pytest.mark.parametrize("score", ["path", "end_point", "module_path", "ablation", "random"])
def test_every_rule_reaches_the_budget(score: str) -> None:
    model, schedule = start(score=score, rounds=1)
    schedule.round(seed=1)
    assert cost(model) <= schedule.budget() < cost(model) + 64


def test_the_rules_do_not_all_agree() -> None:
    kept = []
    for score, seed in (("path", 0), ("end_point", 0), ("random", 1), ("random", 2)):
        model, schedule = start(score=score, rounds=1, basis="as_trained")
        schedule.round(seed=seed)
        kept.append([module.A[:, 0].tolist() for _, module in model.low_rank_modules()])
    assert all(one != other for i, one in enumerate(kept) for other in kept[:i])


def test_rounds_come_at_their_steps() -> None:
    model, schedule = start(rounds=3, first_round=0.2, last_round=0.6)
    at = steps_of_rounds(schedule, 10)
    assert at == [2, 4, 6] == [entry["step"] for entry in schedule.history]
    assert cost(model) <= schedule.budget()


def test_a_run_with_fewer_steps_than_rounds_still_reaches_the_budget() -> None:
    model, schedule = start(rounds=3, first_round=0.2, last_round=0.6)
    assert steps_of_rounds(schedule, 2) == [1, 1, 1]
    assert schedule.finished() and cost(model) <= schedule.budget()


def steps_of_rounds(schedule: PathIntegratedSchedule, steps: int) -> list[int]:
    at: list[int] = []
    args: Any = SimpleNamespace(seed=0)
    for step in range(1, steps + 1):
        schedule.on_step_end(args, TrainerState(global_step=step, max_steps=steps), TrainerControl())
        at += [step] * (schedule.rounds_done - len(at))
    return at


def test_the_optimiser_follows_basis_and_cuts() -> None:
    model, schedule = start(rounds=1)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for step in range(3):
        importance.response_loss(model, BATCHES[step % 2])[0].backward()
        optimizer.step()
        optimizer.zero_grad()
    schedule.round(optimizer)
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    found = optimizer.param_groups[0]["params"]
    assert len(wanted) == len(found) and all(one is other for one, other in zip(wanted, found, strict=True))
    assert set(optimizer.state) == set(wanted)
    for parameter, state in optimizer.state.items():
        assert state["exp_avg"].shape == parameter.shape and state["exp_avg_sq"].ge(0).all()
    importance.response_loss(model, BATCHES[0])[0].backward()
    optimizer.step()


def test_first_moments_follow_the_change_of_basis() -> None:
    model, schedule = start(start_factor=1.0)  # nothing is cut
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=0.0)
    importance.response_loss(model, BATCHES[0])[0].backward()
    old = [parameter.grad.clone() for parameter in parameters if parameter.grad is not None]
    optimizer.step()
    schedule.round(optimizer)
    new = torch.autograd.grad(importance.response_loss(model, BATCHES[0])[0], parameters)
    for before, now, parameter in zip(old, new, parameters, strict=True):
        assert (before - now).abs().max() > 1e-2
        # The first moment after one step at rate 0 is 0.1 of the gradient.
        torch.testing.assert_close(optimizer.state[parameter]["exp_avg"], 0.1 * now, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_state_goes_through_json(dtype: torch.dtype) -> None:
    model, schedule = start(rounds=3, dtype=dtype)
    schedule.round()
    state = json.loads(json.dumps(schedule.state_dict()))
    other_model = copy.deepcopy(model)
    other = PathIntegratedSchedule(other_model, BATCHES)
    other.load_state_dict(state)
    assert other.rounds_done == 1 and other.history == schedule.history and not other.finished()
    for name, score in schedule.scores.items():
        assert torch.equal(other.scores[name].to(dtype), score)
    schedule.round()
    other.round()
    for name, score in schedule.scores.items():
        assert torch.equal(other.scores[name], score)
    assert other_model.ranks() == model.ranks()


def test_another_method_is_refused() -> None:
    with pytest.raises(TypeError):
        PathIntegratedSchedule(adapted(), BATCHES)
