"""A training as a unit: with the learning rate of a search, or with the one that the search has chosen."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pilora.checkpoint import TENSOR_FILE
from text2mdt.compare.budget import kept_parameters
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.machine import machine_facts, peak_memory
from text2mdt.compare.training_clock import TrainingClock, read_clock
from text2mdt.compare.unit_inputs import ADAPTER
from text2mdt.compare.unit_store import Inputs
from text2mdt.compare.units import Unit, UnitKind
from text2mdt.content_hash import adapter_hash
from text2mdt.train import FIRST_STAGE_FOLDER, train
from text2mdt.training_config import (
    DataConfig,
    FirstStageConfig,
    OptimisationConfig,
    SubstitutionConfig,
    TrainingConfig,
)

Outcome = tuple[dict[str, Any], dict[str, Any]]
"""What is the same on every run, and what was measured on this one; JSON values."""

RUN = "run"


def run_training(
    config: ComparisonConfig,
    unit: Unit,
    inputs: Inputs,
    folder: Path,
    say: Callable[[str], None],
    limit: float | None = None,
) -> Outcome:
    """Trains, or goes on with what an earlier call has begun in the unit's folder.

    Args:
        limit: seconds after which the next checkpoint ends the call.

    Raises:
        TrainingPaused: when that has happened.
        Text2MDTError, PiloraError: as `text2mdt.train.train`.
    """
    wanted = training_config(config, unit, inputs, folder)
    result = train(wanted, say=say, callbacks=(TrainingClock(limit),))
    clock = read_clock(wanted.output)
    first = read_clock(wanted.output / FIRST_STAGE_FOLDER)
    stages = [max(one["seconds"].values(), default=0.0) for one in (first, clock)]
    outcome = {
        "dev_loss": result.dev_loss if math.isfinite(result.dev_loss) else None,
        "learning_rate": wanted.training.learning_rate,
        "start_parameters": clock["trainable"],
        "kept_parameters": kept_parameters(result.adapter),
        "adapter_bytes": (result.adapter / TENSOR_FILE).stat().st_size,
        "held_out_tokens": result.held_out_tokens,
        "ranks": result.ranks,
        "rounds": result.rounds,
        "adapter": adapter_hash(result.adapter),
        "curve": _finite(clock["curve"]),
    }
    measured = {
        "seconds": sum(stages),
        "scoring_seconds": result.scoring_seconds,
        "peak_memory": peak_memory(),
        "machine": machine_facts(),
    }
    if unit.kind is UnitKind.TRAIN:
        shutil.copytree(result.adapter, folder / ADAPTER, dirs_exist_ok=True)
    return outcome, measured


def training_config(config: ComparisonConfig, unit: Unit, inputs: Inputs, folder: Path) -> TrainingConfig:
    """The run that a unit's inputs describe, in the unit's folder."""
    records = config.search.records if unit.kind is UnitKind.SEARCH else None
    first, substitution = inputs["first_stage"], inputs.get("substitution")
    return TrainingConfig(
        model=config.model,
        device=config.device,
        dtype=config.dtype,
        data=DataConfig(
            train=data_file(config, unit.dataset, "train", records),
            dev=data_file(config, unit.dataset, "dev"),
            format=inputs["format"],
            max_tokens=config.max_tokens,
        ),
        adapter=inputs["method"],
        substitution=None if substitution is None else SubstitutionConfig(**substitution),
        first_stage=None if first is None else FirstStageConfig(**first),
        training=OptimisationConfig(**inputs["training"]),
        output=folder / RUN,
        seed=inputs["seed"],
        calibrate="nothing" if unit.kind is UnitKind.SEARCH else "line",  # the curves move no tree
        tensorboard=config.tensorboard,
        mlflow=config.mlflow,
    )


def tidy(folder: Path) -> None:
    """Takes away what nobody needs of a training once its unit is finished: checkpoints are ten times an adapter."""
    for path in [*folder.glob(f"{RUN}/**/checkpoint-*"), *folder.glob(f"{RUN}/**/{ADAPTER}")]:
        shutil.rmtree(path, ignore_errors=True)


def _finite(curve: list[dict[str, float]]) -> list[dict[str, float | None]]:
    return [{key: value if math.isfinite(value) else None for key, value in entry.items()} for entry in curve]
