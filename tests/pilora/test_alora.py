"""ALoRA: scores, the constant budget, growth."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from tiny import adapted, batch, logits, memorise
from torch import Tensor
from transformers import TrainerControl, TrainerState, TrainingArguments

from pilora import importance
from pilora.loss import response_loss
from pilora.methods.alora import AblationSchedule, lowest_ranks, ranks_to_add
from pilora.model import AdaptedModel


def loss_of(model: AdaptedModel, batches: list[dict[str, Tensor]]) -> float:
    with torch.no_grad():
        found = [response_loss(model, inputs) for inputs in batches]
    return float(sum(total for total, _ in found)) / sum(tokens for _, tokens in found)


def test_the_score_is_that_of_ranks_removed_by_hand() -> None:
    model, batches = adapted("qwen2", method="alora", rank=2), [batch(), batch(seed=1)]
    gates = importance.model_gates(model)
    scores = importance.ablation(importance.model_gate_loss(model, batches), gates)
    for name in list(gates)[::3]:
        for rank in range(2):
            without, alone = copy.deepcopy(model), copy.deepcopy(model)
            dict(without.low_rank_modules())[name].keep(torch.tensor([1 - rank]))
            for other, module in alone.low_rank_modules():
                module.keep(torch.tensor([rank] if other == name else []).long())
            # S is minus the loss; S(M) is common to all and left out.
            expected = loss_of(without, batches) - loss_of(alone, batches)
            assert float(scores[name][rank]) == pytest.approx(expected, abs=1e-9)


def test_rounds_keep_the_total_and_move_ranks_to_where_they_save_more() -> None:
    batches = [batch((9, 9, 8), seed=seed) for seed in range(3)]
    model = adapted("llama", method="alora", rank=2, perturbed=False, calibration_records=3)
    memorise(model.train(), batches, steps=60)
    schedule = AblationSchedule(model.eval(), batches)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _ in range(3):
        assert sum(model.ranks().values()) == schedule.budget() == 2 * 14
        loss_before = loss_of(model, batches)
        schedule.round(optimizer, seed=5)
        assert schedule.history[-1]["moved"] > 0
        assert loss_of(model, batches) < loss_before + 2
        held = {id(p) for group in optimizer.param_groups for p in group["params"]}
        assert {id(p) for p in model.parameters() if p.requires_grad} == held
    assert sum(model.ranks().values()) == schedule.budget()
    assert len(set(model.ranks().values())) > 1


def test_growing_leaves_the_function_unchanged() -> None:
    model, inputs = adapted("gemma2", method="alora"), batch()
    before = logits(model, inputs)
    for index, (_, module) in enumerate(model.low_rank_modules()):
        module.grow(index % 3)
    assert torch.equal(logits(model, inputs), before)
    grown = [module for _, module in model.low_rank_modules() if module.rank > 3]
    assert grown and all(module.A[3:].abs().min() > 0 for module in grown)


def test_the_lowest_ranks_go_and_the_others_share_evenly_the_best_first() -> None:
    nan = math.nan
    scores = {"a": [5.0, 1.0], "b": [0.5, 0.2], "c": [9.0, 8.0], "d": [7.0, nan], "e": [nan, nan]}
    tensors = {name: torch.tensor(values) for name, values in scores.items()}
    lost = lowest_ranks(tensors, 5, 6)
    assert lost == {"b": {0, 1}, "a": {0, 1}, "d": {0}}
    assert ranks_to_add(tensors, [*scores, "f"], lost) == {"c": 2, "e": 2, "f": 1}


def test_one_module_always_stays_to_take_the_ranks() -> None:
    tensors = {name: torch.tensor([value]) for name, value in (("a", 1.0), ("b", 2.0), ("c", 3.0))}
    assert lowest_ranks(tensors, 3, 3) == {"a": {0}, "b": {0}}


def test_modules_without_a_rank_can_take_some_and_a_single_module_keeps_its_own() -> None:
    tensors = {name: torch.tensor([value]) for name, value in (("a", 1.0), ("b", 2.0))}
    assert lowest_ranks(tensors, 2, 3) == {"a": {0}, "b": {0}}
    assert lowest_ranks({"a": torch.tensor([1.0, 2.0])}, 1, 1) == {}


def test_reduced_scoring_scores_a_share_and_spares_the_rest() -> None:
    model = adapted("llama", method="alora", rank=2, score_sample=0.5)
    schedule = AblationSchedule(model, [batch()])
    schedule.round(seed=3)
    assert schedule.history[-1]["scored"] == 14
    assert sum(model.ranks().values()) == schedule.budget()


def test_rounds_come_after_the_first_epoch_and_every_quarter(tmp_path) -> None:
    model = adapted("llama", method="alora", rank=1, rounds=3, score_sample=0.1)
    schedule = AblationSchedule(model, [batch()])
    arguments = TrainingArguments(output_dir=str(tmp_path), num_train_epochs=2, use_cpu=True)
    state, seen = TrainerState(), []
    state.max_steps = 16
    for step in range(1, 17):
        state.global_step = step
        before = schedule.rounds_done
        schedule.on_step_end(arguments, state, TrainerControl())
        seen += [step] * (schedule.rounds_done - before)
    assert seen == [8, 10, 12]
