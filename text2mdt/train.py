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
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainingArguments
from transformers.trainer_utils import set_seed

from pilora import AdaptedModel, attach, load
from pilora.checkpoint import read_adapter_config, stored_parameters
from pilora.compiling import can_be_compiled, compile_layers, has_compiler
from pilora.config import AdapterConfig, LoRAConfig, parse_config
from pilora.methods import find_method
from pilora.processes import leave
from pilora.training import AdapterTrainer, KeepAdapter, TimedCheckpoints
from text2mdt.calibrate import calibrate_adapter
from text2mdt.calibration import read_calibration, write_calibration
from text2mdt.corpus import read_corpus, write_corpus
from text2mdt.errors import Text2MDTError
from text2mdt.models import Backbone, load_backbone, shipped_adapters
from text2mdt.models.backbone import NF4
from text2mdt.models.training_dtype import training_dtype
from text2mdt.relations import ENGLISH, RelationSet, relations_of
from text2mdt.schema import Record
from text2mdt.substitution import substituted
from text2mdt.synthetic import synthesise
from text2mdt.training_config import TrainingConfig
from text2mdt.training_data import Collator, TrainingExamples, batches_by_length, encode_record, preview
from text2mdt.training_run_folder import (
    ADAPTER_FOLDER,
    RESULT_FILE,
    TrainingResult,
    check_folder,
    finished_run,
    holds_adapter,
    last_whole_checkpoint,
    note_config,
)

logger = logging.getLogger(__name__)

FIRST_STAGE_FOLDER = "first_stage"
CHECKPOINT_SECONDS = 600


def train(
    config: TrainingConfig,
    *,
    say: Callable[[str], None] = logger.info,
    callbacks: Sequence[TrainerCallback] = (),
) -> TrainingResult:
    """Trains as configured. A run folder of the same configuration is gone on with, a finished run is not repeated.

    Args:
        config: the run.
        say: gets lines for people (what is resumed, one tokenised example).
        callbacks: further callbacks of the Trainer, after those of the run; in each stage.

    Raises:
        Text2MDTError: T2M032 for a run folder of another configuration, or settings that do not fit the records or
            `init_from`; those of reading corpora and models; T2M034 when no adapter within the budget was kept;
            T2M038 where layers cannot be compiled; T2M042 where a tracker is not installed.
        PiloraError: PIL002 or PIL007 for a bad adapter configuration; PIL003 to PIL007 for the adapter of `init_from`;
            PIL014 for compiled layers with a method that looks at the prompt.
    """
    started = time.monotonic()
    _check_trackers(config)
    check_folder(config)
    if finished := finished_run(config):
        say(f"this run is finished: {config.output}")
        return finished
    result = _run(config, _start(config, say, callbacks), say, started, callbacks)
    leave()  # else a process that ends while the first one calibrates may abort, and take it along
    if _is_main_process() and config.calibrate != "nothing":
        gc.collect()  # the calibration loads the backbone anew: that of the training must be gone
        _calibrate(config, result.adapter)
    return result


def _calibrate(config: TrainingConfig, adapter: Path) -> None:
    # In the type that `extract` and `evaluate` take by themselves, not that of the training, unless it would not fit.
    dtype = config.dtype if config.dtype == NF4 else "auto"
    dev, curves = read_corpus(config.data.dev), config.calibrate == "full"
    found = calibrate_adapter(adapter, dev, config.model, config.device, dtype, curves=curves)
    if not found.passages and config.init_from is not None:
        # Dev has too few passages for a fit: the line of the adapter that this one began as is the better guess.
        write_calibration(read_calibration(_folder_of(config.init_from)), adapter)


def _check_trackers(config: TrainingConfig) -> None:
    for name in config.trackers:
        if find_spec(name) is None:
            raise Text2MDTError("T2M042", extra=name)


