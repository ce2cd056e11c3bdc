"""Training by several processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_model import save_tiny_model
from toy_corpus import toy_config

from text2mdt.train import train
from text2mdt.training_config import TrainingConfig

PROGRAM = """
import sys
from pathlib import Path
from text2mdt.train import train
from text2mdt.training_config import TrainingConfig
train(TrainingConfig.model_validate_json(Path(sys.argv[1]).read_text()), say=lambda line: None)
"""


def losses(config: TrainingConfig) -> list[float]:
    last = max(config.output.glob("checkpoint-*"), key=lambda folder: int(folder.name.rpartition("-")[2]))
    log = json.loads((last / "trainer_state.json").read_text())["log_history"]
    return [entry["eval_loss"] for entry in log if "eval_loss" in entry]


@pytest.mark.parametrize("method", ["pi_lora", "milora"])
def test_two_processes_give_the_allocation_and_losses_of_one(method: str, tmp_path: Path) -> None:
    """Two processes with a micro-batch each, against one with two micro-batches a step."""
    model = save_tiny_model(tmp_path / "model")
    settings = {"epochs": 4, "learning_rate": 0.01, "batch_tokens": 400}
    adapter = {} if method == "pi_lora" else {"held_out": 0.2, "balance": 0.0}
    alone = toy_config(tmp_path / "alone", model, method, training={**settings, "accumulation": 2}, adapter=adapter)
    together = toy_config(tmp_path / "together", model, method, training=settings, adapter=adapter)
    expected = train(alone)
    (tmp_path / "config.json").write_text(together.model_dump_json())
    (tmp_path / "program.py").write_text(PROGRAM)
    # What `accelerate launch` itself runs for several processes; on a CPU it would ask for MPI instead.
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [sys.executable, *launch, str(tmp_path / "program.py"), str(tmp_path / "config.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((together.output / "result.json").read_text())
    assert found["ranks"] == expected.ranks
    assert found["dev_loss"] == pytest.approx(expected.dev_loss, rel=1e-4)
    assert losses(together) == pytest.approx(losses(alone), rel=1e-4)
