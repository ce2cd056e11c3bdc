from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from stored_reviews import filled, staffed

from text2mdt.errors import Text2MDTError
from text2mdt.review.database import VARIABLE, Database, store_url
from text2mdt.review.schema_version import MIGRATIONS, SCHEMA, VERSION_TABLE
from text2mdt.review.store import open_store
from text2mdt.review.tables import APPEND_ONLY, KEPT, Base


def code(caught: pytest.ExceptionInfo[Text2MDTError]) -> str:
    return caught.value.code


def test_the_steps_lead_to_the_tables_that_the_program_uses(store_place):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store = open_store(store_place)
    with store._database._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    assert {*APPEND_ONLY, *KEPT} < set(Base.metadata.tables)


def test_the_release_names_its_last_step():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_a_database_without_a_schema_is_upgraded_on_demand(postgresql):
    place = postgresql.url(postgresql.new_database())
    with pytest.raises(Text2MDTError) as caught:
        open_store(place)
    assert code(caught) == "T2M102"
    assert "text2mdt review upgrade" in str(caught.value)
    database = Database(store_url(place))
    assert database.upgrade() == (None, SCHEMA)
    assert database.upgrade() == (SCHEMA, SCHEMA)
    assert staffed(place).verify().intact


def test_a_newer_schema_is_refused(store_place):
    store = open_store(store_place)
    with store._database._engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    store.close()
    for act in (lambda: open_store(store_place), Database(store_url(store_place)).upgrade):
        with pytest.raises(Text2MDTError) as caught:
            act()
        assert code(caught) == "T2M103"


def test_an_older_schema_of_postgresql_is_named(postgresql):
    place = postgresql.new_store()
    store = open_store(place)
    with store._database._engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0000'"))
    with pytest.raises(Text2MDTError) as caught:
        open_store(place)
    assert code(caught) == "T2M102"
    assert "0000" in str(caught.value)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path):
    place = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("CREATE TABLE trail (x)")
        connection.commit()
    with pytest.raises(Text2MDTError) as caught:
        open_store(place)
    assert code(caught) == "T2M100"
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("trail",)]


def test_a_failed_upgrade_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from text2mdt.review import schema_version

    def fail(_connection: object) -> None:
        raise OSError("no more room")

    place = tmp_path / "review.sqlite3"
    with monkeypatch.context() as patch:
        patch.setattr(schema_version, "_plant_head", fail)
        with pytest.raises(OSError, match="no more room"):
            open_store(place)
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    assert open_store(place).verify().intact


def test_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert Path(store_url().database).name == "review.sqlite3"
    monkeypatch.setenv(VARIABLE, "postgresql://anna:secret@db.example/reviews")
    url = store_url()
    assert (url.drivername, url.host, url.password) == ("postgresql+pg8000", "db.example", "secret")
    assert store_url("postgres://db/x").drivername == "postgresql+pg8000"
    assert store_url(tmp_path / "a.sqlite3").database == str(tmp_path / "a.sqlite3")
    assert store_url(f"sqlite:///{tmp_path}/b.sqlite3").database == f"{tmp_path}/b.sqlite3"
    for bad in ("mysql://db/x", "sqlite://", "sqlite:///:memory:", "http://x", "://", "postgresql+asyncpg://db/x"):
        with pytest.raises(Text2MDTError) as caught:
            store_url(bad)
        assert code(caught) == "T2M100"


def test_a_server_that_is_not_there_and_a_password_that_is_not_told():
    with pytest.raises(Text2MDTError) as caught:
        open_store("postgresql://anna:secret@127.0.0.1:1/reviews")
    assert code(caught) == "T2M100"
    assert "secret" not in str(caught.value)


def test_what_sqlite_is_told(tmp_path: Path):
    store = open_store(tmp_path / "review.sqlite3")
    with store._database._engine.connect() as connection:
        wanted = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000, "synchronous": 2}
        for name, value in wanted.items():
            assert connection.execute(text(f"PRAGMA {name}")).scalar() == value


def test_a_copy_of_a_running_file_is_a_backup(tmp_path: Path):
    store = staffed(str(tmp_path / "review.sqlite3"))
    filled(store)
    receipt = store.receipt()
    with closing(sqlite3.connect(tmp_path / "review.sqlite3")) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.sqlite3"),))
    filled(store, name="later.pdf")
    copy = open_store(tmp_path / "copy.sqlite3")
    assert copy.verify(receipt).intact
    assert copy.library().total == 1


def test_a_dump_of_a_database_is_a_backup(postgresql):
    place = postgresql.new_store()
    filled(staffed(place))
    receipt = open_store(place).receipt()
    copy = postgresql.new_database()
    source, target = (str(postgresql.url(make_url(place).database or "")), postgresql.url(copy))
    dump = subprocess.run([postgresql.binaries / "pg_dump", source], capture_output=True, check=True, timeout=60)
    restore = [postgresql.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", target]
    subprocess.run(restore, input=dump.stdout, capture_output=True, check=True, timeout=60)
    store = open_store(target)
    assert store.verify(receipt).intact
    filled(store, name="later.pdf")
    assert store.verify(receipt).intact