def _start(config: TrainingConfig, say: Callable[[str], None], callbacks: Sequence[TrainerCallback]) -> Path | None:
    """The adapter that the run goes on from; trained here, or gone on with, where the run has a first stage."""
    if config.first_stage is None:
        return None if config.init_from is None else _folder_of(config.init_from)
    say(f"first stage: {config.first_stage.records} synthetic passages")
    stage = first_stage(config)
    check_folder(stage)
    if finished := finished_run(stage):
        return finished.adapter
    if _is_main_process() and not stage.data.train.is_file():
        written = stage.data.train.with_suffix(".part")
        write_corpus(synthesise(config.first_stage.records, config.first_stage.data_seed), written)
        written.replace(stage.data.train)
    adapter = _run(stage, None, say, time.monotonic(), callbacks).adapter
    gc.collect()  # the main stage loads a backbone of its own
    return adapter


def _folder_of(named: Path) -> Path:
    """The folder of the adapter to go on from: a shipped one by its name."""
    return shipped_adapters().get(str(named), named)


def first_stage(config: TrainingConfig) -> TrainingConfig:
    """The run of a configuration's first stage: uniform ranks where the method allocates some, as many as it starts
    with, so that all of its rounds fall into the main stage."""
    if config.first_stage is None:
        raise ValueError("the configuration has no first stage")
    adapter = parse_config(config.adapter)
    if adapter.method == "spt":
        raise Text2MDTError("T2M032", "first_stage", detail="spt chooses its layers once, so it has one stage only")
    if isinstance(adapter, LoRAConfig) and adapter.method != "milora":
        alpha = adapter.alpha / adapter.rank * adapter.start_rank
        adapter = LoRAConfig(rank=adapter.start_rank, alpha=alpha, dropout=adapter.dropout, targets=adapter.targets)
    output = config.output / FIRST_STAGE_FOLDER
    options = {"epochs": config.first_stage.epochs, "learning_rate": config.first_stage.learning_rate, "keep": "last"}
    options["curriculum_epochs"] = 0
    return config.model_copy(
        update={
            "first_stage": None,
            "substitution": None,
            "data": config.data.model_copy(update={"train": output / "synthetic.jsonl"}),
            "adapter": adapter.model_dump(mode="json"),
            "training": config.training.model_copy(update=options),
            "output": output,
        }
    )


def _run(
    config: TrainingConfig,
    start: Path | None,
    say: Callable[[str], None],
    started: float,
    callbacks: Sequence[TrainerCallback],
) -> TrainingResult:
    set_seed(config.seed)
    dtype = training_dtype(config.dtype, config.device)
    backbone = load_backbone(config.model, config.device, dtype)
    say(f"backbone in {dtype} on {backbone.model.device}")
    model = _adapted(config, start, backbone)
    if config.training.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    if _compiles(config, model):
        say("layers are compiled: the first step takes half a minute")
        compile_layers(model)
    every = read_corpus(config.data.train)
    relations = relations_of(every) or ENGLISH
    records, held_out = _hold_out(every, model.adapter_config, config.seed)
    records += _further(records, config, backbone, relations, say)
    training, dev = (_encoded(part, config, backbone, relations) for part in (records, read_corpus(config.data.dev)))
    calibration = _encoded(held_out, config, backbone, relations) if held_out else None
    if _is_main_process():
        say(preview(training[0], backbone.tokenizer))
    collator = Collator(int(backbone.tokenizer.pad_token_id))
    schedule = _schedule(model, calibration, collator)
    trainer = AdapterTrainer(
        model=model,
        token_lengths=training.token_lengths(),
        eval_token_lengths=dev.token_lengths(),
        max_tokens=config.training.batch_tokens,
        ordered_epochs=config.training.curriculum_epochs,
        schedule=schedule,
        args=_arguments(config),
        train_dataset=training,
        eval_dataset=dev,
        data_collator=collator,
    )
    _set_step_intervals(trainer, config)
    kept = config.output / ADAPTER_FOLDER
    about = {
        "format": config.data.format,
        "relations": relations.name,
        "train": str(config.data.train),
        "seed": config.seed,
        "dtype": dtype,
    }
    options = config.training
    trainer.add_callback(KeepAdapter(kept, schedule, keep=options.keep, patience=options.patience, about=about))
    trainer.add_callback(TimedCheckpoints(CHECKPOINT_SECONDS))
    for callback in callbacks:
        trainer.add_callback(callback)
    checkpoint = last_whole_checkpoint(config.output)
    if checkpoint:
        say(f"resuming from {checkpoint}")
    if _is_main_process():
        note_config(config)
    trainer.train(resume_from_checkpoint=checkpoint)
    trainer.accelerator.wait_for_everyone()
    if not holds_adapter(kept) or (options.keep == "last" and not _evaluated_at_the_end(trainer)):
        trainer.evaluate()  # the last evaluation was before the last step, or there was none
        trainer.accelerator.wait_for_everyone()
    return _finish(config, schedule, kept, time.monotonic() - started)


