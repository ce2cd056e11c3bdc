"""The command over a folder, killed again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_runs import check_whole, contents, write_documents
from tiny_model import save_tiny_model

KILLS, DOCUMENTS = 20, 40
COMMAND = "import sys; from text2mdt.cli import main; main(sys.argv[1:])"


class Runs:
    """Starts `text2mdt extract` on a folder with a tiny model."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder = folder
        self.model = model

    def start(self, output: Path, jobs: int) -> subprocess.Popen[bytes]:
        words = [self.folder, "--model", self.model, "--adapter", "none", "-o", output, "--jobs", jobs]
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, "extract", *map(str, words), "--format", "json,csv,svg"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )

    def to_the_end(self, output: Path, jobs: int = 1) -> None:
        run = self.start(output, jobs)
        _, said = run.communicate(timeout=300)
        assert run.returncode == 0, said.decode()[-2000:]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    write_documents(tmp_path / "in", DOCUMENTS)
    return Runs(tmp_path / "in", save_tiny_model(tmp_path / "model", seed=7))


def records(output: Path) -> dict[Path, int]:
    """When each record was written."""
    return {path: path.stat().st_mtime_ns for path in (output / ".text2mdt").glob("*.json")}


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_twenty_kills_lose_nothing_and_do_nothing_twice(runs, tmp_path):
    source = random.Random(3)
    runs.to_the_end(tmp_path / "whole")
    output, kills, at = tmp_path / "out", 0, []
    while kills < KILLS:
        before = records(output)
        run = runs.start(output, jobs=1 + kills % 2)
        limit = time.monotonic() + 120
        # Loading takes far longer than a small document: the kill is to come while documents are written.
        while kills % 5 and records(output) == before and run.poll() is None and time.monotonic() < limit:
            time.sleep(0.005)
        time.sleep(source.uniform(0, 0.15) if kills % 5 else source.uniform(0, 4))
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            kills += 1
            at.append(len(records(output)))
        elif kills < KILLS:  # all done before the last kill: some documents are to be done again
            for path in source.sample(sorted(output.rglob("*.csv")), 15):
                path.unlink()
        run.communicate()
    runs.to_the_end(output)
    check_whole(output, tmp_path / "whole")
    assert len(set(at)) >= 5  # they came at different places


@pytest.mark.slow
def test_several_processes_write_what_one_writes(runs, tmp_path):
    runs.to_the_end(tmp_path / "one")
    runs.to_the_end(tmp_path / "three", jobs=3)
    check_whole(tmp_path / "three", tmp_path / "one")
    assert len(contents(tmp_path / "one")) > 3 * DOCUMENTS
