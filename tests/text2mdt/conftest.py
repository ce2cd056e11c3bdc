from __future__ import annotations

import os
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


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store may be: of each kind of database one."""
    if request.param == "sqlite":
        return str(tmp_path / "review.sqlite3")
    return str(request.getfixturevalue("postgresql").new_store())
