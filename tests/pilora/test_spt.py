"""SPT: soft prompts, the search for layers and what is left of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from soft_prompts import parts, set_gates
from tiny import adapted, backbone, batch, gradients, logits
from torch import Tensor
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, TrainingArguments

from pilora.checkpoint import load, load_tensors, save_pretrained, stored_parameters
from pilora.errors import PiloraError
from pilora.loss import response_loss
from pilora.methods.spt import SelectiveSchedule, consistency_loss, pooling_weights
from pilora.model import AdaptedModel, attach
from pilora.training import AdapterTrainer, KeepAdapter


def test_pooling_is_adaptive_average_pooling_over_the_prompt_alone() -> None:
    mask = torch.zeros(4, 12, dtype=torch.bool)
    mask[0, :7] = mask[1, 4:] = mask[2, 3:5] = True  # the last row has no prompt
    hidden = torch.randn(4, 12, 5, dtype=torch.float64)
    found = pooling_weights(mask, 3).double() @ hidden
    for row in range(3):
        expected = functional.adaptive_avg_pool1d(hidden[row, mask[row]].T.unsqueeze(0), 3)[0].T
        torch.testing.assert_close(found[row], expected, rtol=0, atol=1e-6)
    assert (found[3] == 0).all()


def test_gradient_checkpointing_gives_the_same_gradients() -> None:
    found = []
    for checkpointed in (False, True):
        model = adapted(method="spt").train()
        if checkpointed:
            model.gradient_checkpointing_enable()
        response_loss(model, batch())[0].backward()
        found.append(gradients(model))
    for name, gradient in found[0].items():
        torch.testing.assert_close(gradient, found[1][name], rtol=1e-6, atol=1e-9)


def test_parameters_on_the_shape_of_llama_2_7b() -> None:
    """16.8 million, as ALoRA's table states for SPT."""
    sizes: dict[str, Any] = {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32}
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(**sizes))
    chosen = attach(model, {"method": "spt", "layers": tuple(range(0, 32, 4))})
    assert chosen.trainable_parameters() == 2 * 256 * 4096 * 8 == 16_777_216
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(**sizes))
    assert attach(model, {"method": "spt"}).trainable_parameters() == 32 * (2 * 256 * 4096 + 1)


def test_refusals() -> None:
    with pytest.raises(PiloraError, match=r"PIL007.*layers 0 to 1"):
        attach(backbone(), {"method": "spt", "layers": (1, 2)})
    flash = backbone()
    flash.config._attn_implementation = "flash_attention_2"
    with pytest.raises(PiloraError, match=r"PIL014.*flash_attention_2"):
        attach(flash, {"method": "spt"})
    inputs = batch()
    ready = torch.zeros(3, 1, 9, 9, dtype=torch.float64)
    with pytest.raises(PiloraError, match=r"PIL014.*ready-made"):
        adapted(method="spt")(
            input_ids=inputs["input_ids"], attention_mask=ready, prompt_mask=inputs["prompt_mask"], use_cache=False
        )


def searching(layers: int = 4, **config: Any) -> tuple[AdaptedModel, SelectiveSchedule]:
    model = adapted(method="spt", layers=layers, perturbed=False, **config).train()
    return model, SelectiveSchedule(model, [batch(seed=seed) for seed in range(4)])


def test_the_search_runs_with_gates_of_1_and_0_that_have_the_gradient_of_the_gate() -> None:
    model, schedule = searching(start_gate=0.3)
    schedule.mask(seed=0, number=0)
    assert sum(bool(part.kept) for part in parts(model)) == 2
    for part in parts(model):
        part.alpha.requires_grad_(True)
        gate = part.gate()
        gate.backward()
        assert float(gate) == float(bool(part.kept))
        assert float(part.alpha.grad) == pytest.approx(0.7 if part.kept else 0.0)  # type: ignore[arg-type]
    model.eval()
    assert all(float(part.gate()) == pytest.approx(0.3) for part in parts(model))
    drawn = set()
    for number in range(30):
        schedule.mask(seed=0, number=number)
        drawn.add(tuple(bool(part.kept) for part in parts(model)))
    assert len(drawn) == 6


def test_the_upper_step_moves_the_gates_alone() -> None:
    model, schedule = searching()
    before = {name: tensor.clone() for name, tensor in model.adapter_state().items()}
    for _ in range(4):
        schedule.step()
    for name, tensor in model.adapter_state().items():
        assert torch.equal(tensor, before[name]) != name.endswith("alpha"), name
    assert schedule.tokens == 2 * 4 * (9 + 6 + 4)
    assert not any(part.alpha.requires_grad for part in parts(model))


