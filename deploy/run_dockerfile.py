"""Carries the steps of the Dockerfile out on bare Debian roots, where there is no container engine.

    sudo python3 -m deploy.run_dockerfile /var/tmp/roots [--build-arg TORCH_INDEX=https://pypi.org/simple --lend-pip]

From the repository's folder, with Python 3.11 or newer and no packages; it needs root, debootstrap and about 10 GB.
Each stage has a root of its own, made by debootstrap (or copied from the stage that it is built on), and each step is
carried out in it by chroot, in order, with the environment, user and folder that Docker would give it. Then the image's
command is started as its user, in a network without any connection, until its HEALTHCHECK succeeds, and a sample is
extracted.

Debian 12 with its python3, python3-venv and the link `python` stands for python:3.11-slim-bookworm: the same release of
Debian and of Python, but Python in /usr and not in /usr/local, and an older pip. There are no layers and no limits, and
the steps have all rights of root within their root.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deploy import bare_root
from deploy.build_context import Context
from deploy.dockerfile import Copy, DockerfileError, Folder, Image, Run, Stage, Step, plan, read

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = {
    "python:3.11-slim-bookworm": {
        "PATH": "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
    }
}
"""Images that the root of debootstrap stands for, and their environment."""
SAMPLE = "data/samples/acute-otitis-media-children.md"
FAILED, UNABLE = 1, 2
"""Exit codes: a step failed; nothing was begun."""


class StepError(Exception):
    """A step that failed; the message begins with the line of the Dockerfile."""


class Lent(NamedTuple):
    """What steps are given of the machine, read-only, and pip's variables; an image has nothing of it."""

    paths: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


class Builder:
    """Makes the roots of the stages, one after the other, in a folder."""

    def __init__(self, folder: Path, context: Context, lent: Lent) -> None:
        self._folder, self._context, self._lent = folder, context, lent
        self._roots: list[Path] = []

    def bare(self, suite: str, mirror: str) -> Path:
        """The root that stages begin with."""
        root, begun = self._folder / "bare", time.monotonic()
        bare_root.make_debian(root, suite, mirror, self._folder / "debootstrap.log")
        say(f"debootstrap {suite}", time.monotonic() - begun, bare_root.megabytes(root))
        return root

    def build(self, stages: Sequence[Stage], bare: Path) -> Path:
        """Carries all stages out; returns the root of the last one.

        Raises:
            StepError: for the first step that fails.
        """
        for stage in stages:
            root = self._folder / f"{len(self._roots)}-{stage.name}"
            print(f"line {stage.line}: stage {stage.name}", flush=True)
            bare_root.copy_root(self._roots[stage.base] if isinstance(stage.base, int) else bare, root)
            self._roots.append(root)
            with bare_root.mounted(root, self._lent.paths):
                for step in stage.steps:
                    self._step(root, step)
        return self._roots[-1]

    def _step(self, root: Path, step: Step) -> None:
        begun = time.monotonic()
        try:
            if isinstance(step, Run):
                self._run(root, step)
            elif isinstance(step, Copy):
                self._copy(root, step)
            else:
                bare_root.inside(root, step.path).mkdir(parents=True, exist_ok=True)
        except (OSError, KeyError, RuntimeError, subprocess.CalledProcessError) as error:
            raise StepError(f"line {step.line}: {described(step)}: {error}") from error
        say(f"  line {step.line}: {described(step)}", time.monotonic() - begun, bare_root.megabytes(root))

    def _run(self, root: Path, step: Run) -> None:
        environment = bare_root.with_home(root, step.user, step.environment) | dict(self._lent.environment)
        words = bare_root.entering(root, step.command, step.user, step.folder)
        log = self._folder / f"line-{step.line}.log"
        with log.open("wb") as output:
            done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        if done.returncode:
            raise RuntimeError(f"exit code {done.returncode}; the end of {log}:\n{tail(log)}")

    def _copy(self, root: Path, step: Copy) -> None:
        destination = bare_root.inside(root, step.destination)
        into = step.destination.endswith("/") or destination.is_dir()
        for source in step.sources:
            if step.stage is None:
                self._context.copy(source, destination, into)
                continue
            place = bare_root.inside(self._roots[step.stage], source)
            (destination if into or place.is_dir() else destination.parent).mkdir(parents=True, exist_ok=True)
            content = f"{place}/." if place.is_dir() else str(place)
            subprocess.run(["cp", "-a", content, str(destination)], check=True)


