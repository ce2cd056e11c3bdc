"""A PostgreSQL server for tests: its own data in a folder of its own, reached by a socket in it, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from text2mdt.review.database import Database, store_url


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, where PostgreSQL is installed."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    # Debian keeps them apart from the path, one folder a version.
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A running server; `new_store` gives the URL of a database of its own."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries = folder, binaries
        self._numbers = count(1)

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self, template: str = "template0") -> str:
        name = f"test{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def new_store(self) -> str:
        """With the schema of this release."""
        return self.url(self.new_database("review"))

    def execute(self, database: str, *statements: str, user: str = "postgres") -> None:
        with psycopg.connect(self.url(database, user), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="t2m-pg-"))
    # The server refuses to run as root; Debian's package makes the user `postgres`.
    who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres", "postgres")
    data, options = folder / "data", f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=60"

    def run(*words: object) -> None:
        with (folder / "log.txt").open("a") as log:
            subprocess.run(
                [str(word) for word in words], check=True, cwd=folder, stdout=log, stderr=log, timeout=120, **who
            )

    try:
        run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "server.txt", "-w", "start")
        try:
            server = Server(folder, binaries)
            server.execute("postgres", "CREATE DATABASE review TEMPLATE template0")
            database = Database(store_url(server.url("review")))
            database.upgrade()
            database.close()
            yield server
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
