"""Writes the figures of the pages anew that a short command gives (`make figures`; some minutes).

A page names the command itself, before the table that it prints:

    <!-- figures: benchmarks/safety_checks.py -->
    | … |
    <!-- end -->

Figures of long commands (training, evaluation, times) are not made here: the pages name their commands.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = Path(__file__).parent
MARK = re.compile(r"(<!-- figures: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def printed(command: str) -> str:
    """What a script of the repository prints; raises CalledProcessError where it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, *command.split()], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment
    )
    return done.stdout.strip() + "\n"


def with_figures(page: str, run: Callable[[str], str] = printed) -> str:
    """The page with the output of each command that it names."""
    return MARK.sub(lambda match: f"{match[1]}{run(match[2])}{match[3]}", page)


def pages() -> list[Path]:
    """Those that name a command."""
    return [page for page in sorted(PAGES.rglob("*.md")) if MARK.search(page.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for page in pages():
        page.write_text(with_figures(page.read_text(encoding="utf-8")), encoding="utf-8")
