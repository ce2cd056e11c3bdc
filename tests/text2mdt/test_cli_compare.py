from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import run
from tiny_model import save_tiny_model
from toy_comparison import PI_LORA, toy_comparison

from text2mdt.compare.gather import without_measured
from text2mdt.compare.unit_store import UNIT_FILE

LITTLE = {
    "speed": None,
    "splits": ["dev"],
    "seeds": [1],
    "methods": {"pi_lora": {"adapter": PI_LORA}, "none": {"few_shot": 0}},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


def test_units_are_listed_run_alone_and_gathered(model, tmp_path, capsys):
    config = toy_comparison(tmp_path, model, **LITTLE)
    listed = run(capsys, "compare", config, "--list-units")
    states = dict(reversed(line.split("\t")) for line in listed.out.splitlines())
    assert listed.code == 0
    assert [name for name, state in states.items() if state == "ready"] == [
        "search-toy-pi_lora-0.001",
        "search-toy-pi_lora-0.01",
        "evaluate-toy-none-dev",
    ]
    early = run(capsys, "compare", config, "--unit", "train-toy-pi_lora-1")
    assert (early.code, early.last_error[:8]) == (2, "T2M164: ")
    unknown = run(capsys, "compare", config, "--unit", "train")
    assert (unknown.code, unknown.last_error[:8]) == (2, "T2M162: ")
    for name in states:
        assert run(capsys, "compare", config, "--unit", name).code == 0
    again = run(capsys, "compare", config, "--unit", "train-toy-pi_lora-1")
    assert "is finished" in again.out
    done = run(capsys, "compare", config)
    assert done.code == 0
    assert f"report: {tmp_path / 'report' / 'report.html'}" in done.out
    results = json.loads((tmp_path / "report" / "results.json").read_text())
    assert results["units"]["missing"] == []


def test_a_report_of_nothing_yet(model, tmp_path, capsys):
    config = toy_comparison(tmp_path, model, **LITTLE)
    done = run(capsys, "compare", config, "--report-only")
    assert done.code == 0
    assert (tmp_path / "report" / "report.html").is_file()
    assert not (tmp_path / "report" / "units").exists() or not list(tmp_path.rglob(UNIT_FILE))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"methods": {"pi_lora": {"adapter": PI_LORA}, "lora": {"adapter": {"method": "lora", "rank": 9}}}}, "T2M160"),
        ({"methods": {"pi_lora": {"adapter": PI_LORA}, "lora": {"adapter": {"method": "lorra"}}}}, "PIL002"),
        ({"datasets": {"toy": {"train": "none.jsonl", "dev": "none.jsonl"}}}, "T2M010"),
        ({"model": "./nowhere"}, "T2M022"),
    ],
)
def test_a_mistake_is_one_line(model, tmp_path, capsys, changes, code):
    done = run(capsys, "compare", toy_comparison(tmp_path, model, **{**LITTLE, **changes}))
    assert done.code == 2
    assert done.last_error.startswith(code)
    assert "Traceback" not in done.err


def test_one_unit_is_of_one_configuration(model, tmp_path, capsys):
    config = toy_comparison(tmp_path, model)
    assert run(capsys, "compare", config, config, "--unit", "x").code == 2
    assert run(capsys, "compare").code == 2


LONGEST = 1200  # seconds of a command, on a machine that does much else


@pytest.fixture
def commands() -> Iterator[list[subprocess.Popen[bytes]]]:
    """The commands that a test has started; none outlives it."""
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for process in made:
        if process.poll() is None:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for a command and its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(commands: list[subprocess.Popen[bytes]], config: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command as a person starts it, with a group of processes of its own."""
    program = "from text2mdt.cli import main; main()"
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", program, "compare", str(config), *words],
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    commands.append(process)
    return process


def results_of(folder: Path) -> dict:
    return without_measured(json.loads((folder / "report" / "results.json").read_text()))


@pytest.mark.slow
@pytest.mark.timeout(2 * LONGEST)
def test_killed_again_and_again_and_resumed_it_gives_the_same(model, tmp_path, commands):
    """SIGKILL for the command and its children at several moments, among them the middle of a training."""
    changes = {**LITTLE, "training": {"epochs": 12, "batch_tokens": 300, "keep": "last"}}
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    assert start(commands, toy_comparison(tmp_path / "whole", model, **changes)).wait(LONGEST) == 0
    config = toy_comparison(tmp_path / "killed", model, **changes)
    moments = [
        lambda folder: list(folder.glob(f"search-*/*/{UNIT_FILE}")),
        lambda folder: list(folder.glob("train-*/*/run/checkpoint-*/trainer_state.json")),
        lambda folder: list(folder.glob("train-*/*/adapter/adapter.json")),
    ]
    for moment in moments:
        process = start(commands, config)
        while not moment(tmp_path / "killed" / "report" / "units") and process.poll() is None:
            time.sleep(0.02)
        if process.poll() is None:
            kill(process)
    assert start(commands, config).wait(LONGEST) == 0
    assert results_of(tmp_path / "killed") == results_of(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.timeout(2 * LONGEST)
def test_two_commands_at_once_do_each_unit_once(model, tmp_path, commands):
    config = toy_comparison(
        tmp_path,
        model,
        **{**LITTLE, "methods": {**LITTLE["methods"], "lora": {"adapter": {"method": "lora", "rank": 2}}}},
    )
    both = [start(commands, config, "--jobs", "2"), start(commands, config)]
    assert [process.wait(LONGEST) for process in both] == [0, 0]
    units = tmp_path / "report" / "units"
    results = results_of(tmp_path)
    assert results["units"]["missing"] == []
    assert len(list(units.glob(f"*/*/{UNIT_FILE}"))) == results["units"]["planned"]
    logs = {path.parent.name: path.read_text() for path in units.glob("*/log.txt")}
    trained = {name: text.count("'train_runtime'") for name, text in logs.items() if not name.startswith("evaluate")}
    assert set(trained.values()) == {1}
