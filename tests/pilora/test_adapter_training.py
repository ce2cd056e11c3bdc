"""Training with the Trainer: loss, budget, the best adapter, and resuming a run that was cut off."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tiny import NORM_NOISE, VOCABULARY, adapted, backbone, gradients, logits, plain_loss
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora.checkpoint import load, read_adapter_config
from pilora.methods import METHODS
from pilora.model import AdaptedModel
from pilora.training import AdapterTrainer, KeepAdapter

PROMPT = 2


def examples(count: int, seed: int) -> list[list[int]]:
    """Sequences of 4 to 11 tokens in which, behind a random prompt, every token follows from the one before."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for length in torch.randint(4, 12, (count,), generator=generator).tolist():
        row = torch.randint(3, VOCABULARY, (PROMPT,), generator=generator).tolist()
        while len(row) < length:
            row.append(3 + (7 * row[-1] + 5) % (VOCABULARY - 3))
        rows.append(row)
    return rows


def collate(rows: list[list[int]]) -> dict[str, Tensor]:
    shape = (len(rows), max(map(len, rows)))
    made = {"input_ids": torch.zeros(shape, dtype=torch.long), "attention_mask": torch.zeros(shape, dtype=torch.long)}
    made["labels"] = torch.full(shape, -100)
    for row, ids in enumerate(rows):
        made["input_ids"][row, : len(ids)] = torch.tensor(ids)
        made["attention_mask"][row, : len(ids)] = 1
        made["labels"][row, PROMPT : len(ids)] = torch.tensor(ids[PROMPT:])
    return made


TRAINING, DEV, CALIBRATION = examples(22, 0), examples(5, 1), examples(4, 2)


