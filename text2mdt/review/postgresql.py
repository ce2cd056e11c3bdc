"""The way to a PostgreSQL server: a URL as PostgreSQL writes it becomes what the driver pg8000 wants."""

from __future__ import annotations

import os
import ssl
from getpass import getuser
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from text2mdt.bounded_file import named_errors
from text2mdt.errors import Text2MDTError

DRIVER = "postgresql+pg8000"
PASSWORD_FILE = "TEXT2MDT_STORE_PASSWORD_FILE"
"""Names a file with the password, where the URL has none."""
SPARE_SECONDS = 30
"""How much longer than a writer's turn the server may be silent before the connection counts as lost."""
LOST_CONNECTION = (ConnectionError, TimeoutError, ssl.SSLError)
"""What pg8000 lets through as it comes from the socket."""
_OPTIONS = ("host", "port", "sslmode", "sslrootcert", "application_name")
_LOST = ("08", "57P")
"""Beginnings of the codes that a server sends before it closes the connection."""


def postgresql_engine(url: URL, where: str, wait_seconds: float) -> Engine:
    """An engine whose connections wait `wait_seconds` for a lock, and a little longer for any answer.

    Raises:
        Text2MDTError: T2M145 for an option of the URL that is not known, T2M010 and others for a file that it names;
            on connecting, T2M100.
    """
    arguments = driver_arguments(url) | {"timeout": wait_seconds + SPARE_SECONDS}
    engine = create_engine(url.set(query={}))
    errors = (OSError, engine.dialect.loaded_dbapi.Error)

    def connect(dialect: Any, _record: object, _positional: object, _named: object) -> Any:
        try:
            return dialect.connect(**arguments)
        except errors as error:
            raise Text2MDTError("T2M100", where, detail=message(error)) from error

    def ping(connection: Any, _record: object, _proxy: object) -> None:
        # SQLAlchemy's own ping does not see the errors that pg8000 lets through as they come from the socket.
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT 1")
            connection.rollback()
        except errors as error:
            raise DisconnectionError from error  # the pool takes another connection
        finally:
            cursor.close()

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", ping)
    event.listen(engine, "handle_error", _see_lost_connection)
    return engine


def driver_arguments(url: URL) -> dict[str, Any]:
    """What pg8000's `connect` takes, from a URL with PostgreSQL's own options (host, port, sslmode, …).

    Raises:
        Text2MDTError: T2M145 for an option that is not known, T2M010 and others for a file that cannot be read.
    """
    options = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    if unknown := [name for name in options if name not in _OPTIONS]:
        raise Text2MDTError("T2M145", name=unknown[0], known=", ".join(_OPTIONS))
    host, port = options.get("host") or url.host or "localhost", _port(options.get("port") or url.port or 5432)
    # As in PostgreSQL's own programs a folder in place of a host is that of the server's socket.
    place = {"unix_sock": f"{host}/.s.PGSQL.{port}"} if host.startswith("/") else {"host": host, "port": port}
    return place | {
        "user": url.username or getuser(),
        "database": url.database or None,
        # pg8000 fails where the server asks for a password and there is none: the empty one is refused properly.
        "password": url.password or _password(),
        "ssl_context": _encryption(options.get("sslmode", "prefer"), options.get("sslrootcert")),
        "application_name": options.get("application_name", "text2mdt"),
    }


def state_of(error: object) -> str | None:
    """PostgreSQL's code of an error that the server sent; None for any other."""
    fields = _fields(error)
    return None if fields is None else fields.get("C")


def message(error: object) -> str:
    """What an error says, in one line."""
    fields = _fields(error)
    said = fields.get("M", "") if fields is not None else str(getattr(error, "__cause__", None) or error)
    return (said.strip().splitlines() or [type(error).__name__])[0]


def _fields(error: object) -> dict[str, str] | None:
    """The fields of the server's message, which pg8000 gives as the error's argument."""
    arguments = getattr(error, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], dict) else None


def _see_lost_connection(context: Any) -> None:
    # pg8000's dialect knows one error of broken sockets. A server that is shut down says so first.
    error = context.original_exception
    if isinstance(error, LOST_CONNECTION) or (state_of(error) or "").startswith(_LOST):
        context.is_disconnect = True


def _port(port: str | int) -> int:
    try:
        return int(port)
    except ValueError:
        raise Text2MDTError("T2M100", detail=f"'{port}' is no port") from None


def _password() -> str:
    named = os.environ.get(PASSWORD_FILE)
    if not named:
        return ""
    path = Path(named)
    with named_errors(path), path.open(encoding="utf-8") as file:
        return file.read(10_000).rstrip("\r\n")


def _encryption(mode: str, root: str | None) -> ssl.SSLContext | bool | None:
    """pg8000's `ssl_context`: False never, None where the server can, True always but with any certificate."""
    if mode in ("disable", "allow", "prefer", "require"):
        return {"disable": False, "require": True}.get(mode)
    if mode not in ("verify-ca", "verify-full"):
        raise Text2MDTError("T2M145", name=f"sslmode={mode}", known="disable, prefer, require, verify-ca, verify-full")
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError as error:  # ssl.SSLError too: the file holds no certificate
        raise Text2MDTError("T2M100", root, detail=error.strerror or str(error)) from None
    context.check_hostname = mode == "verify-full"
    return context
