"""The lock files of the images agree with pyproject.toml and constraints.txt; each package has its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKED = ROOT / "deploy" / "locked"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
LINUX = {"python_version": "3.11", "python_full_version": "3.11.9", "sys_platform": "linux"}
ENTRY = re.compile(r"^(\S+==[^\\\n]+?) ?((?: *\\\n    --hash=sha256:[0-9a-f]{64})+)$", flags=re.M)


def locked(name: str) -> dict[str, str]:
    """Package → version for Python 3.11 on Linux; every line belongs to a package with hashes."""
    text = re.sub(r"^#.*\n", "", (LOCKED / f"{name}.txt").read_text(encoding="utf-8"), flags=re.M)
    assert not ENTRY.sub("", text).strip(), "a line without hashes"
    found = {}
    for match in ENTRY.finditer(text):
        requirement = Requirement(match[1])
        if requirement.marker is None or requirement.marker.evaluate(LINUX):
            (pin,) = requirement.specifier
            assert canonicalize_name(requirement.name) not in found
            found[canonicalize_name(requirement.name)] = pin.version
    return found


PACKAGES, CUDA, BUILD = locked("packages"), locked("torch-cuda"), locked("build")
PINNED = {
    canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if "==" in line
}


def test_what_the_image_installs_is_locked_in_versions_that_do():
    (extras,) = re.findall(
        r"--extra (\w+) --extra (\w+) --extra (\w+)", (ROOT / "Makefile").read_text(encoding="utf-8")
    )
    assert set(extras) == {"app", "postgresql", "openai"}
    direct = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    for requirement in map(Requirement, direct):
        name = canonicalize_name(requirement.name)
        if name == "torch":
            assert requirement.specifier.contains(CUDA["torch"])
        else:
            assert requirement.specifier.contains(PACKAGES[name]), name
    assert {"authlib", "wasmtime"} <= set(PACKAGES), "what extras of packages ask for"


@pytest.mark.parametrize("versions", [PACKAGES, CUDA, BUILD], ids=["packages", "torch-cuda", "build"])
def test_versions_are_those_that_the_tests_ran_with(versions):
    assert {name: version for name, version in versions.items() if PINNED.get(name, version) != version} == {}
    assert len(set(versions) & set(PINNED)) > 0


@pytest.mark.parametrize("versions", [CUDA, BUILD], ids=["torch-cuda", "build"])
def test_a_package_has_one_version(versions):
    assert {name: version for name, version in versions.items() if PACKAGES.get(name, version) != version} == {}


def test_torch_is_that_of_the_step_of_its_own():
    assert re.search(r"^ARG TORCH_VERSION=(\S+)$", DOCKERFILE, flags=re.M)[1] == CUDA["torch"] == PINNED["torch"]


def test_nothing_of_a_gpu_comes_with_the_other_packages():
    gpu = re.compile(r"torch$|nvidia-|cuda-|triton$")
    assert [name for name in PACKAGES if gpu.match(name)] == []
    left_out = {name for name in CUDA if gpu.match(name)}
    assert {"torch", "triton", "nvidia-nccl-cu13"} <= left_out
    assert set(CUDA) - left_out <= set(PACKAGES), "what PyTorch's CPU build needs comes with the other packages"
    for line in (LOCKED / "gpu_only.in").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or line in left_out


def test_the_wheel_is_built_with_what_pyproject_asks_for():
    asked = [line for line in (LOCKED / "build.in").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert asked == PYPROJECT["build-system"]["requires"]
    assert set(asked) <= set(BUILD)


def test_all_that_pip_fetches_for_the_image_has_a_hash_or_is_torch():
    commands = re.findall(r"pip (?:install|wheel) [^&\n]*", re.sub(r"\\\n", "", DOCKERFILE))
    assert len(commands) == 6
    for command in commands:
        assert "--no-deps" in command
        own = command.strip().endswith((" .", "/tmp/wheels/*.whl"))
        torch = command.strip().endswith("-r /tmp/torch.txt")
        assert "--require-hashes" in command or own or torch, command
    copied = " ".join(re.findall(r"^COPY deploy/.*$", DOCKERFILE, flags=re.M))
    used = set(re.findall(r"([\w-]+)\.txt", copied))
    assert used == {path.stem for path in LOCKED.glob("*.txt")}


def test_no_digest_is_made_up():
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11-slim-bookworm(@sha256:[0-9a-f]{64})?$", DOCKERFILE, flags=re.M)
    assert "docker buildx imagetools inspect python:3.11-slim-bookworm" in DOCKERFILE
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.M)) == {"${PYTHON_IMAGE}", "base", "torch-${TORCH}"}
