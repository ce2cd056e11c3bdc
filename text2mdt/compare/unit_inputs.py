"""What a unit's result depends on: settings, content of the data, adapter and code, but no paths and no device."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from pilora.config import parse_config
from text2mdt.compare.code_version import code_version
from text2mdt.compare.config import ComparisonConfig
from text2mdt.compare.data_files import data_file
from text2mdt.compare.unit_store import FinishedUnit, Inputs, UnitStore
from text2mdt.compare.units import Unit, UnitKind, plan, search_name
from text2mdt.content_hash import adapter_hash, file_hash, joined_hash
from text2mdt.models.backbone import DEFAULT
from text2mdt.models.embedded import GGUF_SHA256

ADAPTER = "adapter"
"""The folder of the adapter in that of a training."""


class UnitInputs:
    """Resolves the inputs of the units of a comparison, as far as the units that they need are finished.

    Args:
        config: the comparison.
        store: where its finished units are.
    """

    def __init__(self, config: ComparisonConfig, store: UnitStore) -> None:
        self.config = config
        self.store = store
        self.units = {unit.name: unit for unit in plan(config)}
        self._known: dict[str, Inputs] = {}

    def of(self, unit: Unit) -> Inputs | None:
        """The inputs of a unit; None while it waits for another one.

        Raises:
            Text2MDTError: T2M010 or T2M016 for data that cannot be read, T2M161 for a damaged unit.
            PiloraError: PIL002 or PIL007 for a bad adapter configuration.
        """
        if unit.name not in self._known:
            if any(self.finished(self.units[name]) is None for name in unit.needs):
                return None
            self._known[unit.name] = self._resolve(unit)
        return self._known[unit.name]

    def finished(self, unit: Unit) -> FinishedUnit | None:
        """The unit, where it is done with the inputs of today."""
        inputs = self.of(unit)
        return None if inputs is None else self.store.finished(unit.name, inputs)

    def chosen_rate(self, dataset: str, method: str) -> float | None:
        """The learning rate with the lowest loss on dev; None while the search is not done."""
        losses = self.search_losses(dataset, method)
        if len(losses) < len(self.config.search.rates):
            return None
        return min(losses, key=lambda rate: losses[rate])

    def search_losses(self, dataset: str, method: str) -> dict[float, float]:
        """Dev loss by learning rate, of the searches that are done; infinite where the loss was no number."""
        found = {}
        for rate in self.config.search.rates:
            unit = self.finished(self.units[search_name(dataset, method, rate)])
            if unit is not None:
                loss = unit.result["dev_loss"]
                found[rate] = math.inf if loss is None else loss
        return found

    def adapter_of(self, unit: Unit) -> Path | None:
        """The adapter that an evaluation or measurement uses; None for the bare backbone, or before it is trained."""
        if not unit.needs:
            return None
        training = self._training_of(unit)
        return None if training is None else training.folder / ADAPTER

    def _training_of(self, unit: Unit) -> FinishedUnit | None:
        return self.finished(self.units[unit.needs[0]]) if unit.needs else None

    def _resolve(self, unit: Unit) -> Inputs:
        inputs: Inputs = {"kind": unit.kind.value, "code": code_version(unit.kind), "model": self._model()}
        if unit.kind in (UnitKind.SEARCH, UnitKind.TRAIN):
            return inputs | self._of_training(unit)
        training = self._training_of(unit)
        if training is not None:
            # As it was noted, not read anew: what is done stays done where adapters were not kept.
            noted = training.result.get("adapter")  # trainings of earlier releases have none
            inputs["adapter"] = adapter_hash(training.folder / ADAPTER) if noted is None else noted
        if unit.kind is UnitKind.SPEED:
            inputs |= {"speed": _values(self.config.speed), "dtype": self.config.decoding.dtype}
            return inputs | {"data": file_hash(data_file(self.config, unit.dataset, "dev"))}
        inputs |= {"decoding": _values(self.config.decoding)}
        inputs |= {"data": file_hash(data_file(self.config, unit.dataset, str(unit.split)))}
        few_shot = self.config.methods[unit.method].few_shot
        if few_shot is not None:
            examples = file_hash(data_file(self.config, unit.dataset, "train"))
            inputs |= {"few_shot": few_shot, "examples": examples, "format": self.config.format}
        return inputs

    def _of_training(self, unit: Unit) -> Inputs:
        config = self.config
        method = config.methods[unit.method]
        adapter, recipe = parse_config(method.adapter or {}, f"methods.{unit.method}.adapter"), method.recipe
        rate = unit.rate if unit.kind is UnitKind.SEARCH else self.chosen_rate(unit.dataset, unit.method)
        training = config.training.model_copy(update={"learning_rate": rate})
        if unit.kind is UnitKind.SEARCH:
            # Compiled code does not repay its making in so few steps.
            short = {"epochs": config.search.epochs, "compile": False}
            training, records = training.model_copy(update=short), config.search.records
            first_stage = None  # it would cost many times the search, once for every rate
        else:
            training, records = recipe.main_training(training), None
            first_stage = recipe.first_stage or config.first_stage
        inputs = {
            "dtype": config.dtype,
            "format": recipe.format or config.format,
            "max_tokens": config.max_tokens,
            "method": adapter.model_dump(mode="json"),
            "training": _values(training),
            "first_stage": None if first_stage is None else _values(first_stage),
            "seed": unit.seed,
            "train": file_hash(data_file(config, unit.dataset, "train", records)),
            "dev": file_hash(data_file(config, unit.dataset, "dev")),
        }
        return inputs if recipe.substitution is None else inputs | {"substitution": _values(recipe.substitution)}

    def _model(self) -> str:
        if self.config.model == DEFAULT:
            return f"{DEFAULT} {GGUF_SHA256[:16]}"
        folder = Path(self.config.model)
        if not (folder / "config.json").is_file():
            return self.config.model
        names = ("config.json", "tokenizer.json", *sorted(path.name for path in folder.glob("*.safetensors")))
        return joined_hash(folder / name for name in names if (folder / name).is_file())


def _values(section: Any) -> Any:
    return section.model_dump(mode="json")
