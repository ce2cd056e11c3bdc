"""Writes the last section of docs/architecture.md, what each file does, from the modules' docstrings (`make docs`)."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("architecture.md")
_MARK = "<!-- Generated from here on by docs/make_file_map.py; run `make docs` after a change. -->\n"


def architecture_page() -> str:
    """The page as Markdown: what stands there by hand, and the tables."""
    written, mark, _ = PAGE.read_text(encoding="utf-8").partition(_MARK)
    return written + mark + "".join(_table(package) for package in ("app", "text2mdt", "pilora"))


def _table(package: str) -> str:
    """The modules of a package, those of its top folder first."""
    paths = sorted((ROOT / package).rglob("*.py"), key=lambda path: (path.parent != ROOT / package, path))
    rows = "".join(f"| `{path.relative_to(ROOT / package)}` | {_first_line(path)} |\n" for path in paths)
    return f"\n### {package}/\n\n| file | what it does |\n| --- | --- |\n{rows}"


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].removesuffix(".").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(architecture_page(), encoding="utf-8")