class Container:
    """The image's command, running in its root as the image's user, in a network of its own."""

    def __init__(self, root: Path, image: Image, network: int, more: dict[str, str]) -> None:
        self._root, self._image, self._network = root, image, network
        self._environment = bare_root.with_home(root, image.user, image.environment) | more

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Starts the image's command."""
        with log.open("wb") as output:
            return subprocess.Popen(
                self._words(self._image.command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def run(self, command: Sequence[str], limit: float | None = None) -> subprocess.CompletedProcess[str]:
        """Carries a command out beside it, as `docker exec` does."""
        return subprocess.run(
            self._words(command), env=self._environment, capture_output=True, text=True, timeout=limit
        )

    def wait_until_healthy(self, process: subprocess.Popen[bytes]) -> float:
        """The seconds until the HEALTHCHECK succeeded.

        Raises:
            StepError: it did not in the time that Docker would wait.
        """
        health, begun = self._image.health, time.monotonic()
        if health is None:
            raise StepError("the image has no HEALTHCHECK")
        limit = health.start_period + health.retries * (health.interval + health.timeout)
        while time.monotonic() - begun < limit:
            if process.poll() is not None:
                raise StepError(f"the image's command ended with exit code {process.returncode}")
            try:
                if not self.run(health.command, health.timeout).returncode:
                    return time.monotonic() - begun
            except subprocess.TimeoutExpired:
                pass
            time.sleep(1)
        raise StepError(f"the image was not healthy after {limit:.0f} s")

    def extract(self, document: Path) -> list[str]:
        """Extracts the trees of a document as the image's user; returns the files written.

        Raises:
            StepError: the command failed, or wrote nothing.
        """
        folder = bare_root.inside(self._root, self._image.folder)
        copy = folder / document.name
        copy.write_bytes(document.read_bytes())
        done = self.run(["text2mdt", "extract", document.name, "-o", "out"])
        written = sorted(path for path in (folder / "out").rglob("*") if path.is_file() and path.stat().st_size)
        if done.returncode or not written:
            raise StepError(f"text2mdt extract: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return [f"{path.relative_to(folder)} ({path.stat().st_size:,} bytes)" for path in written]

    def _words(self, command: Sequence[str]) -> list[str]:
        return bare_root.entering(self._root, command, self._image.user, self._image.folder, self._network)


def try_image(root: Path, image: Image, folder: Path, more: dict[str, str]) -> None:
    """Starts the image, waits until it is healthy, extracts a sample and stops it.

    Raises:
        StepError: for what does not work.
    """
    log = folder / "container.log"
    with bare_root.mounted(root), bare_root.closed_network() as network:
        container = Container(root, image, network, more)
        process = container.start(log)
        try:
            say(f"healthy as {image.user}, without a network", container.wait_until_healthy(process))
            begun = time.monotonic()
            written = container.extract(ROOT / SAMPLE)
            say(f"text2mdt extract {Path(SAMPLE).name}", time.monotonic() - begun)
            print("\n".join(f"  {line}" for line in written), flush=True)
            process.terminate()
            print(f"SIGTERM: exit code {process.wait(timeout=10)}", flush=True)  # Docker kills after 10 s
        except StepError as error:
            raise StepError(f"{error}\nthe end of {log}:\n{tail(log)}") from error
        except subprocess.TimeoutExpired as error:
            raise StepError("the image's command did not end within 10 s of SIGTERM") from error
        finally:
            process.kill()
            process.wait()


def lent_by_pip() -> Lent:
    """pip's configuration: its files, variables, and the folders and certificates that they name."""
    pip = [sys.executable, "-m", "pip", "config"]
    said = "".join(
        subprocess.run([*pip, word], capture_output=True, text=True, check=True).stdout for word in ("list", "debug")
    )
    environment = tuple((name, value) for name, value in sorted(os.environ.items()) if name.startswith("PIP_"))
    words = re.findall(r"(?:file://)?(/[^\s,'\"]+)", f"{said} {' '.join(value for _, value in environment)}")
    paths = {Path(word) for word in words if word.strip("/") and Path(word).exists()}
    # The pages of an index in a folder name files that lie beside it.
    paths = {path.parent if path.name == "simple" else path for path in paths}
    return Lent(tuple(sorted(path for path in paths if not paths & set(path.parents))), environment)


def described(step: Step) -> str:
    """A step in one short line."""
    if isinstance(step, Run):
        text = step.command[-1] if step.command[:2] == ("/bin/sh", "-c") else " ".join(step.command)
        return f"RUN {' '.join(text.split())}"
    if isinstance(step, Folder):
        return f"folder {step.path}"
    return f"COPY {' '.join(step.sources)} {step.destination}"


def say(what: str, taken: float, size: int | None = None) -> None:
    """A line of the report."""
    what = what if len(what) <= 88 else f"{what[:85]}..."
    print(f"{what:88} {taken:7.1f} s" + (f" {size:6,} MB" if size is not None else ""), flush=True)


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python3 -m deploy.run_dockerfile", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="where the roots are made: a new or an empty folder")
    parser.add_argument("--file", type=Path, default=ROOT / "Dockerfile")
    parser.add_argument("--build-arg", action="append", default=[], type=_pair, metavar="NAME=VALUE")
    parser.add_argument(
        "--env", action="append", default=[], type=_pair, metavar="NAME=VALUE", help="for the container"
    )
    parser.add_argument("--mirror", default="http://deb.debian.org/debian", help="of Debian")
    parser.add_argument("--lend-pip", action="store_true", help="lend the steps this machine's configuration of pip")
    parser.add_argument("--keep", action="store_true", help="do not remove the roots afterwards")
    parser.add_argument("--plan", action="store_true", help="show the steps and do nothing; needs no root")
    return parser.parse_args(arguments)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=value")
    return name, value


def main(arguments: Sequence[str]) -> int:
    """Plans, builds and tries the image; returns the exit code."""
    options = parsed(arguments)
    try:
        stages = plan(read(options.file.read_text(encoding="utf-8")), dict(options.build_arg), STAND_INS)
    except DockerfileError as error:
        return refused(f"{options.file}, {error}")
    except OSError as error:
        return refused(str(error))
    if options.plan:
        for stage in stages:
            print(f"line {stage.line}: stage {stage.name}")
            for step in stage.steps:
                print(f"  line {step.line}: {described(step)}")
        return 0
    folder = options.folder.resolve()
    if reason := bare_root.what_is_missing():
        return refused(reason)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return refused(f"{folder} is not an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    bare_root.enter_own_namespaces([sys.executable, "-m", "deploy.run_dockerfile", *arguments])
    lent = lent_by_pip() if options.lend_pip else Lent()
    bare_root.protect_machine(folder)
    return carried_out(stages, folder, options, lent)


def carried_out(stages: Sequence[Stage], folder: Path, options: argparse.Namespace, lent: Lent) -> int:
    """Builds the roots in the folder, tries the last one, and removes them."""
    begun = time.monotonic()
    for path in lent.paths:
        print(f"lent, read-only: {path}", flush=True)
    try:
        builder = Builder(folder, Context(ROOT), lent)
        bare = builder.bare("bookworm", options.mirror)
        root = builder.build(stages, bare)
        print(f"the image: {bare_root.megabytes(root) - bare_root.megabytes(bare):,} MB more than its base", flush=True)
        try_image(root, stages[-1].image, folder, dict(options.env))
    except (StepError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    finally:
        if not options.keep:
            for path in folder.iterdir():
                if path.is_dir():
                    bare_root.remove_root(path)
    say("all of it", time.monotonic() - begun)
    return 0


def refused(reason: str) -> int:
    """Says why nothing was begun."""
    sys.stderr.write(f"{reason}\n")
    return UNABLE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
