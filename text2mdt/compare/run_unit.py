"""Runs one unit of a comparison in this process."""

from __future__ import annotations

from collections.abc import Callable

from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.unit_inputs import UnitInputs
from text2mdt.compare.unit_store import UnitStore
from text2mdt.compare.units import Unit, UnitKind
from text2mdt.content_hash import adapter_hash
from text2mdt.errors import Text2MDTError
from text2mdt.training_run_folder import holds_adapter


def run_unit(
    config: ComparisonConfig, store: UnitStore, name: str, say: Callable[[str], None], limit: float | None = None
) -> None:
    """Runs a unit, unless it is finished; under its lock, so that no other process does the same.

    Args:
        limit: seconds after which a training stops at its next checkpoint.

    Raises:
        Text2MDTError: T2M162 for an unknown unit, T2M164 where it waits for others, T2M163 where another process runs
            it, T2M165 where the adapter of a finished training was not kept or is another; those of trainings and
            evaluations.
        TrainingPaused: where the limit was met.
    """
    resolved = UnitInputs(config, store)
    unit = resolved.units.get(name)
    if unit is None:
        raise Text2MDTError("T2M162", name)
    inputs = resolved.of(unit)
    if inputs is None:
        waits = [need for need in unit.needs if resolved.finished(resolved.units[need]) is None]
        raise Text2MDTError("T2M164", name, needs=", ".join(waits))
    with store.lock(name, inputs) as folder:
        if store.finished(name, inputs) is not None:
            say(f"{name} is finished: {folder}")
            return
        if unit.kind in (UnitKind.SEARCH, UnitKind.TRAIN):
            from text2mdt.compare.train_unit import run_training, tidy

            store.finish(name, inputs, *run_training(config, unit, inputs, folder, say, limit))
            tidy(folder)
            return
        adapter = resolved.adapter_of(unit)
        if adapter is not None and (not holds_adapter(adapter) or adapter_hash(adapter) != inputs["adapter"]):
            raise Text2MDTError("T2M165", adapter)
        if unit.kind is UnitKind.EVALUATE:
            from text2mdt.compare.evaluate_unit import run_evaluation

            store.finish(name, inputs, *run_evaluation(config, unit, adapter, folder, say))
        elif adapter is not None:
            from text2mdt.compare.speed_unit import run_speed

            store.finish(name, inputs, *run_speed(config, unit, adapter, folder, say))


def unit_states(config: ComparisonConfig, store: UnitStore) -> dict[Unit, str]:
    """Every unit with its state: finished, running, ready, or waiting for another."""
    resolved = UnitInputs(config, store)
    states = {}
    for unit in resolved.units.values():
        inputs = resolved.of(unit)
        if inputs is None:
            states[unit] = "waiting"
        elif store.finished(unit.name, inputs) is not None:
            states[unit] = "finished"
        else:
            states[unit] = "running" if store.is_locked(unit.name, inputs) else "ready"
    return states
