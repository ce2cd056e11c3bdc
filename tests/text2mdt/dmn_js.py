"""Runs DMN files in a second engine: the libraries dmn-moddle and feelin of bpmn.io (MIT), on Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "dmn_js"
INSTALLED = shutil.which("node") is not None and (FOLDER / "node_modules" / "feelin").is_dir()
REASON = "needs Node.js and `npm install --prefix tests/dmn_js`"


class Table(NamedTuple):
    """A DMN file, and cases: answers by the label of the input."""

    dmn: str
    cases: Sequence[Mapping[str, bool]]


def outputs(tables: Sequence[Table]) -> list[list[list[str]]]:
    """For each file and case the outputs of all rules that fit; no file may give a warning as it is read."""
    asked = json.dumps([one._asdict() for one in tables])
    command = ["node", str(FOLDER / "decide.mjs")]
    done = subprocess.run(
        command, input=asked, capture_output=True, text=True, encoding="utf-8", timeout=1800, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["warnings"] for one in told] == [[] for _ in tables]
    return [one["outputs"] for one in told]
