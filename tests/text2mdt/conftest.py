from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgresql() -> Iterator[object]:
    """A PostgreSQL server (`postgresql_server.Server`)."""
    from postgresql_server import programs, running_server

    binaries = programs()
    if binaries is None:
        # Continuous integration must not pass because the server is missing.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no PostgreSQL on this machine")
    with running_server(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store in a file, to be copied: making the tables takes longer than most tests."""
    from text2mdt.review.store import open_store

    path = tmp_path_factory.mktemp("store") / "review.sqlite3"
    open_store(path).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is: of each kind of database one."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql").new_store())
    return str(shutil.copy(request.getfixturevalue("empty_store"), tmp_path / "review.sqlite3"))