def test_the_gate_of_a_layer_that_harms_falls() -> None:
    """A layer whose prompt is thrown in at random, beside one that was trained."""
    model, schedule = searching(layers=2, upper_learning_rate=0.1, consistency=0.0)
    inputs = batch((9, 9, 9, 9))
    schedule.held_out = [inputs]
    useful, useless = parts(model)
    useful.kept, useless.kept = True, False
    optimizer = torch.optim.Adam([useful.down, useful.up], lr=0.03)
    for _ in range(120):
        optimizer.zero_grad()
        response_loss(model, inputs)[0].backward()
        optimizer.step()
    with torch.no_grad():
        useless.up.normal_(std=3.0)
    for _ in range(30):
        schedule.step()
    assert float(useful.alpha) > 0.3 > -0.3 > float(useless.alpha)
    schedule.select()
    assert list(model.parts) == ["0"]


def mean_consistency(model: AdaptedModel, schedule: SelectiveSchedule, inputs: dict[str, Tensor]) -> float:
    found = []
    for number in range(6):
        schedule.mask(seed=9, number=number)
        response_loss(model, inputs)
        found.append(float(consistency_loss(model)))
    return sum(found) / len(found)


def trained(weight: float) -> tuple[list[float], list[float]]:
    """Consistency loss and task loss, before and after training with the one counted by a weight."""
    torch.manual_seed(0)
    model, schedule = searching(layers=2)
    inputs = batch((9, 8, 7))
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.02)
    gaps, losses = [], []
    for step in range(41):
        if step in (0, 40):
            with torch.no_grad():
                gaps.append(mean_consistency(model, schedule, inputs))
                losses.append(float(response_loss(model, inputs)[0]))
        schedule.mask(seed=0, number=step)
        total, tokens = response_loss(model, inputs)
        optimizer.zero_grad()
        (total / tokens + weight * consistency_loss(model)).backward()
        optimizer.step()
    return gaps, losses


def test_the_consistency_loss_falls_in_training() -> None:
    (before, after), (first, last) = trained(1.0)
    assert 0 < after < 0.5 * before and last < 0.9 * first
    (_, without), _ = trained(0.0)
    assert after < 0.5 * without


def test_the_consistency_loss_is_0_with_all_layers_and_outside_the_search() -> None:
    model, schedule = searching(mask_share=0.0)
    schedule.mask(seed=0, number=0)
    response_loss(model, batch())
    assert float(consistency_loss(model)) == 0.0
    schedule.select()
    response_loss(model, batch())
    assert float(consistency_loss(model)) == 0.0
    assert model.virtual is not None and model.virtual.hidden is None


@pytest.mark.parametrize(("keep", "kept"), [(None, [2]), (2, [0, 2]), (9, [0, 1, 2, 3])], ids=str)
def test_selection_keeps_the_highest_gates(keep: int | None, kept: list[int], tmp_path: Path) -> None:
    model, schedule = searching(keep=keep)
    set_gates(model, 0.6, 0.4, 0.7, 0.4)
    lower = [p for part in parts(model) for p in (part.down, part.up)]
    optimizer = torch.optim.AdamW(lower, lr=0.01)
    hooks = [len(layer._forward_pre_hooks) for layer in model.backbone.model.layers]  # type: ignore[union-attr]
    schedule.mask(seed=0, number=0)
    response_loss(model, batch())[0].backward()
    optimizer.step()
    old = {name: tensor.clone() for name, tensor in model.adapter_state().items()}
    assert not schedule.finished()
    schedule.select(optimizer)
    assert schedule.finished() and [int(index) for index in model.parts] == kept
    assert model.adapter_config.layers == tuple(kept)  # type: ignore[attr-defined]
    assert model.trainable_parameters() == len(kept) * 2 * 3 * 24
    assert {id(p) for p in optimizer.param_groups[0]["params"]} == {
        id(p) for part in parts(model) for p in (part.down, part.up)
    }
    assert not optimizer.state
    for index, layer in enumerate(model.backbone.model.layers):  # type: ignore[union-attr]
        assert len(layer._forward_pre_hooks) == hooks[index] - (index not in kept)
    for name, tensor in model.adapter_state().items():
        assert tensor.isposinf() if name.endswith("alpha") else not torch.equal(tensor, old[name])
    save_pretrained(model, tmp_path)
    loaded = load(backbone(layers=4), tmp_path).eval()
    assert loaded.adapter_config == model.adapter_config
    assert torch.equal(logits(loaded, batch()), logits(model.eval(), batch()))
    assert stored_parameters(tmp_path) == len(kept) * (2 * 3 * 24 + 1)


