"""The folder of a training run: whose run it holds, how far it came, and what it gave."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from transformers.trainer import TRAINER_STATE_NAME

from text2mdt.errors import Text2MDTError
from text2mdt.training_config import TrainingConfig

logger = logging.getLogger(__name__)

ADAPTER_FOLDER = "adapter"
CONFIG_FILE = "config.json"
RESULT_FILE = "result.json"


@dataclass(frozen=True)
class TrainingResult:
    """What a run gave.

    Attributes:
        adapter: the folder of the kept adapter, which is within the budget.
        dev_loss: its mean loss a target token on dev, in nats.
        parameters: its trainable parameters.
        ranks: by module.
        rounds: the schedule's rounds (budget, loss saved, sum of scores, ranks), empty where ranks stay.
        held_out_tokens: tokens that the schedule's own training steps read, a part of the method's cost.
        scoring_seconds: of the schedule's rounds of scoring, all calls together; 0 where it scores nothing.
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
    scoring_seconds: float = 0.0


def check_folder(config: TrainingConfig) -> None:
    """Makes the run folder; refuses one that holds another run."""
    path = config.output / CONFIG_FILE
    try:
        config.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Text2MDTError("T2M041", config.output, detail=error.strerror) from error
    if path.is_file() and not _is_of(config, path.read_text(encoding="utf-8")):
        detail = "the run folder holds a run with other settings; choose another output or delete it"
        raise Text2MDTError("T2M032", config.output, detail=detail)


def _is_of(config: TrainingConfig, noted: str) -> bool:
    """Whether a noted configuration is this one, a key that is newer than the note having its default."""
    try:
        return TrainingConfig.model_validate_json(noted) == config
    except ValidationError:
        return False


def note_config(config: TrainingConfig) -> None:
    """Claims the run folder, once nothing in the configuration turned out to be wrong."""
    (config.output / CONFIG_FILE).write_text(_as_text(config), encoding="utf-8")


def _as_text(config: TrainingConfig) -> str:
    return json.dumps(config.model_dump(mode="json"), indent=1) + "\n"


def finished_run(config: TrainingConfig) -> TrainingResult | None:
    """What the run folder's run gave, where it came to its end."""
    path = config.output / RESULT_FILE
    if not (path.is_file() and holds_adapter(config.output / ADAPTER_FOLDER)):
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return TrainingResult(**{**content, "adapter": Path(content["adapter"])})


def last_whole_checkpoint(folder: Path) -> str | None:
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


def holds_adapter(folder: Path) -> bool:
    return (folder / "adapter.json").is_file()
