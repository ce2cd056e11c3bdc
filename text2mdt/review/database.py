"""The database under the store: SQLite in a file, or PostgreSQL; one writer at a time, errors with codes."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review import postgresql
from text2mdt.review.schema_version import SCHEMA, check_schema, found_schema, upgrade_schema

VARIABLE = "TEXT2MDT_STORE"
"""Names the store where no other is given."""
WAIT_SECONDS = 30
"""How long a writer waits for the one before it."""
_WRITES = "text2mdt_writes"
_LOCKED = {"55P03", "57014", "40P01"}
"""PostgreSQL: lock not available, cancelled by a timeout, deadlock."""


def store_url(store: str | Path | None = None) -> URL:
    """The URL of a store: a URL, a path of a SQLite file, else `TEXT2MDT_STORE`, else a file of the user's data.

    Raises:
        Text2MDTError: T2M100 for a URL of another kind of database.
    """
    named = str(store or os.environ.get(VARIABLE) or Path(platformdirs.user_data_dir("text2mdt")) / "review.sqlite3")
    if "://" not in named:
        return URL.create("sqlite", database=str(Path(named).expanduser().absolute()))
    try:
        url = make_url(named)
    except (ArgumentError, ValueError):
        raise Text2MDTError("T2M100", detail="its URL cannot be read") from None
    kind = url.get_backend_name()
    if kind == "postgres" or url.drivername in ("postgresql", postgresql.DRIVER):
        return url.set(drivername=postgresql.DRIVER)
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database not in (None, "", ":memory:"):
        return url
    raise Text2MDTError("T2M100", _shown(url), detail="it is neither a SQLite file nor a PostgreSQL database")


class Database:
    """Transactions on one database, to be used from any thread.

    Args:
        url: as `store_url` gives it.
        wait_seconds: how long a writer waits for another before T2M101.

    Raises:
        Text2MDTError: T2M042 where the driver of PostgreSQL is missing, T2M145 for an unknown option of its URL, T2M100
            where the folder cannot be made.
    """

    def __init__(self, url: URL, wait_seconds: float = WAIT_SECONDS) -> None:
        self.where = _shown(url)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._wait = wait_seconds
        self._engine = self._sqlite(url) if self.is_sqlite else self._postgresql(url)
        self._writing = self._engine.execution_options(**{_WRITES: True})

    def ready(self) -> None:
        """Makes sure of the schema: SQLite is upgraded where needed, PostgreSQL raises T2M102; too new, T2M103."""
        with self._named_errors(), self._engine.connect() as connection:
            found = found_schema(connection)
        if self.is_sqlite and (found is None or found < SCHEMA):
            self.upgrade()
        else:
            check_schema(found, self.where)

    def upgrade(self) -> tuple[str | None, str]:
        """Brings the schema to that of this release; its number before and after."""
        with self._named_errors(), self._writing.begin() as connection:
            self._set_timeouts(connection)
            return upgrade_schema(connection, self.where)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database throughout."""
        with self._named_errors(), Session(self._engine) as session:
            if not self.is_sqlite:
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction no other writer shares; committed at the end, or undone by an error.

        Raises:
            Text2MDTError: T2M101 where another writer holds the store for too long.
        """
        with self._named_errors(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            # Asking for the connection begins the transaction: SQLite locks here, and not with the first statement.
            self._set_timeouts(session.connection())
            if not self.is_sqlite:
                session.execute(text("SELECT id FROM trail_head FOR UPDATE"))
            yield session

    def close(self) -> None:
        self._engine.dispose()

    def _sqlite(self, url: URL) -> Engine:
        folder = Path(str(url.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Text2MDTError("T2M100", self.where, detail=error.strerror or str(error)) from None
        engine = create_engine(url, connect_args={"timeout": self._wait})
        event.listen(engine, "connect", self._prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _prepare_sqlite(self, connection: sqlite3.Connection, _record: object) -> None:
        # The driver opens no transactions of its own, so that BEGIN IMMEDIATE can.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        end = time.monotonic() + self._wait
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # The switch to WAL does not heed the timeout while others open the same new file.
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _postgresql(self, url: URL) -> Engine:
        if find_spec("pg8000") is None:
            raise Text2MDTError("T2M042", extra="postgresql")
        return postgresql.postgresql_engine(url, self.where, self._wait)

    def _set_timeouts(self, connection: Connection) -> None:
        if not self.is_sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = {max(1, int(self._wait * 1000))}"))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if _is_busy(error.orig):
                raise Text2MDTError("T2M101", self.where, seconds=f"{self._wait:g}") from error
            raise Text2MDTError("T2M100", self.where, detail=postgresql.message(error.orig)) from error
        except SQLAlchemyError as error:
            raise Text2MDTError("T2M100", self.where, detail=postgresql.message(error)) from error
        except (sqlite3.Error, *postgresql.LOST_CONNECTION) as error:
            raise Text2MDTError("T2M100", self.where, detail=postgresql.message(error)) from error


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN")


def _is_busy(error: Any) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)
    return postgresql.state_of(error) in _LOCKED


def _shown(url: URL) -> str:
    """The place as people read it, without a password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