def test_with_the_layers_given_nothing_is_searched() -> None:
    model = attach(backbone(layers=4), {"method": "spt", "slots": 3, "bottleneck": 3, "layers": [3, 1]})
    assert torch.equal(logits(model, batch()), logits(backbone(layers=4), batch()))
    schedule = SelectiveSchedule(model, [batch()])
    assert schedule.finished() and list(model.parts) == ["1", "3"]
    assert all(float(part.gate()) == 1.0 for part in parts(model))
    assert (logits(model, batch()) - logits(backbone(layers=4), batch())).abs().max() > 1e-3


TRAINING, DEV = ([batch((6 + seed % 4,), prompt=3, seed=seed + base) for seed in range(12)] for base in (0, 50))


def collate(rows: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    width = max(row["input_ids"].shape[1] for row in rows)
    padding = {"input_ids": 0, "attention_mask": 0, "labels": -100, "prompt_mask": False}
    return {
        key: torch.cat([functional.pad(row[key], (0, width - row[key].shape[1]), value=value) for row in rows])
        for key, value in padding.items()
    }


def trainer_of(folder: Path, steps: int = 12) -> AdapterTrainer:
    model = adapted(method="spt", layers=4, dtype=torch.float32, perturbed=False, keep=2, upper_learning_rate=0.05)
    settings: dict[str, Any] = {"max_steps": steps, "learning_rate": 0.02, "save_steps": 4, "eval_steps": 4, "seed": 5}
    args = TrainingArguments(
        output_dir=str(folder),
        eval_strategy="steps",
        use_cpu=True,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        **settings,
    )
    schedule = SelectiveSchedule(model, [batch(prompt=3, seed=seed) for seed in range(90, 93)])
    trainer = AdapterTrainer(
        model=model,
        token_lengths=[row["input_ids"].shape[1] for row in TRAINING],
        eval_token_lengths=[row["input_ids"].shape[1] for row in DEV],
        max_tokens=40,
        schedule=schedule,
        args=args,
        train_dataset=TRAINING,
        eval_dataset=DEV,
        data_collator=collate,
    )
    trainer.add_callback(KeepAdapter(folder / "best", schedule))
    return trainer


def test_a_run_searches_selects_and_retrains(tmp_path: Path) -> None:
    whole = trainer_of(tmp_path / "whole")
    whole.train()
    schedule, model = whole.schedule, whole.adapted
    (entry,) = schedule.history
    assert entry["step"] == 6 and len(entry["gates"]) == 4 and len(set(entry["gates"].values())) == 4
    assert [int(index) for index in model.parts] == entry["layers"] and schedule.steps == 6
    for parameter in whole.optimizer.param_groups[0]["params"]:
        assert parameter in set(model.parameters()) and parameter in whole.optimizer.state
    best = load(backbone(layers=4, dtype=torch.float32), tmp_path / "whole" / "best")
    assert best.adapter_config == model.adapter_config

    resumed = trainer_of(tmp_path / "whole")
    resumed.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-4"))
    assert resumed.schedule.history == schedule.history
    for name, tensor in model.adapter_state().items():
        torch.testing.assert_close(resumed.adapted.adapter_state()[name], tensor, rtol=0, atol=1e-6)


def test_the_state_of_the_schedule_goes_through_json(tmp_path: Path) -> None:
    for selected in (False, True):
        model, schedule = searching(keep=2)
        for _ in range(3):
            schedule.step()
        if selected:
            schedule.select(seed=3)
        save_pretrained(model, tmp_path)
        state = json.loads(json.dumps(schedule.state_dict()))
        other, resumed = searching(keep=2)
        resumed.load_state_dict(copy.deepcopy(state))
        load_tensors(other, tmp_path)
        assert resumed.finished() == selected and resumed.state_dict() == state
        assert other.adapter_config == model.adapter_config
        if not selected:
            schedule.step()
            resumed.step()
        assert torch.equal(logits(other.eval(), batch()), logits(model.eval(), batch()))