class Cut(TrainerCallback):
    """Ends the run after a step, with a checkpoint, as the power going off just after one would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if state.global_step == self.step:
            control.should_save = control.should_training_stop = True


def make(folder: Path, method: str = "pi_lora", *callbacks: TrainerCallback, **options: Any) -> AdapterTrainer:
    """A trainer over a fresh model; 22 short examples, about 10 micro-batches an epoch, two an optimiser step."""
    config: dict[str, Any] = {"dropout": 0.1, "layers": 1, "dtype": torch.float32, "perturbed": False, "scale": 1.0}
    if method == "pi_lora":
        config |= {"rounds": 3, "start_factor": 2.0, "nodes": 2, "first_round": 0.2, "last_round": 0.6}
    model = adapted(method=method, rank=2, **config)
    schedule_of = METHODS[method].schedule
    settings: dict[str, Any] = {
        "num_train_epochs": 3,
        "learning_rate": 0.05,
        "gradient_accumulation_steps": 2,
        "lr_scheduler_type": "cosine",
        "save_strategy": "no",
        "logging_steps": 1,
        "use_cpu": True,
        "report_to": [],
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "seed": 5,
        **options,
    }
    trainer = AdapterTrainer(
        model=model,
        token_lengths=[len(row) for row in TRAINING],
        eval_token_lengths=[len(row) for row in DEV],
        max_tokens=24,
        schedule=schedule_of(model, [collate(CALIBRATION)]) if schedule_of else None,
        args=TrainingArguments(output_dir=str(folder), **settings),
        train_dataset=TRAINING,
        eval_dataset=DEV,
        data_collator=collate,
    )
    for callback in callbacks:
        trainer.add_callback(callback)
    return trainer


def losses(trainer: AdapterTrainer) -> list[float]:
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def cost(model: AdaptedModel) -> int:
    return sum(module.rank * module.cost for _, module in model.low_rank_modules())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> AdapterTrainer:
    """A run that nothing cut."""
    trainer = make(tmp_path_factory.mktemp("whole"))
    trainer.train()
    return trainer


def test_a_run_reaches_its_budget_and_learns(whole: AdapterTrainer, tmp_path: Path) -> None:
    schedule, model = whole.schedule, whole.adapted
    assert schedule.finished() and [entry["step"] for entry in schedule.history] == [3, 6, 9]
    assert whole.state.global_step == whole.state.max_steps == 15
    widths = 2 * (24 + 24) + 2 * (24 + 12) + 2 * (24 + 40) + (40 + 24)
    assert schedule.budget() == 2 * widths
    assert cost(model) == model.trainable_parameters() <= 2 * widths < cost(model) + 64
    assert cost(model) < 4 * widths and len(set(model.ranks().values())) > 1
    found = losses(whole)
    assert sum(found[-3:]) < 0.85 * sum(found[:3])
    bare = make(tmp_path, "lora").evaluate()["eval_loss"]
    assert whole.evaluate()["eval_loss"] < 0.85 * bare
    for parameter in whole.optimizer.param_groups[0]["params"]:
        assert any(parameter is other for other in model.parameters())


@pytest.mark.parametrize("cuts", [(1,), (4,), (6,), (7, 8), (11,)], ids=str)
def test_resuming_equals_not_stopping(whole: AdapterTrainer, tmp_path: Path, cuts: tuple[int, ...]) -> None:
    """Cut before the first round, between rounds, on one, twice, and after the last, in each of three epochs."""
    checkpoint: str | None = None
    for step in cuts:
        first = make(tmp_path, "pi_lora", Cut(step))
        first.train(resume_from_checkpoint=checkpoint)
        assert first.state.global_step == step
        checkpoint = str(tmp_path / f"checkpoint-{step}")
    torch.manual_seed(99)
    second = make(tmp_path)
    second.train(resume_from_checkpoint=checkpoint)
    assert second.state.global_step == whole.state.global_step
    assert second.adapted.ranks() == whole.adapted.ranks()
    assert second.schedule.history == whole.schedule.history
    for name, tensor in whole.adapted.adapter_state().items():
        torch.testing.assert_close(second.adapted.adapter_state()[name], tensor, rtol=0, atol=1e-6)
    assert losses(second)[-1] == pytest.approx(losses(whole)[-1], rel=1e-4)


def test_each_epoch_brings_every_example_once_in_an_order_of_its_own(tmp_path: Path) -> None:
    trainer = make(tmp_path, "lora", num_train_epochs=2)
    seen: list[list[list[int]]] = []

    def noting(rows: list[list[int]]) -> dict[str, Tensor]:
        seen.append(rows)
        return collate(rows)

    trainer.data_collator = noting
    trainer.train()
    half = len(seen) // 2
    orders = [[row for rows in part for row in rows] for part in (seen[:half], seen[half:])]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(TRAINING)
    assert orders[0] != orders[1]
    assert max(len(rows) * max(map(len, rows)) for rows in seen) <= 24
    longest = [max(map(len, rows)) for rows in seen[:half]]
    assert longest != sorted(longest)


def test_resuming_plain_lora(tmp_path: Path) -> None:
    expected = make(tmp_path / "whole", "lora")
    expected.train()
    make(tmp_path, "lora", Cut(7)).train()
    assert not (tmp_path / "checkpoint-7" / "schedule.json").exists()
    second = make(tmp_path, "lora")
    second.train(resume_from_checkpoint=True)
    for name, tensor in expected.adapted.adapter_state().items():
        torch.testing.assert_close(second.adapted.adapter_state()[name], tensor, rtol=0, atol=1e-6)


def test_a_checkpoint_is_an_adapter_that_loads(tmp_path: Path) -> None:
    trainer = make(tmp_path, "pi_lora", Cut(6))
    trainer.train()
    folder = tmp_path / "checkpoint-6"
    loaded = load(backbone(dtype=torch.float32, layers=1), folder).eval()
    assert loaded.ranks() == trainer.adapted.ranks() and 0 < cost(loaded) < 4 * 352
    assert torch.equal(logits(loaded, collate(DEV)), logits(trainer.adapted.eval(), collate(DEV)))
    assert json.loads((folder / "schedule.json").read_text())["rounds_done"] == 2
    assert not list(folder.glob("*.part"))
    small = sum(path.stat().st_size for path in folder.iterdir() if path.name.startswith("adapter"))
    assert small < 4 * cost(loaded) + 6000  # the adapter's numbers and its tables; no backbone


def test_gradient_checkpointing_and_moments_shrink_along(tmp_path: Path) -> None:
    trainer = make(tmp_path, gradient_checkpointing=True, max_steps=10, num_train_epochs=1)
    trainer.train()
    assert trainer.schedule.finished()
    moments = sum(state["exp_avg"].numel() for state in trainer.optimizer.state.values())
    assert moments == cost(trainer.adapted)


def test_evaluation_is_the_mean_loss_over_all_labelled_tokens(tmp_path: Path) -> None:
    trainer = make(tmp_path, "lora")
    trainer.adapted.train()
    metrics = trainer.evaluate()
    quiet = trainer.adapted.eval()
    with torch.no_grad():
        total = sum(float(plain_loss(quiet, collate([row]))) for row in DEV)
    assert metrics["eval_loss"] == pytest.approx(total / sum(len(row) - PROMPT for row in DEV), rel=1e-5)
    assert trainer.state.log_history[-1]["eval_loss"] == metrics["eval_loss"]
    trainer.evaluate()
    assert trainer.adapted.training
    assert all(not parameter.grad_fn and parameter.grad is None for parameter in trainer.adapted.parameters())


def test_a_step_is_the_mean_over_its_tokens_however_they_are_cut(tmp_path: Path) -> None:
    """One SGD step over the whole set, in many micro-batches, against the gradient by hand."""
    trainer = make(
        tmp_path, "lora", max_steps=1, gradient_accumulation_steps=50, optim="sgd", max_grad_norm=0.0,
        lr_scheduler_type="constant", learning_rate=0.5,
    )  # fmt: skip
    for _, module in trainer.adapted.low_rank_modules():
        module.dropout = 0.0
        torch.nn.init.normal_(module.B, std=0.1)
    by_hand = copy.deepcopy(trainer.adapted)
    plain_loss(by_hand, collate(TRAINING)).backward()
    tokens = sum(len(row) - PROMPT for row in TRAINING)
    trainer.train()
    after = dict(trainer.adapted.named_parameters())
    before = dict(by_hand.named_parameters())
    for name, gradient in gradients(by_hand).items():
        step = before[name].detach() - 0.5 * gradient / tokens
        assert (step - before[name]).abs().max() > 1e-4
        torch.testing.assert_close(after[name].detach(), step, rtol=1e-4, atol=10 * NORM_NOISE)


def test_the_best_adapter_within_the_budget_is_kept(tmp_path: Path) -> None:
    trainer = make(tmp_path, eval_strategy="steps", eval_steps=1)
    keeper = KeepAdapter(tmp_path / "best", trainer.schedule)
    trainer.add_callback(keeper)
    trainer.train()
    about = read_adapter_config(tmp_path / "best")["about"]
    late = [e for e in trainer.state.log_history if "eval_loss" in e and e["step"] >= 9]
    assert len(late) == 7
    assert about["eval_loss"] == min(entry["eval_loss"] for entry in late) == keeper.best
    assert about["step"] == next(e["step"] for e in late if e["eval_loss"] == about["eval_loss"])
    best = load(backbone(dtype=torch.float32, layers=1), tmp_path / "best").eval()
    assert cost(best) <= trainer.schedule.budget()
    with torch.no_grad():
        total = float(plain_loss(best, collate(DEV))) / sum(len(row) - PROMPT for row in DEV)
    assert total == pytest.approx(about["eval_loss"], rel=1e-5)


class Unfinished:
    def finished(self) -> bool:
        return False


def evaluations(keeper: KeepAdapter, values: list[float], model: AdaptedModel, first_step: int = 1) -> list[bool]:
    """Feeds dev losses to the callback; whether it wants to stop, after each."""
    stops = []
    for step, loss in enumerate(values, first_step):
        control, args = TrainerControl(), SimpleNamespace()
        keeper.on_evaluate(args, TrainerState(global_step=step), control, model=model, metrics={"eval_loss": loss})  # type: ignore[arg-type]
        stops.append(control.should_training_stop)
    return stops


def test_patience(tmp_path: Path) -> None:
    model = adapted(layers=1, rank=1)
    assert evaluations(KeepAdapter(tmp_path, patience=2), [3.0, 2.0, 2.5, 1.9, 2.0, 1.95], model) == [False] * 5 + [
        True
    ]
    assert read_adapter_config(tmp_path)["about"] == {"eval_loss": 1.9, "step": 4}
    assert not any(evaluations(KeepAdapter(tmp_path, patience=0), [1.0, 2.0, 3.0, 4.0], model))


def test_the_last_adapter_is_kept_where_it_is_wanted(tmp_path: Path) -> None:
    keeper = KeepAdapter(tmp_path, keep="last", patience=1)
    assert not any(evaluations(keeper, [3.0, 2.0, 2.5, 2.25], adapted(layers=1, rank=1)))  # it never stops either
    assert read_adapter_config(tmp_path)["about"] == {"eval_loss": 2.25, "step": 4}


def test_nothing_is_kept_before_the_ranks_are_final(tmp_path: Path) -> None:
    keeper = KeepAdapter(tmp_path / "best", Unfinished(), patience=1)
    assert evaluations(keeper, [1.0, 2.0, 3.0], adapted(layers=1, rank=1)) == [False] * 3
    assert not (tmp_path / "best").exists()


def test_a_resumed_run_knows_the_best_so_far_and_its_misses(tmp_path: Path) -> None:
    model = adapted(layers=1, rank=1)
    evaluations(KeepAdapter(tmp_path), [2.0, 1.0, 1.5], model)
    keeper = KeepAdapter(tmp_path, patience=2)
    history = [{"eval_loss": loss, "step": step} for step, loss in enumerate([2.0, 1.0, 1.5], 1)]
    state = TrainerState(global_step=3, log_history=history)
    keeper.on_train_begin(SimpleNamespace(), state, TrainerControl())  # type: ignore[arg-type]
    assert (keeper.best, keeper.misses) == (1.0, 1)
    assert evaluations(keeper, [1.2], model, first_step=4) == [True]
    fresh = KeepAdapter(tmp_path)
    fresh.on_train_begin(SimpleNamespace(), TrainerState(), TrainerControl())  # type: ignore[arg-type]
    assert fresh.best is None  # a new run in an old folder begins anew
