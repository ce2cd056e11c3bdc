"""Whoever installs text2mdt is bound by permissive licences, and by those that are named as exceptions."""

from importlib.metadata import PackageNotFoundError
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

_SPEC = spec_from_file_location("make_licences", Path(__file__).parents[2] / "docs" / "make_licences.py")
make_licences = module_from_spec(_SPEC)
_SPEC.loader.exec_module(make_licences)
PAGE = make_licences.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("extra", ["", *make_licences.OPTIONAL])
def test_every_package_is_permissive_or_a_named_exception(extra):
    try:
        packages = make_licences.licensed(extra)
    except PackageNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    own = [one for one in packages if not one.name.startswith("nvidia-")]  # of PyTorch's CUDA build; the page says so
    assert [one for one in own if not (one.permissive or one.excepted)] == []
    assert extra or len(own) > 50


def test_the_page_names_every_package_that_always_comes():
    for one in make_licences.licensed():
        if not one.name.startswith(("nvidia-", "cuda-", "triton")):
            assert f"\n| {one.name} | " in PAGE, "run `make licences`"


def test_exceptions_are_used():
    for name in make_licences.EXCEPTIONS:
        assert f"\n| {name} | " in PAGE


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("MIT AND GPL-2.0-only", False),
        ("Apache-2.0 AND Apache-2.0 WITH LLVM-exception", True),
        ("MPL-2.0 AND MIT", False),
        ("unknown", False),
    ],
)
def test_expressions(expression, permissive):
    assert make_licences.Licensed("x", expression).permissive is permissive


def test_an_exception_is_for_weak_copyleft_only():
    assert make_licences.Licensed("tqdm", "MPL-2.0 AND MIT").excepted
    assert not make_licences.Licensed("tqdm", "GPL-3.0-only").excepted
