"""The configuration of a comparison: methods, seeds, data sets, and what is the same for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from text2mdt.errors import Text2MDTError
from text2mdt.linear import FORMATS
from text2mdt.training_config import (
    FirstStageConfig,
    OptimisationConfig,
    SubstitutionConfig,
    read_training_config,
    with_split_files,
)
from text2mdt.yaml_file import read_yaml_table

NAME = r"^[a-z0-9][a-z0-9_.:-]{0,39}$"
SPLITS = ("dev", "test")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DatasetConfig(_Section):
    """One data set. Paths are relative to the working folder.

    Attributes:
        path: a folder with the files of train and dev (`text2mdt.data_folder`), where they are not named.
        test: is read only where it is named.
        train_records: train on so many, drawn with seed 0; None for all.
        dev_records: the same of dev.
    """

    path: Path | None = Field(None, exclude=True)
    train: Path
    dev: Path
    test: Path | None = None
    train_records: int | None = Field(None, ge=1)
    dev_records: int | None = Field(None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _files_of_folder(cls, values: Any) -> Any:
        return with_split_files(values)

    def file(self, split: str) -> Path | None:
        """The file of a split."""
        found: Path | None = getattr(self, split)
        return found


class RecipeConfig(_Section):
    """How the training of one row differs from that of the others, where recipes are compared instead of methods.

    Attributes:
        format: of the target text, in place of the comparison's.
        substitution: further records, made from the training records.
        first_stage: synthetic passages before the annotated ones, in place of the comparison's; not in the search.
        epochs: in place of those of `training`; not in the search.
        curriculum_epochs: the same; not in the search.
    """

    format: str | None = None
    substitution: SubstitutionConfig | None = None
    first_stage: FirstStageConfig | None = None
    epochs: float | None = Field(None, gt=0)
    curriculum_epochs: int | None = Field(None, ge=1)

    def main_training(self, training: OptimisationConfig) -> OptimisationConfig:
        """A main training's settings, with what is in their place here."""
        own = {key: getattr(self, key) for key in ("epochs", "curriculum_epochs") if getattr(self, key) is not None}
        return training.model_copy(update=own)


class MethodConfig(_Section):
    """One row of the comparison: an adapter that is trained, or the bare backbone with solved examples.

    Attributes:
        label: how the report names it; by default its key.
        config: a training configuration whose `adapter` section is taken.
        adapter: the method's configuration, laid over that of `config`.
        recipe: what its training has for itself; by default nothing, so that methods are compared on equal terms.
        few_shot: solved examples in the prompt, of a backbone that is not trained.
        outside_budget: why its number of parameters may differ from the budget by more than the tolerance.
    """

    label: str | None = None
    config: Path | None = None
    adapter: dict[str, Any] | None = None
    recipe: RecipeConfig = RecipeConfig()
    few_shot: int | None = Field(None, ge=0)
    outside_budget: str | None = Field(None, min_length=10)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        trained = self.config is not None or self.adapter is not None
        if trained == (self.few_shot is not None):
            raise ValueError("give config or adapter, or few_shot alone")
        if not trained and self.recipe != RecipeConfig():
            raise ValueError("a recipe is of a training; few_shot has none")
        if self.config is not None:
            self.adapter = {**read_training_config(self.config).adapter, **(self.adapter or {})}
            self.config = None
        return self


class BudgetConfig(_Section):
    """What every method may keep of trainable parameters.

    Attributes:
        parameters: the budget; by default what the reference method keeps.
        tolerance: share of it that a method may be above or below.
    """

    parameters: int | None = Field(None, ge=1)
    tolerance: float = Field(0.05, ge=0, lt=1)


class SearchConfig(_Section):
    """The search for a learning rate, the same for every method: the rate with the lowest loss on dev is taken.

    Attributes:
        rates: the grid.
        records: training records, drawn with seed 0; None for all.
        epochs: passes over them.
        seed: of the runs.
    """

    rates: tuple[float, ...] = Field((1e-3, 2e-3, 4e-3, 8e-3), min_length=2)
    records: int | None = Field(300, ge=1)
    epochs: float = Field(2, gt=0)
    seed: int = 0

    @model_validator(mode="after")
    def _a_grid(self) -> Self:
        if min(self.rates) <= 0 or len(set(self.rates)) < len(self.rates):
            raise ValueError("rates must be positive and different")
        self.rates = tuple(sorted(self.rates))
        return self


