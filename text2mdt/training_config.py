"""The configuration of a training run: a YAML file plus `key=value` overrides; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from text2mdt.data_folder import split_file
from text2mdt.errors import Text2MDTError
from text2mdt.yaml_file import parse_yaml, read_yaml_table


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


def with_split_files(values: Any) -> Any:
    """A section of data with the files of the folder `path`, where train and dev are not named; raises T2M174."""
    if not isinstance(values, dict) or values.get("path") is None:
        return values
    folder = Path(str(values["path"]))
    found = {part: split_file(folder, part) for part in ("train", "dev") if values.get(part) is None}
    return {**values, **found}


class DataConfig(_Section):
    """Which records. Paths are relative to the working folder.

    Attributes:
        path: a folder with the files of train and dev (`text2mdt.data_folder`), where they are not named.
    """

    path: Path | None = Field(None, exclude=True)  # what counts are the files
    train: Path
    dev: Path
    format: str = "outline"
    max_tokens: int = Field(1024, ge=16, description="longest record allowed, in tokens")

    @model_validator(mode="before")
    @classmethod
    def _files_of_folder(cls, values: Any) -> Any:
        return with_split_files(values)


class OptimisationConfig(_Section):
    """How the adapter is trained.

    Attributes:
        epochs: passes over the training records.
        learning_rate: the highest, after warm-up; falls along a cosine to zero.
        warmup: share of the steps with rising learning rate.
        batch_tokens: bound on the padded tokens of a micro-batch (memory grows with it).
        accumulation: micro-batches an optimiser step.
        weight_decay: AdamW's.
        max_grad_norm: gradients are clipped to this norm.
        gradient_checkpointing: less memory, about a third more time.
        compile: compile the layers (`pilora.compiling`): a third less time on a CPU, after half a minute. `auto` does
            so on a CPU where there is a C++ compiler, for methods that it suits and without gradient checkpointing.
        keep: the adapter of the `best` (lowest) dev loss, or of the `last` evaluation: a token's loss can rise again
            while whole trees still get better.
        patience: with `keep: best`, evaluations without a better dev loss before stopping; 0 trains to the end.
        evaluations_per_epoch: how often dev loss is taken and a checkpoint written. Further checkpoints come every ten
            minutes.
        curriculum_epochs: epochs that go from the shortest records to the longest, before those in random order.
    """

    epochs: float = Field(6, gt=0)
    learning_rate: float = Field(1e-3, gt=0)
    warmup: float = Field(0.06, ge=0, lt=1)
    batch_tokens: int = Field(2048, ge=16)
    accumulation: int = Field(1, ge=1)
    weight_decay: float = Field(0.0, ge=0)
    max_grad_norm: float = Field(1.0, gt=0)
    gradient_checkpointing: bool = False
    compile: bool | Literal["auto"] = False
    keep: Literal["best", "last"] = "best"
    patience: int = Field(2, ge=0)
    evaluations_per_epoch: int = Field(1, ge=1)
    curriculum_epochs: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _one_way_to_save(self) -> Self:
        if self.compile is True and self.gradient_checkpointing:
            raise ValueError("compile and gradient_checkpointing do not go together; choose one")
        return self


class SubstitutionConfig(_Section):
    """Further training records with other drugs and doses (`text2mdt.substitution`).

    Attributes:
        copies: of each record, at most.
        made_up: replace by made-up words and numbers, not by those of other records.
        seed: of the choices.
    """

    copies: int = Field(1, ge=1)
    made_up: bool = False
    seed: int = 0


class FirstStageConfig(_Section):
    """A stage on synthetic passages (`text2mdt.synthetic`) before the annotated ones.

    Attributes:
        records: synthetic passages.
        data_seed: of the passages.
        epochs: passes over them.
        learning_rate: the highest; the rest is as in the main stage.
    """

    records: int = Field(6000, ge=1)
    data_seed: int = 1
    epochs: float = Field(1, gt=0)
    learning_rate: float = Field(4e-3, gt=0)


class TrainingConfig(_Section):
    """A whole training run.

    Attributes:
        model: `default`, a folder or a hub id.
        dtype: of the frozen backbone; `auto` is bfloat16, but float32 on a CPU without instructions for that
            (`text2mdt.models.training_dtype`); `nf4` puts its linear modules in 4 bits (QLoRA). The adapter's own
            parameters stay float32.
        init_from: an adapter to go on from (a folder, or a shipped one's name), or None for a fresh adapter.
        substitution: further records made from the training records of the main stage, or None.
        first_stage: a stage on synthetic passages, from whose adapter the main stage goes on; not with `init_from`.
        adapter: configuration of the method (`pilora.config`), with `method`.
        calibrate: what the adapter gets from dev at the end (`text2mdt.calibrate`): the line between "none" and a tree
            and the curves of confidence (`full`), the `line` alone, or `nothing`.
        tensorboard: also log for TensorBoard (extra `tensorboard`), below the run folder.
        mlflow: also log to MLflow (extra `mlflow`), where `MLFLOW_TRACKING_URI` says.
    """

    model: str = "default"
    device: str = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16", "nf4"] = "auto"
    data: DataConfig
    adapter: dict[str, Any]
    init_from: Path | None = None
    substitution: SubstitutionConfig | None = None
    first_stage: FirstStageConfig | None = None
    training: OptimisationConfig = OptimisationConfig()
    output: Path
    seed: int = 1
    calibrate: Literal["full", "line", "nothing"] = "full"
    tensorboard: bool = False
    mlflow: bool = False

    @property
    def trackers(self) -> list[str]:
        """The trackers that the run logs to, as the Trainer names them."""
        return [name for name in ("tensorboard", "mlflow") if getattr(self, name)]

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.init_from is not None and self.first_stage is not None:
            raise ValueError("init_from and first_stage are two starts; choose one")
        return self


def read_training_config(path: str | Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Reads a YAML file and lays `section.key=value` overrides over it (values in YAML).

    Raises:
        Text2MDTError: T2M010 when the file is missing, T2M032 when it is not valid or a key is unknown.
    """
    path = Path(path)
    try:
        values = read_yaml_table(path)
        for override in overrides:
            _override(values, override)
        return TrainingConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise Text2MDTError("T2M032", path, detail=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    if not equals or not key:
        raise Text2MDTError("T2M032", override, detail="an override reads key=value")
    *sections, last = key.split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise Text2MDTError("T2M032", override, detail=f"'{section}' is not a section")
    values[last] = parse_yaml(value, override)
