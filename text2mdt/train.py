"""Trains an adapter on a corpus: from a configuration to an adapter folder, resuming where a run was cut off."""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_utils import set_seed

from pilora import AdaptedModel, attach, load
from pilora.checkpoint import read_adapter_config, stored_parameters
from pilora.config import AdapterConfig, LoRAConfig, parse_config
from pilora.methods import find_method
from pilora.training import AdapterTrainer, KeepBest
from text2mdt.calibrate import calibrate_adapter
from text2mdt.corpus import read_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.models import Backbone, load_backbone
from text2mdt.relations import ENGLISH
from text2mdt.schema import Record
from text2mdt.training_config import TrainingConfig
from text2mdt.training_data import Collator, TrainingExamples, batches_by_length, preview

logger = logging.getLogger(__name__)

CONFIG_FILE = "config.json"
RESULT_FILE = "result.json"


@dataclass(frozen=True)
class TrainingResult:
    """What a run gave.

    Attributes:
        adapter: the folder of the adapter with the lowest dev loss among those within the budget.
        dev_loss: its mean loss a target token on dev, in nats.
        parameters: its trainable parameters.
        ranks: by module.
        rounds: the schedule's rounds (budget, loss saved, sum of scores, ranks), empty where ranks stay.
        held_out_tokens: tokens that the schedule's own training steps read, a part of the method's cost.
        seconds: wall-clock time of this call.
        peak_memory: of the process, in bytes.
    """

    adapter: Path
    dev_loss: float
    parameters: int
    ranks: dict[str, int]
    rounds: list[dict[str, Any]]
    held_out_tokens: int
    seconds: float
    peak_memory: int


def train(config: TrainingConfig, *, say: Callable[[str], None] = logger.info) -> TrainingResult:
    """Trains as configured. A run folder of the same configuration is gone on with, a finished run is not repeated.

    Args:
        config: the run.
        say: gets lines for people (what is resumed, one tokenised example).

    Raises:
        Text2MDTError: T2M032 for a run folder of another configuration, or settings that do not fit the records or
            `init_from`; those of reading corpora and models; T2M034 when no adapter within the budget was kept.
        PiloraError: PIL002 or PIL007 for a bad adapter configuration; PIL003 to PIL007 for the adapter of `init_from`.
    """
    started = time.monotonic()
    _check_folder(config)
    if finished := _finished(config):
        say(f"this run is finished: {config.output}")
        return finished
    result = _run(config, say, started)
    if _is_main_process():
        gc.collect()  # the calibration loads the backbone anew: that of the training must be gone
        calibrate_adapter(result.adapter, read_corpus(config.data.dev), config.model, config.device, config.dtype)
    return result


def _run(config: TrainingConfig, say: Callable[[str], None], started: float) -> TrainingResult:
    set_seed(config.seed)
    backbone = load_backbone(config.model, config.device, config.dtype)
    model = _adapted(config, backbone)
    if config.training.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    records, held_out = _hold_out(read_corpus(config.data.train), model.adapter_config, config.seed)
    training, dev = (_encoded(part, config, backbone) for part in (records, read_corpus(config.data.dev)))
    calibration = _encoded(held_out, config, backbone) if held_out else None
    if _is_main_process():
        say(preview(training[0], backbone.tokenizer))
    collator = Collator(int(backbone.tokenizer.pad_token_id))
    schedule = _schedule(model, calibration, collator)
    trainer = AdapterTrainer(
        model=model,
        token_lengths=training.token_lengths(),
        eval_token_lengths=dev.token_lengths(),
        max_tokens=config.training.batch_tokens,
        schedule=schedule,
        args=_arguments(config),
        train_dataset=training,
        eval_dataset=dev,
        data_collator=collator,
    )
    _set_step_intervals(trainer, config)
    best = config.output / "best"
    about = {"format": config.data.format, "train": str(config.data.train), "seed": config.seed}
    trainer.add_callback(KeepBest(best, schedule, config.training.patience, about))
    checkpoint = _last_whole_checkpoint(config.output)
    if checkpoint:
        say(f"resuming from {checkpoint}")
    if _is_main_process():
        _note_config(config)
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.accelerator.wait_for_everyone()
    if not _holds_adapter(best):
        trainer.evaluate()  # the run was shorter than the way to its first evaluation
        trainer.accelerator.wait_for_everyone()
    return _finish(config, schedule, best, time.monotonic() - started)


