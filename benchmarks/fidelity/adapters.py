"""Small trained adapters: a tiny Llama pre-trained on a synthetic task, an adapter fine-tuned to a changed task.

A seed sets everything: the task's tables, the data, the backbone, the adapter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel

from pilora import attach
from pilora.loss import response_loss
from pilora.model import AdaptedModel

VOCABULARY, LENGTH, ROWS = 32, 6, 32
Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Setting:
    """One way to make adapters.

    Attributes:
        task: see `task_batch`.
        layers, hidden: of the Llama; the feed-forward is 2 · hidden wide, with two heads.
        pretraining: steps of the backbone before the task changes.
        targets, rank, alpha: of the adapter.
        rate, decay: AdamW's learning rate and weight decay.
        saved: training stops once this share of the bare backbone's loss on test records is saved ...
        steps: ... or after so many steps; and not before `least_steps`.
        calibration: records that score the ranks; `held_out` are never trained on, `trained` are.
    """

    task: str = "lookup"
    layers: int = 1
    hidden: int = 32
    pretraining: int = 400
    targets: tuple[str, ...] = ("q_proj", "v_proj", "o_proj", "up_proj", "down_proj")
    rank: int = 2
    alpha: float = 4.0
    rate: float = 3e-3
    decay: float = 0.0
    saved: float = 0.9
    steps: int = 800
    least_steps: int = 0
    calibration: str = "held_out"
    calibration_records: int = 64


LOOKUP = Setting()
PANEL = {
    "lookup": LOOKUP,
    "shift": replace(LOOKUP, task="shift"),
    "rotate": replace(LOOKUP, task="rotate"),
    "chain": replace(LOOKUP, task="chain", saved=0.85),
    "weave": replace(LOOKUP, task="weave", saved=0.85),
}
"""The tasks that an adapter of ten ranks learns well enough; all are reported."""

ALL_SEVEN = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
VARIANTS = {
    "lookup, as in the panel": LOOKUP,
    "alpha 16": replace(LOOKUP, alpha=16.0),
    "alpha 1": replace(LOOKUP, alpha=1.0, steps=1200),
    "over-trained (1,200 steps)": replace(LOOKUP, steps=1200, least_steps=1200),
    "stops at 80 %": replace(LOOKUP, saved=0.8),
    "learning rate 1e-2": replace(LOOKUP, rate=1e-2),
    "weight decay 0.1": replace(LOOKUP, decay=0.1),
    "two layers, V O G U D, rank 1": replace(LOOKUP, layers=2, targets=ALL_SEVEN[2:], rank=1, alpha=2.0),
    "all seven, rank 1": replace(LOOKUP, targets=ALL_SEVEN, rank=1, alpha=2.0),
    "hidden 64": replace(LOOKUP, hidden=64),
    "calibrated on trained records": replace(LOOKUP, calibration="trained"),
    "256 calibration records": replace(LOOKUP, calibration_records=256),
}
"""Other ways to make the adapters of one task."""


def task_batch(task: str, tuned: bool, rows: int, seed: int, generator: torch.Generator) -> Batch:
    """Random records of a task, as pre-trained or, `tuned`, as the adapter has to learn it; ids are (rows, tokens).

    - `lookup`: a prompt of 6 symbols, then each one's translation by a table. Tuned: half of the table is moved.
    - `shift`: a prompt of 6 symbols, a mark, then the prompt again. Tuned: each symbol comes back 3 further on.
    - `rotate`: as `shift`. Tuned: the last symbol comes back first.
    - `chain`: each symbol follows from the last by a table, 5 % are random. Tuned: another table.
    - `weave`: each symbol follows by a table from the last, or at every other place from the one before the last.
      Tuned: another table.
    """
    tables = torch.Generator().manual_seed(7919 * seed + 13)
    table, other = (torch.randperm(VOCABULARY, generator=tables) for _ in range(2))
    if task in ("chain", "weave"):
        return _sequence(other if tuned else table, rows, generator, weave=task == "weave")
    if task in ("shift", "rotate"):
        mark = VOCABULARY - 1
        prompt = torch.randint(mark, (rows, LENGTH), generator=generator)
        changed = (prompt + 3) % mark if task == "shift" else prompt.roll(1, 1)
        answer = changed if tuned else prompt
        return _batch(torch.cat([prompt, torch.full((rows, 1), mark), answer], 1), prompt=LENGTH + 1)
    prompt = torch.randint(VOCABULARY, (rows, LENGTH), generator=generator)
    if tuned:
        moved = other[: VOCABULARY // 2]
        table = table.scatter(0, moved, table[moved.roll(1)])
    return _batch(torch.cat([prompt, table[prompt]], 1), prompt=LENGTH)


def _sequence(table: Tensor, rows: int, generator: torch.Generator, weave: bool) -> Batch:
    symbols = list(torch.randint(VOCABULARY, (2, rows), generator=generator)) if weave else []
    symbols = symbols or [torch.randint(VOCABULARY, (rows,), generator=generator)]
    while len(symbols) < LENGTH + 2:
        following = table[symbols[-2 if weave and len(symbols) % 2 == 0 else -1]]
        if not weave:
            strange = torch.randint(VOCABULARY, (rows,), generator=generator)
            following = strange.where(torch.rand(rows, generator=generator) < 0.05, following)
        symbols.append(following)
    return _batch(torch.stack(symbols, 1), prompt=2 if weave else 1)


def _batch(ids: Tensor, prompt: int) -> Batch:
    labels = ids.clone()
    labels[:, :prompt] = -100
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


def mean_loss(model: torch.nn.Module, batch: Batch) -> Tensor:
    total, tokens = response_loss(model, batch)
    return total / tokens


def pretrained_backbone(setting: Setting, seed: int) -> PreTrainedModel:
    """A float64 Llama that knows the task as it was before the change."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=setting.hidden,
        intermediate_size=2 * setting.hidden,
        num_hidden_layers=setting.layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=32,
    )
    model = LlamaForCausalLM(config).double()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, setting.pretraining)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(setting.pretraining):
        optimizer.zero_grad()
        mean_loss(model, task_batch(setting.task, False, ROWS, seed, generator)).backward()
        optimizer.step()
        schedule.step()
    return model


