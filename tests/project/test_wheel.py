"""The wheel in an empty environment and an empty folder does all that the checkout does."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


class Installed(NamedTuple):
    """Programs of the new environment, and the empty folder that they are started in."""

    bin: Path
    folder: Path

    def run(self, *words: object, code: int = 0) -> str:
        # Nothing of the checkout: no PYTHONPATH, and a folder that lies elsewhere.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [str(self.bin / str(words[0])), *map(str, words[1:])]
        done = subprocess.run(
            command, cwd=self.folder, env=environment | {"HF_HUB_OFFLINE": "1"}, capture_output=True, text=True
        )
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def pip(python: Path | str, *words: object) -> None:
    """pip by its own configuration: indexes, certificates and wheels as this machine has them."""
    done = subprocess.run([str(python), "-m", "pip", *map(str, words)], capture_output=True, text=True)
    assert not done.returncode, done.stderr[-3000:]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    pip(sys.executable, "wheel", "--no-deps", "-w", folder, ROOT)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip(environment / "bin" / "python", "install", "-c", ROOT / "constraints.txt", f"{wheel}[app]")
    workplace = folder / "workplace"
    workplace.mkdir()
    return Installed(environment / "bin", workplace)


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "app", "pilora", "text2mdt", "data/adapters", "data/samples"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = {re.sub("^data/", "text2mdt/_data/", name) for name in tracked}
    assert wanted - packed == set()


@pytest.mark.model
def test_a_guideline_becomes_trees(installed):
    sample = shutil.copy(ROOT / "data" / "samples" / "chronic-urticaria-adults.txt", installed.folder / "guideline.txt")
    installed.run("text2mdt", "extract", Path(sample).name, "--format", "json,svg,html,dmn,fhir,mermaid,csv")
    extraction = json.loads((installed.folder / "extracted" / "guideline.json").read_text(encoding="utf-8"))
    assert sum(len(passage["tree"] or ()) for passage in extraction["passages"]) >= 1
    suffixes = {path.suffix for path in (installed.folder / "extracted").rglob("*") if path.is_file()}
    assert {".json", ".svg", ".html", ".dmn", ".csv"} <= suffixes
    installed.run("text2mdt", "guideline", "extracted/guideline.json")


def test_adapter_samples_and_page_are_found_in_the_environment(installed):
    adapters = json.loads(installed.run("text2mdt", "models", "--json"))["adapters"]
    assert Path(adapters["default"]).is_relative_to(installed.bin.parent)
    program = "from text2mdt.samples import shipped_samples; print(*shipped_samples().values(), sep='\\n')"
    samples = installed.run("python", "-c", program).split()
    assert len(samples) == 3 and all(Path(name).is_relative_to(installed.bin.parent) for name in samples)
    program = "from text2mdt.cli.app import _PAGE; print(_PAGE.is_file(), _PAGE)"
    assert installed.run("python", "-c", program).startswith("True")


def test_the_store_makes_its_tables(installed):
    store = installed.folder / "review.sqlite3"
    program = f"from text2mdt.review.store import open_store; open_store({str(store)!r}).close()"
    installed.run("python", "-c", program)
    assert store.stat().st_size > 0


def test_the_version_is_that_of_the_wheel(installed, wheel):
    version = wheel.name.split("-")[1]
    assert installed.run("text2mdt", "--version").strip() == version
    assert installed.run("python", "-c", "import text2mdt; print(text2mdt.__version__)").strip() == version


@pytest.mark.model
def test_the_doctor_finds_it_fit(installed):
    report = json.loads(installed.run("text2mdt", "doctor", "--json"))
    assert report["fit"]
    found = {finding["name"]: finding for finding in report["findings"]}
    assert "fits the embedded model" in found["adapter default"]["detail"]


def test_the_files_alone_have_a_version_without_git(tmp_path):
    """What a container copies: no repository, no name of a source archive."""
    source = tmp_path / "source"
    for name in ("pilora", "text2mdt", "app", "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip(sys.executable, "wheel", "--no-deps", "-w", tmp_path, source)
    [path] = tmp_path.glob("*.whl")
    assert path.name.startswith("text2mdt-0.")


def test_a_source_archive_keeps_the_version_of_its_tag(tmp_path):
    """A tag gives the version; the archive made from it has it without git."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, clone)
    git = ["git", "-C", str(clone), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    subprocess.run([*git, "commit", "-qam", "as it is here", "--allow-empty"], check=True)
    subprocess.run([*git, "tag", "v7.8.9"], check=True)
    environment = tmp_path / "builder"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip(environment / "bin" / "python", "install", "-c", ROOT / "constraints.txt", "build")
    subprocess.run(
        [str(environment / "bin" / "python"), "-m", "build", "-q", "--sdist", "-o", str(tmp_path), str(clone)],
        check=True,
    )
    archive = tmp_path / "text2mdt-7.8.9.tar.gz"
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    pip(sys.executable, "wheel", "--no-deps", "-w", tmp_path, tmp_path / "unpacked" / "text2mdt-7.8.9")
    assert (tmp_path / "text2mdt-7.8.9-py3-none-any.whl").is_file()