def _check_folder(config: TrainingConfig) -> None:
    """Makes the run folder; refuses one that holds another run."""
    path = config.output / CONFIG_FILE
    try:
        config.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Text2MDTError("T2M041", config.output, detail=error.strerror) from error
    if path.is_file() and path.read_text(encoding="utf-8") != _as_text(config):
        detail = "the run folder holds a run with other settings; choose another output or delete it"
        raise Text2MDTError("T2M032", config.output, detail=detail)


def _note_config(config: TrainingConfig) -> None:
    """Claims the run folder, once nothing in the configuration turned out to be wrong."""
    (config.output / CONFIG_FILE).write_text(_as_text(config), encoding="utf-8")


def _as_text(config: TrainingConfig) -> str:
    return json.dumps(config.model_dump(mode="json"), indent=1) + "\n"


def _finished(config: TrainingConfig) -> TrainingResult | None:
    """What the run folder's run gave, where it came to its end."""
    path = config.output / RESULT_FILE
    if not (path.is_file() and _holds_adapter(config.output / "best")):
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return TrainingResult(**{**content, "adapter": Path(content["adapter"])})


def _last_whole_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end: the Trainer's state is its last file."""
    found = [path for path in folder.glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit()]
    for path in sorted(found, key=lambda path: int(path.name.removeprefix("checkpoint-")), reverse=True):
        try:
            json.loads((path / TRAINER_STATE_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            logger.warning("%s was not written to its end and is passed over", path)
            continue
        return str(path)
    return None


def _holds_adapter(folder: Path) -> bool:
    return (folder / "adapter.json").is_file()


def _adapted(config: TrainingConfig, backbone: Backbone) -> AdaptedModel:
    wanted = parse_config(config.adapter)
    if config.init_from is None:
        return attach(backbone.model, wanted)
    model = load(backbone.model, config.init_from)
    if key := _different_make(wanted, model.adapter_config):
        detail = f"adapter.{key} is not that of the adapter to go on from"
        raise Text2MDTError("T2M032", config.init_from, detail=detail)
    model.adapter_config = wanted
    if isinstance(wanted, LoRAConfig):
        for _, module in model.low_rank_modules():
            module.dropout = wanted.dropout
    return model


def _different_make(wanted: AdapterConfig, stored: AdapterConfig) -> str | None:
    """What of a loaded adapter cannot be as wanted: of updates of weights the method, ranks and rounds may change, of
    others nothing."""
    plain = [isinstance(adapter, LoRAConfig) and adapter.method != "milora" for adapter in (wanted, stored)]
    if not all(plain):
        return None if wanted == stored else "method or one of its settings"
    same = {"targets": wanted.targets == stored.targets, "alpha / rank": _scale(wanted) == _scale(stored)}  # type: ignore[attr-defined]
    return next((key for key, agrees in same.items() if not agrees), None)


def _scale(adapter: Any) -> float:
    return float(adapter.alpha / adapter.rank)


def _hold_out(records: list[Record], adapter: AdapterConfig, seed: int) -> tuple[list[Record], list[Record]]:
    """Training records, and those that the method's schedule takes from them to score or for its upper level."""
    name, count = adapter.held_back(len(records))
    if count >= len(records):
        detail = f"adapter.{name}: {count} of {len(records)} records leave none to train on"
        raise Text2MDTError("T2M032", detail=detail)
    order = list(range(len(records)))
    random.Random(seed).shuffle(order)
    held = set(order[:count])
    return [r for i, r in enumerate(records) if i not in held], [records[i] for i in sorted(held)]


def _encoded(records: list[Record], config: TrainingConfig, backbone: Backbone) -> TrainingExamples:
    return TrainingExamples(records, backbone.tokenizer, config.data.format, ENGLISH, config.data.max_tokens)


def _schedule(model: AdaptedModel, calibration: TrainingExamples | None, collator: Collator) -> Any:
    make = find_method(model.adapter_config.method).schedule
    if make is None:
        return None
    return make(model, [] if calibration is None else batches_by_length(calibration, collator))


def _arguments(config: TrainingConfig) -> TrainingArguments:
    options = config.training
    on_cpu = not torch.cuda.is_available() or config.device == "cpu"
    return TrainingArguments(
        output_dir=str(config.output),
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        weight_decay=options.weight_decay,
        max_grad_norm=options.max_grad_norm,
        gradient_accumulation_steps=options.accumulation,
        eval_strategy="steps",
        save_strategy="steps",
        save_total_limit=2,
        logging_steps=10,
        seed=config.seed,
        use_cpu=on_cpu,
        ddp_backend="gloo" if on_cpu and os.environ.get("WORLD_SIZE", "1") != "1" else None,
        report_to=["tensorboard"] if config.tensorboard else [],
        remove_unused_columns=False,
        disable_tqdm=not sys.stderr.isatty(),
    )


def _set_step_intervals(trainer: AdapterTrainer, config: TrainingConfig) -> None:
    """Warm-up, evaluation and checkpoints in steps, which are known only once the batches are."""
    batches = len(trainer.get_train_dataloader())  # of this process
    steps = max(1, -(-batches // config.training.accumulation))
    every = max(1, steps // config.training.evaluations_per_epoch)
    trainer.args.eval_steps = trainer.args.save_steps = every
    trainer.args.warmup_steps = round(config.training.warmup * config.training.epochs * steps)


def _finish(config: TrainingConfig, schedule: Any, best: Path, seconds: float) -> TrainingResult:
    if not _holds_adapter(best):
        raise Text2MDTError("T2M034", config.output)
    stored = read_adapter_config(best)
    kept = load_ranks(stored)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = TrainingResult(
        adapter=best,
        dev_loss=stored["about"]["eval_loss"],
        parameters=stored_parameters(best),
        ranks=kept,
        rounds=schedule.history if schedule is not None else [],
        held_out_tokens=getattr(schedule, "tokens", 0),
        seconds=seconds,
        peak_memory=peak,
    )
    content = {**result.__dict__, "adapter": str(best)}
    if _is_main_process():
        (config.output / RESULT_FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return result


def _is_main_process() -> bool:
    """Whether this is the process that writes, of those that `accelerate launch` started."""
    return os.environ.get("RANK", "0") == "0"


def load_ranks(stored: dict[str, Any]) -> dict[str, int]:
    """The rank table of a stored adapter's configuration."""
    return {name: int(rank) for name, rank in stored["ranks"].items()}


def rank_table(ranks: dict[str, int]) -> tuple[list[str], list[list[str]]]:
    """Ranks as a table for people: a row a layer, a column a module.

    Returns:
        The header and the rows; a module that a layer lacks is an empty cell.
    """
    layers: dict[str, dict[str, int]] = {}
    kinds: list[str] = []
    for name, rank in ranks.items():
        parts = name.split(".")
        layer = next((part for part in parts if part.isdigit()), "-")
        layers.setdefault(layer, {})[parts[-1]] = rank
        if parts[-1] not in kinds:
            kinds.append(parts[-1])
    rows = [[layer, *(str(cells.get(kind, "")) for kind in kinds)] for layer, cells in layers.items()]
    return ["layer", *kinds], rows
