"""Training an adapter with the Hugging Face Trainer: loss, batches, checkpoints that know about cut ranks."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pilora.batching import TokenBatchSampler
from pilora.checkpoint import load_tensors, read_adapter_config, save_pretrained
from pilora.loss import response_loss
from pilora.methods import find_method
from pilora.model import AdaptedModel
from pilora.processes import average_gradients, of_first, share

SCHEDULE_FILE = "schedule.json"


class RankSchedule(Protocol):
    """What happens between optimiser steps to a method's ranks; also a `TrainerCallback`."""

    def finished(self) -> bool:
        """Whether the ranks have their final shape."""

    def state_dict(self) -> dict[str, Any]:
        """JSON values from which `load_state_dict` goes on."""

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class AdapterTrainer(Trainer):
    """A Trainer for an `AdaptedModel`.

    The loss is the cross-entropy on labelled tokens, averaged over all of an optimiser step, and the method's auxiliary
    loss, averaged over its micro-batches. A checkpoint holds the
    adapter with its rank table, from which resuming rebuilds the shapes before the optimiser is made.

    Args:
        token_lengths: length of every training sequence.
        eval_token_lengths: of every evaluation sequence.
        max_tokens: bound on the padded tokens of a micro-batch.
        ordered_epochs: epochs at the beginning that go from the shortest sequences to the longest.
        schedule: the method's rank schedule, or None.
    """

    def __init__(
        self,
        *,
        model: AdaptedModel,
        token_lengths: Sequence[int],
        eval_token_lengths: Sequence[int] = (),
        max_tokens: int,
        ordered_epochs: int = 0,
        schedule: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(model=model, **kwargs)
        self.adapted = model
        self.model_accepts_loss_kwargs = True
        self.token_lengths = token_lengths
        self.eval_token_lengths = eval_token_lengths
        self.max_tokens = max_tokens
        self.ordered_epochs = ordered_epochs
        self.schedule = schedule
        if schedule is not None:
            self.add_callback(schedule)
        # Unwrapped in several processes (see `pilora.processes`) and in one: DataParallel would share hooks and state.
        self.accelerator.prepare_model = partial(self.accelerator.prepare_model, evaluation_mode=True)
        self.args._n_gpu = min(self.args.n_gpu, 1)
        share(parameter.data for parameter in model.parameters() if parameter.requires_grad)

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        total, tokens = response_loss(model, inputs)
        loss = total / (tokens if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes
        auxiliary = find_method(self.adapted.adapter_config.method).auxiliary_loss
        if auxiliary is not None:
            loss = loss + auxiliary(self.adapted) / self.current_gradient_accumulation_steps
        return (loss, {}) if return_outputs else loss

    def training_step(
        self, model: torch.nn.Module, inputs: dict[str, Any], num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self.accelerator.sync_gradients:
            average_gradients(p for p in self.adapted.parameters() if p.requires_grad)
        return loss

    def get_train_dataloader(self) -> DataLoader:
        sampler = TokenBatchSampler(
            self.token_lengths, self.max_tokens, seed=self.args.seed, ordered_epochs=self.ordered_epochs
        )
        loader: Any = self.train_dataset
        return self.accelerator.prepare(DataLoader(loader, batch_sampler=sampler, collate_fn=self.data_collator))

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader:
        """Every batch goes to one process; none is repeated to make the processes even, as `prepare` would do."""
        sampler = TokenBatchSampler(self.eval_token_lengths, 2 * self.max_tokens, seed=None)
        batches = list(sampler)[self.args.process_index :: self.args.world_size]
        dataset: Any = eval_dataset or self.eval_dataset
        return DataLoader(dataset, batch_sampler=batches, collate_fn=self.data_collator)

    @torch.no_grad()
    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Mean loss a labelled token over the whole set, in nats."""
        self.adapted.eval()
        sums = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        for batch in self.get_eval_dataloader(eval_dataset):
            loss, tokens = response_loss(self.adapted, self._prepare_inputs(batch))
            sums += torch.tensor([float(loss), tokens], dtype=torch.float64, device=sums.device)
        sums = self.accelerator.reduce(sums, reduction="sum")
        metrics = {f"{metric_key_prefix}_loss": float(sums[0] / sums[1].clamp(min=1))}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.adapted.train()
        return metrics

    def _save(self, output_dir: str | None = None, state_dict: dict | None = None) -> None:
        if not self.args.should_save:
            return
        folder = Path(output_dir or str(self.args.output_dir))
        save_pretrained(self.adapted, folder)
        if self.schedule is not None:
            temporary = folder / (SCHEDULE_FILE + ".part")
            temporary.write_text(json.dumps(self.schedule.state_dict()), encoding="utf-8")
            os.replace(temporary, folder / SCHEDULE_FILE)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        # The schedule first: what it has removed has no tensors.
        path = Path(resume_from_checkpoint) / SCHEDULE_FILE
        if self.schedule is not None and path.is_file():
            self.schedule.load_state_dict(json.loads(path.read_text(encoding="utf-8")))
        load_tensors(self.adapted, resume_from_checkpoint)


class TimedCheckpoints(TrainerCallback):
    """Asks for a checkpoint where the last one is some time ago, also amid an epoch.

    Args:
        seconds: between two checkpoints, at the most (and a step). The first process's clock counts for all.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.last = 0.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.last = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        due = of_first(time.monotonic() - self.last >= self.seconds, args.device)
        control.should_save = control.should_save or due

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.last = time.monotonic()


class KeepAdapter(TrainerCallback):
    """Keeps an adapter in a folder at each evaluation: that with the lowest loss so far, or the newest.

    Only adapters whose ranks are final count, so that a kept adapter is always within its budget.

    Args:
        folder: where the kept adapter lies; a run that resumes reads its loss from there.
        schedule: the method's rank schedule, or None.
        keep: `best` keeps the adapter with the lowest evaluation loss, `last` that of the last evaluation. The loss of
            a token can rise again while whole answers still get better.
        patience: with `best`, evaluations without a lower loss before the training stops; 0 never stops.
        about: facts to keep beside the adapter.
    """

    def __init__(
        self,
        folder: str | Path,
        schedule: Any = None,
        *,
        keep: Literal["best", "last"] = "best",
        patience: int = 0,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.about = dict(about or {})
        self.schedule = schedule
        self.keep = keep
        self.patience = patience
        self.best: float | None = None
        self.misses = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if state.global_step and (self.folder / "adapter.json").is_file():
            about = read_adapter_config(self.folder)["about"]
            self.best = about["eval_loss"]
            later = [entry for entry in state.log_history if "eval_loss" in entry and entry["step"] > about["step"]]
            self.misses = len(later)

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: AdaptedModel | None = None,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        if model is None or metrics is None or (self.schedule is not None and not self.schedule.finished()):
            return
        loss = metrics["eval_loss"]
        if self.keep == "last" or self.best is None or loss < self.best:
            self.best, self.misses = loss, 0
            if state.is_world_process_zero:
                save_pretrained(model, self.folder, about={**self.about, "eval_loss": loss, "step": state.global_step})
            return
        self.misses += 1
        if self.patience and self.misses >= self.patience:
            control.should_training_stop = True
