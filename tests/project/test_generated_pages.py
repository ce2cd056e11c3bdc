"""The pages that `make docs` writes are current."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pilora.errors import PiloraError
from text2mdt.errors import Text2MDTError

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_error_codes():
    make_errors = script("make_errors")
    page = make_errors.PAGE.read_text(encoding="utf-8")
    assert page == make_errors.errors_page(), "run `make docs`"
    for code in [*Text2MDTError.catalogue, *PiloraError.catalogue]:
        assert f"\n| {code} | " in page
    assert "{" not in page


def test_the_page_of_the_architecture_names_every_file():
    make_file_map = script("make_file_map")
    page = make_file_map.PAGE.read_text(encoding="utf-8")
    assert page == make_file_map.architecture_page(), "run `make docs`"
    for package in ("app", "text2mdt", "pilora"):
        for path in (ROOT / package).rglob("*.py"):
            assert f"| `{path.relative_to(ROOT / package)}` | " in page
    assert "` |  |" not in page, "a module without a docstring"
