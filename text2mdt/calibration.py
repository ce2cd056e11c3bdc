"""What was fitted to an adapter after its training, and lies beside its weights."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from text2mdt.confidence import ConfidenceCurves
from text2mdt.errors import Text2MDTError
from text2mdt.written_file import write_whole

FILE = "calibration.json"


class Calibration(BaseModel):
    """What was fitted (`text2mdt.calibrate`).

    Attributes:
        no_decision_bias: nats to be added to the logit of "none" as first token.
        passages: how many passages it was fitted on.
        without_decision: how many of them hold no decision.
        confidence: curves of triples, nodes and trees; None before they are fitted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    no_decision_bias: float = Field(0.0, allow_inf_nan=False)
    passages: int = 0
    without_decision: int = 0
    confidence: ConfidenceCurves | None = None


def read_calibration(folder: Path) -> Calibration:
    """The calibration of an adapter's folder; one without any effect where there is none.

    Raises:
        Text2MDTError: T2M028 for a file that cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return Calibration()
    try:
        return Calibration.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise Text2MDTError("T2M028", path, detail=str(error).splitlines()[0]) from error


def write_calibration(calibration: Calibration, folder: Path) -> None:
    """Puts the calibration beside the adapter's weights, whole or not at all; raises T2M041 where that fails."""
    content = json.dumps(calibration.model_dump(exclude_none=True), indent=1) + "\n"
    write_whole(folder / FILE, content)