def trained_adapter(setting: Setting, seed: int) -> tuple[AdaptedModel, Batch, Batch, dict[str, float]]:
    """The adapter, the calibration and the test records, and how the training went."""
    backbone = pretrained_backbone(setting, seed)
    generator = torch.Generator().manual_seed(1_000_000 + seed)
    train, held_out, test = (
        task_batch(setting.task, True, rows, seed, generator) for rows in (1024, setting.calibration_records, 256)
    )
    old = task_batch(setting.task, False, 256, seed, generator)
    torch.manual_seed(2_000_000 + seed)
    adapter = {"method": "lora", "rank": setting.rank, "alpha": setting.alpha, "targets": setting.targets}
    model = attach(backbone, adapter)
    with torch.no_grad():
        info = {"old_task": float(mean_loss(model, old)), "bare": float(mean_loss(model, test))}
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=setting.rate, weight_decay=setting.decay)
    for step in range(setting.steps + 1):
        if step % 10 == 0:
            with torch.no_grad():
                info |= {"adapted": float(mean_loss(model, test)), "steps": step}
            if step >= setting.least_steps and info["adapted"] <= (1 - setting.saved) * info["bare"]:
                break
        rows = torch.randint(1024, (ROWS,), generator=generator)
        optimizer.zero_grad()
        mean_loss(model, {key: value[rows] for key, value in train.items()}).backward()
        optimizer.step()
    info["saved"] = 1 - info["adapted"] / info["bare"]
    trained = {key: value[: setting.calibration_records] for key, value in train.items()}
    return model.eval(), held_out if setting.calibration == "held_out" else trained, test, info
