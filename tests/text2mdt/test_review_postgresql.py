"""The way to a PostgreSQL server: URLs, passwords, encryption, and connections that are lost."""

from __future__ import annotations

import sys
from getpass import getuser
from pathlib import Path

import pytest
from sqlalchemy import make_url
from stored_reviews import ANNA, staffed

from text2mdt.errors import Text2MDTError
from text2mdt.review.database import store_url
from text2mdt.review.postgresql import PASSWORD_FILE, driver_arguments
from text2mdt.review.store import open_store

PASSWORD = "pass wörd/'%"


def code(caught: pytest.ExceptionInfo[Text2MDTError]) -> str:
    return caught.value.code


def arguments(url: str) -> dict[str, object]:
    return driver_arguments(store_url(url))


def test_a_url_as_postgresql_writes_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PASSWORD_FILE, raising=False)
    plain = arguments("postgresql://anna:se%2Fcret@db.example:5433/reviews")
    assert plain == {
        "user": "anna",
        "password": "se/cret",
        "host": "db.example",
        "port": 5433,
        "database": "reviews",
        "ssl_context": None,
        "application_name": "text2mdt",
    }
    assert arguments("postgres://db/x")["user"] == getuser()
    socket = arguments("postgresql://anna@/x?host=/run/pg&port=5444&application_name=page")
    assert (socket["unix_sock"], socket["application_name"]) == ("/run/pg/.s.PGSQL.5444", "page")
    assert "host" not in socket
    assert arguments("postgresql:///x")["host"] == "localhost"
    assert arguments("postgresql://db/x?sslmode=disable")["ssl_context"] is False
    assert arguments("postgresql://db/x?sslmode=require")["ssl_context"] is True
    assert arguments("postgresql://db/x?sslmode=verify-full")["ssl_context"].check_hostname is True
    assert arguments("postgresql://db/x?sslmode=verify-ca")["ssl_context"].check_hostname is False


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("sslmod=require", "T2M145"),
        ("sslmode=verify", "T2M145"),
        ("options=-c%20x", "T2M145"),
        ("port=x", "T2M100"),
        ("sslmode=verify-full&sslrootcert=/none/such", "T2M100"),
        (f"sslmode=verify-full&sslrootcert={__file__}", "T2M100"),
    ],
)
def test_options_that_cannot_be(options, wanted):
    with pytest.raises(Text2MDTError) as caught:
        open_store(f"postgresql://anna:secret@db.example/x?{options}")
    assert code(caught) == wanted
    assert "secret" not in str(caught.value)


def test_a_password_in_a_file(postgresql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = postgresql.new_store()
    name = make_url(place).database
    postgresql.execute(name, "CREATE ROLE guarded SUPERUSER LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'")
    url = f"postgresql://guarded@localhost:{postgresql.port}/{name}"
    file = tmp_path / "password"
    monkeypatch.setenv(PASSWORD_FILE, str(file))
    with pytest.raises(Text2MDTError) as caught:
        open_store(url)
    assert code(caught) == "T2M010"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    staffed(url)
    file.write_text("another", encoding="utf-8")
    with pytest.raises(Text2MDTError) as caught:
        open_store(url)
    assert (code(caught), "password authentication failed" in str(caught.value)) == ("T2M100", True)
    monkeypatch.delenv(PASSWORD_FILE)
    with pytest.raises(Text2MDTError) as caught:
        open_store(url)
    assert (code(caught), "password" in str(caught.value)) == ("T2M100", True)


def test_encryption_is_as_strict_as_the_url_says(postgresql):
    place = postgresql.new_store()
    name = make_url(place).database
    postgresql.execute(name, "CREATE ROLE seen SUPERUSER LOGIN PASSWORD 'seen'")

    def encrypted(host: str, options: str) -> bool:
        store = open_store(f"postgresql://seen:seen@{host}:{postgresql.port}/{name}?{options}")
        with store._database._engine.connect() as connection:
            query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return bool(connection.exec_driver_sql(query).scalar())

    trusted = f"sslrootcert={postgresql.certificate}"
    assert not encrypted("localhost", "sslmode=disable")
    assert encrypted("localhost", "")
    assert encrypted("localhost", "sslmode=require")
    assert encrypted("localhost", f"sslmode=verify-full&{trusted}")
    assert encrypted("127.0.0.1", f"sslmode=verify-ca&{trusted}")
    for host, options in (("127.0.0.1", f"sslmode=verify-full&{trusted}"), ("localhost", "sslmode=verify-ca")):
        with pytest.raises(Text2MDTError) as caught:
            encrypted(host, options)
        assert (code(caught), "certificate" in str(caught.value)) == ("T2M100", True)


def test_a_server_that_was_started_anew_is_asked_again(postgresql):
    place = postgresql.new_store()
    store = staffed(place)
    name = make_url(place).database
    # What the server does to each connection when it is shut down.
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    postgresql.execute(name, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert store.library().total == 0
    postgresql.execute(name, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert store.add_document("x", b"x", ANNA) == 1


def test_a_connection_that_breaks_while_writing_is_an_error_and_nothing_is_kept(postgresql):
    store = staffed(postgresql.new_store())
    before = store.receipt()
    with pytest.raises(Text2MDTError) as caught, store._database.writing() as session:
        session.connection().exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert code(caught) == "T2M100"
    assert store.verify(before).intact


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(Text2MDTError) as caught:
        open_store("postgresql://db/x")
    assert code(caught) == "T2M042"
