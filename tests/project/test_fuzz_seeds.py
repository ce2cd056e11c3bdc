"""Inputs that once went wrong, and whole ones, given to the targets of benchmarks/fuzz.py."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from fuzz_targets import SEEDS, TARGETS, examples  # noqa: E402

FOUND = [path for path in sorted(SEEDS.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_went_wrong(path):
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "readers"])
def test_whole_and_empty_inputs(target):
    for data in [b"", *examples(target)]:
        TARGETS[target](data)


def test_every_seed_has_its_target():
    assert {path.parent.name for path in FOUND} <= set(TARGETS) and len(FOUND) >= 5
