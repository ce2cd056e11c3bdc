"""Which schema a database has, and bringing it to the one of this release."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, inspect, text

from text2mdt.errors import Text2MDTError

SCHEMA = "0001"
"""The last step in `migrations/versions`."""
VERSION_TABLE = "review_schema"
MIGRATIONS = Path(__file__).with_name("migrations")


def found_schema(connection: Connection) -> str | None:
    """The number of the database's schema; None where there is none yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def check_schema(found: str | None, where: str) -> None:
    """Raises T2M102 where the schema is older than this release's (or missing), T2M103 where it is newer."""
    _refuse_newer(found, where)
    if found != SCHEMA:
        raise Text2MDTError("T2M102", where, found=found or "none", needed=SCHEMA)


def upgrade_schema(connection: Connection, where: str) -> tuple[str | None, str]:
    """Runs the missing steps in the connection's transaction, which no other writer must share.

    Returns:
        The number of the schema before and after.

    Raises:
        Text2MDTError: T2M103 where the schema is newer than this release's, T2M100 for a file of another program.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('text2mdt review schema'))"))
    found = found_schema(connection)
    _refuse_newer(found, where)
    if found is None and connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
        raise Text2MDTError("T2M100", where, detail="it is the database of another program")
    if found != SCHEMA:
        _run_steps(connection)
        _plant_head(connection)
    return found, SCHEMA


def _refuse_newer(found: str | None, where: str) -> None:
    if found is not None and found > SCHEMA:
        raise Text2MDTError("T2M103", where, found=found, known=SCHEMA)


def _run_steps(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, SCHEMA)


def _plant_head(connection: Connection) -> None:
    """The head of an empty trail; the random name of the store tells its receipts from those of others."""
    from text2mdt.review.audit import first_hash

    if connection.execute(text("SELECT count(*) FROM trail_head")).scalar():
        return
    store = uuid4().hex
    connection.execute(
        text("INSERT INTO trail_head (id, store, count, hash) VALUES (1, :store, 0, :hash)"),
        {"store": store, "hash": first_hash(store)},
    )