def _evaluated_at_the_end(trainer: AdapterTrainer) -> bool:
    return any("eval_loss" in e and e["step"] == trainer.state.global_step for e in trainer.state.log_history)


def _adapted(config: TrainingConfig, start: Path | None, backbone: Backbone) -> AdaptedModel:
    wanted = parse_config(config.adapter)
    if start is None:
        return attach(backbone.model, wanted)
    model = load(backbone.model, start)
    if key := _different_make(wanted, model.adapter_config):
        detail = f"adapter.{key} is not that of the adapter to go on from"
        raise Text2MDTError("T2M032", start, detail=detail)
    model.adapter_config = wanted
    if isinstance(wanted, LoRAConfig):
        for _, module in model.low_rank_modules():
            module.dropout = wanted.dropout
    return model


def _compiles(config: TrainingConfig, model: AdaptedModel) -> bool:
    """Whether to compile the layers.

    Raises:
        Text2MDTError: T2M038 where it is asked for and there is no compiler.
    """
    wanted = config.training.compile
    on_cpu = model.device.type == "cpu"
    if wanted == "auto":
        suited = config.dtype != NF4 and not config.training.gradient_checkpointing
        return on_cpu and suited and has_compiler() and can_be_compiled(model)
    if wanted and on_cpu and not has_compiler():
        raise Text2MDTError("T2M038")
    return wanted


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


def _further(
    records: list[Record],
    config: TrainingConfig,
    backbone: Backbone,
    relations: RelationSet,
    say: Callable[[str], None],
) -> list[Record]:
    """Copies with other drugs and doses, as far as they are not too long."""
    if config.substitution is None:
        return []
    copies = substituted(records, relations, **config.substitution.model_dump())
    form, limit = config.data.format, config.data.max_tokens
    found = [
        record
        for record in copies
        if all(len(example) <= limit for example in encode_record(record, backbone.tokenizer, form, relations))
    ]
    say(f"{len(found)} further records with other drugs and doses")
    return found


def _encoded(
    records: list[Record], config: TrainingConfig, backbone: Backbone, relations: RelationSet
) -> TrainingExamples:
    return TrainingExamples(records, backbone.tokenizer, config.data.format, relations, config.data.max_tokens)


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
        report_to=config.trackers,
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


def _finish(config: TrainingConfig, schedule: Any, kept: Path, seconds: float) -> TrainingResult:
    if not holds_adapter(kept):
        raise Text2MDTError("T2M034", config.output)
    stored = read_adapter_config(kept)
    ranks = load_ranks(stored)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = TrainingResult(
        adapter=kept,
        dev_loss=stored["about"]["eval_loss"],
        parameters=stored_parameters(kept),
        ranks=ranks,
        rounds=schedule.history if schedule is not None else [],
        held_out_tokens=getattr(schedule, "tokens", 0),
        seconds=seconds,
        peak_memory=peak,
        scoring_seconds=getattr(schedule, "scoring_seconds", 0.0),
    )
    content = {**result.__dict__, "adapter": str(kept)}
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
