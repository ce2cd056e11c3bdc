"""Debian roots without a container engine: made, mounted for a command, entered, and removed.

All of it happens in mount and process namespaces of its own (`enter_own_namespaces`): whatever ends the program, the
kernel takes mounts and processes with it, and none of the mounts is ever seen outside. There, the file system of the
machine can be read only, apart from the folder of the roots.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TOOLS = ("debootstrap", "unshare", "nsenter", "chroot", "mount", "umount", "ip", "cp", "du")
_OUTSIDE = "DOCKERFILE_STEPS_OUTSIDE"
_PACKAGES = "python3,python3-venv,python-is-python3,ca-certificates,netbase,tzdata"
"""What python:3.11-slim has, apart from pip and where Python is installed."""


def what_is_missing() -> str:
    """Why this machine or user cannot do it; empty where nothing stands against it."""
    if sys.platform != "linux":
        return "roots of Debian need Linux"
    if os.geteuid() != 0:
        return "roots and mounts need root: run it with sudo"
    missing = [tool for tool in TOOLS if not shutil.which(tool, path=_path())]
    return f"not installed: {', '.join(missing)}" if missing else ""


def enter_own_namespaces(command: Sequence[str]) -> None:
    """Starts the program again in namespaces of its own; returns where it is in them already.

    Raises:
        RuntimeError: the namespaces are those of the caller, so that a mount would change the machine.
    """
    here, outside = os.readlink("/proc/self/ns/mnt"), os.environ.pop(_OUTSIDE, "")
    if not outside:
        os.environ |= {_OUTSIDE: here, "PATH": _path()}
        words = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
        os.execvp("unshare", [*words, "--", *command])
    if here == outside:
        raise RuntimeError("these are the namespaces of the machine")


def protect_machine(folder: Path) -> None:
    """Makes the machine's file system read-only, as it is seen here, apart from a folder."""
    _do("mount", "--bind", folder, folder)
    _do("mount", "-o", "remount,bind,ro", "/")
    os.environ["TMPDIR"] = str(folder)
    os.chdir(folder)


def make_debian(root: Path, suite: str, mirror: str, log: Path) -> None:
    """Makes a root with debootstrap that stands for the image python:3.11-slim-bookworm.

    Raises:
        subprocess.CalledProcessError: debootstrap failed; the log tells why.
    """
    with log.open("wb") as output:
        words = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", suite, str(root), mirror]
        subprocess.run(words, check=True, stdout=output, stderr=output)
    (root / "etc" / "hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    shutil.rmtree(root / "var" / "cache" / "apt" / "archives")


def copy_root(root: Path, copy: Path) -> None:
    """Copies a root with owners, modes and links.

    Raises:
        RuntimeError: something is mounted in it.
    """
    _refuse_mounts(root)
    _do("cp", "-a", "--one-file-system", root, copy)


def remove_root(root: Path) -> None:
    """Deletes a root.

    Raises:
        RuntimeError: something is mounted in it, which deleting would reach.
    """
    _refuse_mounts(root)
    shutil.rmtree(root)


def mounts_below(root: Path) -> list[str]:
    """Where something is mounted in a folder, the innermost first."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    # Spaces and the like are written in octal there.
    paths = [re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), line.split(" ")[1]) for line in lines]
    return sorted((path for path in paths if path.startswith(f"{root.resolve()}/")), reverse=True)


@contextmanager
def mounted(root: Path, lent: Sequence[Path] = ()) -> Iterator[None]:
    """Mounts what a command needs (/proc, /sys, /dev/shm) and, read-only and under the same paths, what is lent."""
    made: list[Path] = []
    try:
        for kind, name, access in (("proc", "proc", "ro"), ("sysfs", "sys", "ro"), ("tmpfs", "dev/shm", "rw")):
            (root / name).mkdir(parents=True, exist_ok=True)
            _do("mount", "-t", kind, "-o", f"{access},nosuid,nodev,noexec", kind, root / name)
        for path in lent:
            place = inside(root, str(path))
            made += _make_place(place, path.is_dir())
            _do("mount", "--bind", path.resolve(), place)
            _do("mount", "-o", "remount,bind,ro", place)
        yield
    finally:
        for mount in mounts_below(root):
            subprocess.run(["umount", mount], check=False)
        _refuse_mounts(root)
        for place in reversed(made):
            if not place.is_dir():
                place.unlink()
            elif not any(place.iterdir()):
                place.rmdir()


def inside(root: Path, path: str) -> Path:
    """Where a path of the root is on this machine.

    Raises:
        RuntimeError: a link leads out of the root.
    """
    place = root / path.lstrip("/")
    if not place.resolve().is_relative_to(root.resolve()):
        raise RuntimeError(f"{path} leads out of the root")
    return place


def entering(root: Path, command: Sequence[str], user: str, folder: str, network_of: int | None = None) -> list[str]:
    """The command line that carries a command out in a root, as a user, from a folder.

    Args:
        network_of: a process whose network it shares.
    """
    number, group, groups, _ = account(root, user)
    words = [f"--userspec={number}:{group}", f"--groups={','.join(map(str, groups))}", str(root)]
    network = ["nsenter", f"--net=/proc/{network_of}/ns/net", "--"] if network_of else []
    return [*network, _tool("chroot"), *words, "/usr/bin/env", "-C", folder, *command]


def with_home(root: Path, user: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the user's home, which a container engine adds."""
    return {"HOME": account(root, user)[3], **environment}


def account(root: Path, user: str) -> tuple[int, int, list[int], str]:
    """Number, group, further groups and home of a user of a root.

    Raises:
        KeyError: the root has no such user.
    """
    for line in (root / "etc" / "passwd").read_text(encoding="utf-8").splitlines():
        name, _, number, group, _, home, *_ = line.split(":")
        if user in (name, number):
            entries = (root / "etc" / "group").read_text(encoding="utf-8").splitlines()
            members = [entry.split(":") for entry in entries]
            groups = [int(entry[2]) for entry in members if name in entry[3].split(",")]
            return int(number), int(group), groups, home
    raise KeyError(f"the root has no user {user}")


@contextmanager
def closed_network() -> Iterator[int]:
    """A process in a network of its own, in which there is nothing but the machine itself."""
    words = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        try:
            if not holder.stdout or holder.stdout.readline() != "up\n":
                raise RuntimeError("no network of its own could be made")
            yield holder.pid
        finally:
            holder.kill()


def megabytes(root: Path) -> int:
    """What a root takes on the disk, without what is mounted in it."""
    words = ["du", "-sm", *(f"--exclude={path}" for path in mounts_below(root)), str(root)]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[0])


def _make_place(place: Path, folder: bool) -> list[Path]:
    """Makes what something is to be mounted on; returns what was made, the outermost first."""
    missing = [one for one in (place, *place.parents) if not one.exists()]
    (place if folder else place.parent).mkdir(parents=True, exist_ok=True)
    if not folder and not place.exists():
        place.touch()
    return missing[::-1]


def _refuse_mounts(root: Path) -> None:
    if found := mounts_below(root):
        raise RuntimeError(f"still mounted: {', '.join(found)}")


def _do(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


def _tool(name: str) -> str:
    # Where the environment of a container names other folders, the tool of this machine is meant all the same.
    return shutil.which(name, path=_path()) or name


def _path() -> str:
    return f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/sbin:/sbin"
