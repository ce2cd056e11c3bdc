"""The runner of the benchmarks, and its page."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
STEP = {
    "settings": {"rows": 8, "tokens": 256, "rank": 8},
    "peft": {"seconds": 4.0},
    "adalora": {"seconds": 8.0},
    "pilora": {"seconds": 2.0},
    "compiled": {"seconds": 1.0},
    "ratio_seconds": 0.5,
    "ratio_seconds_adalora": 0.25,
    "ratio_peak_memory": 0.7,
    "ratio_seconds_compiled": 0.45,
}
MACHINE = {
    "processor": "A",
    "cores": 2,
    "memory": 2**30,
    "accelerator": None,
    "system": "Linux",
    "python": "3.11",
    "threads": 1,
    "packages": {},
}


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    spec = spec_from_file_location("run_all", ROOT / "benchmarks" / "run_all.py")
    module = module_from_spec(spec)
    sys.modules["run_all"] = module
    spec.loader.exec_module(module)
    return module


def test_every_benchmark_has_its_script(runner):
    for benchmark in runner.BENCHMARKS.values():
        assert (ROOT / "benchmarks" / benchmark.script).is_file()
        assert benchmark.runs and benchmark.quick


def test_the_page_keeps_what_is_written_by_hand(runner):
    results = {
        "step": {"date": "2026-01-01", "machine": MACHINE, "load": 0.1, "runs": [{"words": "x", "answer": STEP}]}
    }
    once = runner.page("# Benchmarks\n\nBy hand.\n", results)
    assert once.startswith("# Benchmarks\n\nBy hand.\n")
    assert "| 8 × 256, 8 | 4.00 s | 8.00 s | 2.00 s | 1.00 s | 0.50 | 0.25 | 0.70 | 0.45 |" in once
    assert "2 cores, 1 threads used, 1 GiB" in once
    assert runner.page(once, results) == once
    results["step"]["runs"][0]["answer"] = {**STEP, "ratio_seconds": 0.9}
    changed = runner.page(once + "Below.\n", results)
    assert "0.90 | 0.25" in changed and "0.50 | 0.25" not in changed and changed.endswith("Below.\n")


def test_a_benchmark_that_fails_ends_nothing(runner, tmp_path, monkeypatch, capsys):
    def answer(benchmark, words):
        if benchmark.script == "warm_start.py":
            raise subprocess.CalledProcessError(1, "warm_start.py")
        return STEP

    monkeypatch.setattr(runner, "run", answer)
    monkeypatch.setattr(sys, "argv", ["run_all.py", "--only", "start,step", "--out", str(tmp_path)])
    assert runner.main() == 1
    assert "failed: start" in capsys.readouterr().err
    assert list(json.loads((tmp_path / "results" / "benchmarks.json").read_text())) == ["step"]
    assert "Training step" in (tmp_path / "benchmarks.md").read_text()


@pytest.mark.parametrize("words", [["--only", "nothing"], ["--quick"]])
def test_wrong_usage(runner, monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", ["run_all.py", *words])
    with pytest.raises(SystemExit) as caught:
        runner.main()
    assert caught.value.code == 2
