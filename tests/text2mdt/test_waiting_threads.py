"""Threads that wait give their core away, as the runtime of OpenMP itself says it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOAD = "from text2mdt.cli import main\ntry: main(['--version'])\nfinally: import torch"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="PyTorch has another runtime of OpenMP there")


def shown_by_runtime(**variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    environment = kept | {"OMP_DISPLAY_ENV": "VERBOSE"} | variables
    return subprocess.run([sys.executable, "-c", LOAD], env=environment, capture_output=True, text=True).stderr


def test_the_command_line_lets_threads_sleep():
    assert "GOMP_SPINCOUNT = '1000'" in shown_by_runtime()


@pytest.mark.parametrize(
    ("variable", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "PASSIVE"), ("OMP_WAIT_POLICY", "ACTIVE")]
)
def test_what_the_user_has_chosen_stays(variable, value):
    shown = shown_by_runtime(**{variable: value})
    assert f"{variable} = '{value}'" in shown
    assert "GOMP_SPINCOUNT = '1000'" not in shown
