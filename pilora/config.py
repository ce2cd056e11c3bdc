"""What the methods' configurations share, those of the LoRA family, and the choice of the class by `method`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pilora.errors import PiloraError

ALL_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Q K V O of the attention and G U D of the feed-forward, as Llama, Qwen, Mistral and Gemma name them."""


class AdapterConfig(BaseModel):
    """What every method's configuration has; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    method: str

    def held_back(self, records: int) -> tuple[str, int]:
        """How many of so many training records the method's schedule takes for itself, and the setting that says so."""
        return "", 0


class LoRAConfig(AdapterConfig):
    """Uniform LoRA (Hu et al., 2021): `y = W x + s · B A x` with the same rank on every target.

    Attributes:
        rank: ranks a module; for a method that allocates ranks, the mean budget a module.
        alpha: the scale is `alpha / rank`, as in LoRA, and stays when ranks are cut.
        dropout: on the input of A, while training.
        targets: ends of the names of the linear modules to adapt.
    """

    method: Literal["lora"] = "lora"
    rank: int = Field(8, ge=1)
    alpha: float = Field(16.0, gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: tuple[str, ...] = ALL_LINEAR

    @property
    def start_rank(self) -> int:
        """Ranks a module at the start of training."""
        return self.rank


class PILoRAConfig(LoRAConfig):
    """PI-LoRA (FT-MDT, arXiv 2510.04655), in our reading: ranks kept by path-integrated importance.

    Attributes:
        start_factor: ranks at the start, as a multiple of `rank` (our reading; AdaLoRA uses 1.5).
        nodes: Gauss-Legendre nodes of the path.
        rounds: rounds of score and cut; the last one reaches the budget.
        first_round: when the first round comes, as a share of all training steps.
        last_round: when the last round comes, as a share of all training steps.
        calibration_records: training records held out for scoring.
        ema: weight of the earlier rounds' scores in the moving average; 0 keeps the newest only.
        basis: `svd` brings each module to its SVD basis before scoring; `as_trained` does not.
        count: what the budget counts, `parameters` or `ranks`.
        score: the rule; all but `path` are ablations.
    """

    method: Literal["pi_lora"] = "pi_lora"  # type: ignore[assignment]
    start_factor: float = Field(1.5, ge=1)
    nodes: int = Field(4, ge=1, le=64)
    rounds: int = Field(4, ge=1)
    first_round: float = Field(0.15, gt=0, lt=1)
    last_round: float = Field(0.5, gt=0, lt=1)
    calibration_records: int = Field(16, ge=1)
    ema: float = Field(0.3, ge=0, lt=1)
    basis: Literal["svd", "as_trained"] = "svd"
    count: Literal["parameters", "ranks"] = "parameters"
    score: Literal["path", "end_point", "module_path", "ablation", "random"] = "path"

    def held_back(self, records: int) -> tuple[str, int]:
        return "calibration_records", self.calibration_records

    @property
    def start_rank(self) -> int:
        return max(self.rank, round(self.rank * self.start_factor))


def parse_config(values: dict[str, Any], where: object = "") -> AdapterConfig:
    """The configuration of the method that `values["method"]` names.

    Raises:
        PiloraError: PIL002 for an unknown method, PIL007 for a bad or unknown key.
    """
    from pilora.methods import find_method  # the methods are built on this module

    method = find_method(values.get("method", "lora"), where)
    try:
        return method.config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise PiloraError("PIL007", where, detail=detail) from error
