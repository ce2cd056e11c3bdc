"""The folder of the units: one folder for each unit and its inputs, locked while it is worked on, whole when finished.

`units/NAME/HASH/` holds what a unit made; its `unit.json`, written last and in one go, says that it is finished, with
which inputs, and what came out. The hash is that of the inputs, so that a unit whose inputs have changed gets a folder
of its own. Nothing in it depends on the machine: a folder that was filled elsewhere can be copied here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from text2mdt.errors import Text2MDTError
from text2mdt.written_file import write_whole

Inputs = dict[str, Any]
"""JSON values that a unit's result depends on; `code` is the version of the code."""

UNIT_FILE = "unit.json"
_CODE = "code"
_PATIENCE = 1.0
"""Seconds to wait for a lock: who only asks whether there is one holds it for a moment."""


@dataclass(frozen=True)
class FinishedUnit:
    """A unit that is done.

    Attributes:
        folder: with the files that it made.
        inputs: that it was made from.
        result: JSON values that are the same on every run.
        measured: JSON values that are not: times, memory, the machine.
    """

    folder: Path
    inputs: Inputs
    result: dict[str, Any]
    measured: dict[str, Any]


class UnitStore:
    """Finished units by name and inputs.

    Args:
        root: the folder; made when something is written.
        any_code: take units that another state of the code has made.
    """

    def __init__(self, root: Path, any_code: bool = False) -> None:
        self.root = root
        self.any_code = any_code
        self._read: dict[Path, FinishedUnit] = {}

    def folder(self, name: str, inputs: Inputs) -> Path:
        """Where a unit with these inputs keeps its files."""
        text = json.dumps(inputs, sort_keys=True)
        return self.root / name / hashlib.sha256(text.encode()).hexdigest()[:12]

    def finished(self, name: str, inputs: Inputs) -> FinishedUnit | None:
        """The unit, where it is done with these inputs."""
        found = self._of(self.folder(name, inputs))
        if found is not None or not self.any_code:
            return found
        units = [self._of(path.parent) for path in (self.root / name).glob(f"*/{UNIT_FILE}")]
        fitting = [unit for unit in units if unit is not None and _without_code(unit.inputs) == _without_code(inputs)]
        return max(fitting, key=lambda unit: (unit.folder / UNIT_FILE).stat().st_mtime, default=None)

    def _of(self, folder: Path) -> FinishedUnit | None:
        if folder in self._read:
            return self._read[folder]
        path = folder / UNIT_FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = FinishedUnit(folder, content["inputs"], content["result"], content["measured"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Text2MDTError("T2M161", path, detail=str(error) or type(error).__name__) from error
        self._read[folder] = found
        return found

    def finish(self, name: str, inputs: Inputs, result: dict[str, Any], measured: dict[str, Any]) -> None:
        """Notes that a unit is done; call it under its lock."""
        content = {"name": name, "inputs": inputs, "result": result, "measured": measured}
        path = self.folder(name, inputs) / UNIT_FILE
        write_whole(path, json.dumps(content, allow_nan=False) + "\n")

    def is_locked(self, name: str, inputs: Inputs) -> bool:
        """Whether a process is at work on the unit; on this machine, or where the file system shares locks."""
        path = self._lock_path(name, inputs)
        if not path.is_file():
            return False
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    @contextmanager
    def lock(self, name: str, inputs: Inputs) -> Iterator[Path]:
        """Keeps other processes away from a unit, and gives its folder; the lock goes with the process.

        Raises:
            Text2MDTError: T2M163 where another process holds it, T2M041 where the folder cannot be written.
        """
        path = self._lock_path(name, inputs)
        lock = FileLock(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=_PATIENCE)
        except Timeout:
            raise Text2MDTError("T2M163", name) from None
        except OSError as error:
            raise Text2MDTError("T2M041", path, detail=error.strerror) from error
        try:
            folder = self.folder(name, inputs)
            folder.mkdir(exist_ok=True)
            yield folder
        finally:
            lock.release()

    def _lock_path(self, name: str, inputs: Inputs) -> Path:
        folder = self.folder(name, inputs)
        return folder.with_name(folder.name + ".lock")


def _without_code(inputs: Inputs) -> Inputs:
    return {key: value for key, value in inputs.items() if key != _CODE}
