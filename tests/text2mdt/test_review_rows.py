"""Every row of the store, changed, removed or put in another order beside the program, in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Table, and_, delete, func, literal, select, text, update
from sqlalchemy.orm import Session
from stored_reviews import ANNA, BEN, check_all, filled, staffed

from text2mdt.review.store import open_store
from text2mdt.review.tables import Base
from text2mdt.review.verification import verify

TABLES = Base.metadata.sorted_tables
FOR_SEARCH = {("document", "changed"), ("document", "words"), ("extraction_text", "words")}
FOR_SEARCH |= {("extraction_text", "populations")}
"""Columns for finding things, which docs/review_store.md says are not covered."""
ONE_ROW = ("trail_head", "id")
"""A constraint of the database lets it be 1 only."""


class Unguarded:
    """A store whose triggers and keys are off, in a transaction that is never committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rows(self, table: Table) -> list[Any]:
        """A condition for each row, by the primary key."""
        keys = list(table.primary_key.columns)
        found = self.connection.execute(select(*keys).order_by(*keys)).all()
        return [and_(*(key == value for key, value in zip(keys, row, strict=True))) for row in found]

    def is_intact(self, *statements: Any) -> bool:
        """Whether the check finds nothing after the statements, which are then undone."""
        with self.connection.begin_nested() as point:
            for statement in statements:
                assert self.connection.execute(statement).rowcount == 1, str(statement)
            with Session(self.connection, join_transaction_mode="create_savepoint") as session:
                intact = verify(session).intact
            point.rollback()
        return intact


@contextmanager
def unguarded(place: str) -> Iterator[Unguarded]:
    store = open_store(place)
    with store._database._writing.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        yield Unguarded(connection)
        connection.rollback()
    store.close()


@pytest.fixture
def rows(store_place: str) -> Iterator[Unguarded]:
    store = staffed(store_place)
    _, number = filled(store, 2, reason="why", adapter="an adapter")
    one = store.passages(number)[0]
    check_all(store, number, ANNA)
    store.undo(one.id, store.passage(one.id).version, ANNA)
    store.redo(one.id, store.passage(one.id).version, ANNA)
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    store.approve(number, store.extraction(number).version, BEN)
    filled(store, 1, name="other.pdf")
    store.close()
    with unguarded(store_place) as opened:
        assert opened.is_intact()
        yield opened


def test_every_row_that_is_removed_is_found(rows):
    removed = [(table, row) for table in TABLES for row in rows.rows(table)]
    missed = [(table.name, row) for table, row in removed if rows.is_intact(delete(table).where(row))]
    assert missed == []
    assert len(removed) > 40


def test_every_value_that_is_changed_is_found(rows):
    changed = 0
    for table in TABLES:
        there = rows.rows(table)
        for number, row in enumerate(there):
            # Of the first row and the last every column, of the others one.
            columns = list(table.columns)
            for one in columns if number in (0, len(there) - 1) else [columns[number % len(columns)]]:
                if (table.name, one.name) in FOR_SEARCH or (table.name, one.name) == ONE_ROW:
                    continue
                assert not rows.is_intact(update(table).where(row).values({one: other_value(one)})), (table.name, one)
                changed += 1
    assert changed > 100


def other_value(one: Column[Any]) -> Any:
    """An expression that differs from any value that is there."""
    if one.type.python_type is int:
        return func.coalesce(one, 0) + 7777
    if one.type.python_type is bytes:
        return b"another file"
    longer = literal("~") + func.coalesce(one, "")
    return func.substr(longer, 1, one.type.length) if one.type.length else longer


def test_every_two_neighbours_that_change_places_are_found(rows):
    swapped = 0
    for table, key in (("trail", "sequence"), ("revision", "sequence"), ("passage", "id")):
        found = Base.metadata.tables[table].c[key]
        for one, other in pairwise(rows.connection.scalars(select(found).order_by(found)).all()):
            moves = ((one, -1), (other, one), (-1, other))
            statements = [update(found.table).where(found == was).values({found: now}) for was, now in moves]
            assert not rows.is_intact(*statements), (table, one, other)
            swapped += 1
    assert swapped > 20
