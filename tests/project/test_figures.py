"""The figures that `make figures` writes: each page names a command, and what stands there is what it prints."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    spec = spec_from_file_location("make_figures", ROOT / "docs" / "make_figures.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands(figures: ModuleType) -> list[str]:
    return [found[2] for page in figures.pages() for found in figures.MARK.finditer(page.read_text(encoding="utf-8"))]


def test_a_page_gets_what_its_commands_print_and_keeps_its_words(figures):
    page = "A <!-- figures: x.py --y -->\nold\n<!-- end --> B <!-- figures: z.py -->\n<!-- end --> C"
    found = figures.with_figures(page, lambda command: f"of {command}\n")
    assert (
        found
        == "A <!-- figures: x.py --y -->\nof x.py --y\n<!-- end --> B <!-- figures: z.py -->\nof z.py\n<!-- end --> C"
    )


def test_pages_name_scripts_that_are_there(figures):
    assert len(commands(figures)) >= 3
    for command in commands(figures):
        assert (ROOT / command.split()[0]).is_file()


def test_the_quick_figures_are_current(figures):
    page = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    assert figures.with_figures(page) == page, "run `make figures`"


@pytest.mark.slow
def test_all_figures_are_current(figures):
    for page in figures.pages():
        text = page.read_text(encoding="utf-8")
        assert figures.with_figures(text) == text, "run `make figures`"
