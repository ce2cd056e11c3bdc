"""What the packages import is what pyproject.toml declares, and what it declares is pinned."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HELPERS = [path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*")]
OWN = {"pilora", "text2mdt", "app", "deploy", "docs"} | {
    path.stem for path in HELPERS if path.suffix == ".py" or path.is_dir()
}
USED_BY_TRANSFORMERS = {"accelerate"}
"""Never imported here: its Trainer needs it."""
LOADED_BY_NAME = {"fhir.resources"}
"""One module or another by the release that is asked for."""
OPTIONAL = {"bitsandbytes", "docling", "httpx", "llama_cpp", "peft", "ray", "vllm"}
"""Looked for at run time; an error with a code says what to install."""


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}


def imported(package: str) -> set[str]:
    """The distributions that the modules of a package import."""
    modules: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules.add(node.module.partition(".")[0])
    providers = packages_distributions()
    third_party = modules - set(sys.stdlib_module_names) - OWN - OPTIONAL
    return {providers.get(module, [module])[0].lower().replace("_", "-") for module in third_party}


def test_the_libraries_import_what_is_declared_and_nothing_is_declared_in_vain():
    declared = names(PROJECT["dependencies"])
    # The command `app` starts Streamlit, which it first looks for.
    used = (imported("pilora") | imported("text2mdt")) - names(PROJECT["optional-dependencies"]["app"])
    assert used - declared == set()
    assert declared - used == USED_BY_TRANSFORMERS | LOADED_BY_NAME


def test_the_page_needs_only_its_extra_besides():
    extra = names(PROJECT["optional-dependencies"]["app"])
    assert imported("app") - names(PROJECT["dependencies"]) == extra


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "docs"])
def test_tests_and_scripts_need_nothing_undeclared(folder):
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert imported(folder) - set().union(*map(names, groups)) == set()


def test_every_direct_dependency_is_pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower() for line in lines if "==" in line}
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert set().union(*map(names, groups)) <= pinned


@pytest.mark.parametrize(("package", "below"), [("pilora", {"text2mdt", "app"}), ("text2mdt", {"app"})])
def test_the_arrows_between_the_packages_point_one_way(package, below):
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = (
                [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
            )
            assert not {name.partition(".")[0] for name in found} & below, path
