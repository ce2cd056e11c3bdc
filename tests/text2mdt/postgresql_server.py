"""A PostgreSQL server for tests: its own data in a folder of its own, reached by a socket in it, gone afterwards.

It listens on the network of the machine too, with encryption and passwords.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from text2mdt.review.database import WAIT_SECONDS, Database, store_url
from text2mdt.review.postgresql import postgresql_engine

CERTIFICATE = [
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
]
"""Debian's package of the server needs this program too."""


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, where PostgreSQL is installed."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    # Debian keeps them apart from the path, one folder a version.
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A running server; `new_store` gives the URL of a database of its own."""

    def __init__(self, folder: Path, binaries: Path, port: int) -> None:
        self.folder, self.binaries, self.port = folder, binaries, port
        self.certificate = folder / "server.crt"
        self._numbers = count(1)

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def new_database(self, template: str = "template0") -> str:
        name = f"test{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def new_store(self) -> str:
        """With the schema of this release."""
        return self.url(self.new_database("review"))

    def processor_seconds(self) -> float:
        """What all its processes used so far, of those that ended too."""
        main = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]))
        ended = main.cpu_times()
        own = [process.cpu_times() for process in (main, *main.children())]
        return ended.children_user + ended.children_system + sum(times.user + times.system for times in own)

    def execute(self, database: str, *statements: str, user: str = "postgres") -> None:
        """Each statement by itself, as a user of the database."""
        url = store_url(self.url(database, user))
        engine = postgresql_engine(url, "the test's server", WAIT_SECONDS).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="t2m-pg-"))
    # The server refuses to run as root; Debian's package makes the user `postgres`.
    who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres", "postgres")
    data, port = folder / "data", free_port()
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60 "
    options += f"-c ssl=on -c ssl_cert_file={folder}/server.crt -c ssl_key_file={folder}/server.key"

    def run(*words: object) -> None:
        with (folder / "log.txt").open("a") as log:
            subprocess.run(
                [str(word) for word in words], check=True, cwd=folder, stdout=log, stderr=log, timeout=120, **who
            )

    try:
        run(*CERTIFICATE, "-keyout", folder / "server.key", "-out", folder / "server.crt")
        trust = ("--auth-local=trust", "--auth-host=scram-sha-256")
        run(binaries / "initdb", "-D", data, "-U", "postgres", *trust, "-E", "UTF8", "--locale=C", "--no-sync")
        run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "server.txt", "-w", "start")
        try:
            server = Server(folder, binaries, port)
            server.execute("postgres", "CREATE DATABASE review TEMPLATE template0")
            database = Database(store_url(server.url("review")))
            database.upgrade()
            database.close()
            yield server
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
