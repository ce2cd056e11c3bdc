"""Every threat of docs/security.md has a test, and every test that it names exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|")][2:]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_threat_names_a_test():
    assert len(ROWS) > 30
    assert [row for row in ROWS if not NAMED.search(row)] == []


def test_every_named_test_exists():
    defined: dict[str, set[str]] = {}
    missing = []
    for file, name in NAMED.findall(PAGE):
        path = ROOT / "tests" / file
        if file not in defined:
            nodes = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
            defined[file] = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        if name not in defined[file]:
            missing.append(f"{file}::{name}")
    assert missing == []