class DecodingConfig(_Section):
    """How answers are generated, greedily: the same for every method."""

    batch_size: int = Field(16, ge=1)
    max_new_tokens: int = Field(512, ge=1)
    grammar: bool = True
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"


class SpeedConfig(_Section):
    """How decoding speed is measured: unmerged adapters, every row of a batch the same number of tokens.

    Attributes:
        rows: of the batch, prompts of dev.
        new_tokens: a row.
        tenants: adapters in the mixed batch.
        repeats: the median counts.
    """

    rows: int = Field(8, ge=1)
    new_tokens: int = Field(64, ge=1)
    tenants: int = Field(4, ge=2)
    repeats: int = Field(3, ge=1)


class ComparisonConfig(_Section):
    """A whole comparison.

    Attributes:
        title: of the report.
        model, device, dtype: as in training; decoding has a dtype of its own.
        format, max_tokens: of the target text, as in training.
        datasets: by name.
        methods: by name; one of them is `reference`.
        seeds: of the main trainings.
        reference: all others are tested against it.
        training: the same for every method; its learning rate is what the search gives.
        first_stage: synthetic passages before the annotated ones, the same for every method; not in the search.
        splits: what is evaluated; test only where it is named here.
        examples: records of dev that the report shows in full.
        fidelity: a file of `benchmarks/importance_fidelity.py`, to be shown in the report.
        tensorboard, mlflow: log the trainings there.
        output: the report's folder.
        units: the folder of the finished units; comparisons may share one.
    """

    title: str = "Comparison of fine-tuning methods"
    model: str = "default"
    device: str = "auto"
    dtype: Literal["float32", "bfloat16", "float16"] = "bfloat16"
    format: str = "outline"
    max_tokens: int = Field(1024, ge=16)
    datasets: dict[str, DatasetConfig] = Field(min_length=1)
    methods: dict[str, MethodConfig] = Field(min_length=2)
    seeds: tuple[int, ...] = Field((1,), min_length=1)
    reference: str = "pi_lora"
    budget: BudgetConfig = BudgetConfig()
    training: OptimisationConfig = OptimisationConfig()
    first_stage: FirstStageConfig | None = None
    search: SearchConfig = SearchConfig()
    decoding: DecodingConfig = DecodingConfig()
    speed: SpeedConfig | None = SpeedConfig()
    splits: tuple[Literal["dev", "test"], ...] = ("dev",)
    examples: int = Field(6, ge=0, le=50)
    fidelity: Path | None = None
    tensorboard: bool = False
    mlflow: bool = False
    output: Path
    units: Path | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        import re

        for form in {self.format, *(one.recipe.format for one in self.methods.values())} - {None}:
            if form not in FORMATS:
                raise ValueError(f"there is no format '{form}'; known: {', '.join(FORMATS)}")
        for name in (*self.datasets, *self.methods):
            if not re.match(NAME, name):
                raise ValueError(f"the name '{name}' is not of small letters, digits and _ . : -")
        if self.reference not in self.methods or self.methods[self.reference].few_shot is not None:
            raise ValueError(f"reference '{self.reference}' is not one of the trained methods")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed stands twice")
        if "learning_rate" in self.training.model_fields_set:
            raise ValueError("training.learning_rate is what the search gives; leave it out")
        if len(set(self.splits)) < len(self.splits):
            raise ValueError("a split stands twice")
        return self

    @property
    def units_folder(self) -> Path:
        """Where the finished units lie."""
        return self.units or self.output / "units"

    def label(self, method: str) -> str:
        """How the report names a method."""
        return self.methods[method].label or method


def read_comparison_config(path: str | Path) -> ComparisonConfig:
    """Reads a YAML file.

    Raises:
        Text2MDTError: T2M010 when it is missing, T2M032 when it is not valid or a key is unknown.
    """
    path = Path(path)
    try:
        return ComparisonConfig.model_validate(read_yaml_table(path))
    except ValidationError as error:
        raise Text2MDTError("T2M032", path, detail=_first_problem(error.errors())) from error


def _first_problem(errors: Sequence[Any]) -> str:
    place = ".".join(map(str, errors[0]["loc"]))
    return f"{place}: {errors[0]['msg']}" if place else str(errors[0]["msg"])
