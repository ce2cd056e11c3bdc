"""How long a training took in all, over every call that went on with it; and where a call has to stop."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from text2mdt.written_file import write_whole

CLOCK_FILE = "clock.json"


class TrainingPaused(Exception):
    """A training has used up the time of its call; a checkpoint was just written, from which the next call goes on."""


class TrainingClock(TrainerCallback):
    """Keeps seconds, curves and the numbers that train in a run folder's `clock.json`, by step.

    Work that a killed call did after its last checkpoint is done again, and not counted twice. The time between
    checkpoints includes evaluation on dev and the method's own work, but not loading.

    Args:
        limit: seconds of this call after which the next checkpoint ends it; None for no limit.
    """

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.call_started = time.monotonic()
        self.started = self.call_started
        self.before = 0.0
        self.trainable = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, model: Any = None, **kwargs: Any
    ) -> None:
        self.started = time.monotonic()
        noted = read_clock(Path(str(args.output_dir)))
        steps = [step for step in noted["seconds"] if int(step) <= state.global_step]
        self.before = noted["seconds"][max(steps, key=int)] if steps else 0.0
        self.trainable = noted["trainable"] or sum(p.numel() for p in model.parameters() if p.requires_grad)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self._note(args, state)
        is_late = self.limit is not None and time.monotonic() - self.call_started > self.limit
        if is_late and state.global_step < state.max_steps and not control.should_training_stop:
            raise TrainingPaused

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._note(args, state)

    def _note(self, args: TrainingArguments, state: TrainerState) -> None:
        folder = Path(str(args.output_dir))
        noted = read_clock(folder)
        noted["seconds"][str(state.global_step)] = self.before + time.monotonic() - self.started
        content = {"trainable": self.trainable, "seconds": noted["seconds"], "curve": curve_of(state.log_history)}
        write_whole(folder / CLOCK_FILE, json.dumps(content) + "\n")


def read_clock(folder: Path) -> dict[str, Any]:
    """What a run folder's clock says: `trainable` numbers at the start, `seconds` in all by step, and the `curve`."""
    path = folder / CLOCK_FILE
    if not path.is_file():
        return {"trainable": 0, "seconds": {}, "curve": []}
    return dict(json.loads(path.read_text(encoding="utf-8")))


def curve_of(log: list[dict[str, float]]) -> list[dict[str, float]]:
    """The losses that the Trainer has logged: `step`, `epoch`, and `train` or `dev` in nats a token."""
    names = {"loss": "train", "eval_loss": "dev"}
    return [
        {"step": entry["step"], "epoch": entry["epoch"], new: entry[old]}
        for entry in log
        for old, new in names.items()
        if old in entry
    ]
