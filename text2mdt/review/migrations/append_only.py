"""Triggers that keep rows from being changed or deleted, in SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import op

_FUNCTION = """
CREATE OR REPLACE FUNCTION text2mdt_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of % are kept as they are', TG_TABLE_NAME; END $$
"""


def forbid_delete(table: str) -> None:
    """No row of the table can be deleted."""
    if _is_sqlite():
        _sqlite_trigger(table, "DELETE")
    else:
        _postgresql_trigger(table, "BEFORE DELETE", "ROW")
        _postgresql_trigger(table, "BEFORE TRUNCATE", "STATEMENT")


def forbid_update_and_delete(table: str) -> None:
    """No row of the table can be changed or deleted."""
    forbid_delete(table)
    if _is_sqlite():
        _sqlite_trigger(table, "UPDATE")
        _forbid_replace(table)
    else:
        _postgresql_trigger(table, "BEFORE UPDATE", "ROW")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _sqlite_trigger(table: str, event: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept as they are'); END"
    )


def _forbid_replace(table: str) -> None:
    """INSERT OR REPLACE takes a row away without the trigger on DELETE."""
    key = "document_id" if table == "document_source" else "sequence"
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept as they are'); END"
    )


def _postgresql_trigger(table: str, moment: str, each: str) -> None:
    op.execute(_FUNCTION)
    name = f"{table}_no_{moment.split()[1].lower()}"
    op.execute(f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH {each} EXECUTE FUNCTION text2mdt_refuse()")
