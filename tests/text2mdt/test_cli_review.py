from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import run
from stored_reviews import ANNA, filled, staffed

from text2mdt.review.store import open_store


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two documents, which is the default one."""
    path = tmp_path / "review.sqlite3"
    monkeypatch.setenv("TEXT2MDT_STORE", str(path))
    monkeypatch.setenv("COLUMNS", "200")
    store = staffed(str(path))
    filled(store)
    document, _ = filled(store, name="asthma\x1b[31m.pdf")
    store.describe_document(document, ANNA, title="[red]Asthma[/]")
    store.close()
    return path


def test_list(place, capsys):
    done = run(capsys, "review", "list")
    assert done.code == 0
    assert "gout.pdf" in done.out and "0/6" in done.out and "2 of 2 documents" in done.out
    assert "[red]Asthma[/] (asthma" in done.out and "\x1b" not in done.out
    assert "1 of 1 documents" in run(capsys, "review", "list", "GOUT.pdf", "--status", "draft", "--sort", "name").out
    assert run(capsys, "review", "list", "nothing such").out == "0 of 0 documents\n"
    listed = json.loads(run(capsys, "review", "list", "--json", "--limit", 1).out)
    assert (listed["total"], len(listed["documents"]), listed["documents"][0]["draft"]) == (2, 1, True)
    for words in (("--status", "x"), ("--sort", "x"), ("--limit", "0")):
        assert run(capsys, "review", "list", *words).code == 2


def test_an_empty_store(tmp_path, capsys):
    place = tmp_path / "new" / "review.sqlite3"
    assert run(capsys, "review", "list", "--store", place).out == "0 of 0 documents\n"
    assert run(capsys, "review", "role", "--store", place).out == "nobody has a role yet\n"
    assert run(capsys, "review", "verify", "--store", place).code == 0


def test_receipt_and_verify(place, tmp_path, capsys):
    receipt = tmp_path / "kept" / "receipt.json"
    assert run(capsys, "review", "receipt", "-o", receipt).code == 0
    printed = json.loads(run(capsys, "review", "receipt").out)
    assert printed | {"at": ""} == json.loads(receipt.read_text()) | {"at": ""}
    done = run(capsys, "review", "verify", "--receipt", receipt)
    assert (done.code, "continue those of the receipt" in done.out) == (0, True)
    assert json.loads(run(capsys, "review", "verify", "--json").out)["intact"] is True
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("DROP TRIGGER trail_no_update")
        connection.execute("UPDATE trail SET who = 'Eve' WHERE sequence = 5")
        connection.commit()
    done = run(capsys, "review", "verify")
    assert done.code == 1
    assert "changed: entry 5 " in done.out and "NOT INTACT: 1 findings" in done.out
    found = json.loads(run(capsys, "review", "verify", "--json").out)
    assert (found["intact"], found["findings"][0]["sequence"]) == (False, 5)


def test_receipts_that_cannot_be_read(place, tmp_path, capsys):
    bad = tmp_path / "bad"
    bad.write_text("no receipt")
    latin = tmp_path / "latin"
    latin.write_bytes(b"\xff\xfe\xff")
    for path, code in ((bad, "T2M112"), (tmp_path / "none", "T2M010"), (latin, "T2M013"), (tmp_path, "T2M016")):
        done = run(capsys, "review", "verify", "--receipt", path)
        assert (done.code, done.last_error.partition(":")[0]) == (2, code)


def test_roles(place, capsys):
    done = run(capsys, "review", "role", "Dora", "reviewer", "--by", ANNA)
    assert (done.code, "reviewer  Dora\n" in done.out) == (0, True)
    assert run(capsys, "review", "role", "Dora").out == "reviewer  Dora\n"
    assert "approver  Ben" in run(capsys, "review", "role").out
    done = run(capsys, "review", "role", "Dora", "approver", "--by", "Dora")
    assert (done.code, done.last_error.startswith("T2M106: Dora has the role reviewer")) == (2, True)
    assert run(capsys, "review", "role", "Dora", "king", "--by", ANNA).code == 2


def test_export(place, tmp_path, capsys):
    done = run(capsys, "review", "export", 1, "-o", tmp_path / "out.json")
    assert (done.code, "(DRAFT)" in done.out) == (0, True)
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["document"]["name"] == "gout.pdf"
    assert content["trail"] == open_store(place).export(1)["trail"]
    assert run(capsys, "review", "export", 7, "-o", tmp_path / "x.json").last_error.startswith(
        "T2M104: there is no document 7"
    )


def test_upgrade(place, postgresql, capsys):
    assert run(capsys, "review", "upgrade").out.endswith("schema 0001\n")
    url = postgresql.url(postgresql.new_database())
    assert run(capsys, "review", "list", "--store", url).last_error.startswith("T2M102: the store has schema none")
    assert run(capsys, "review", "upgrade", "--store", url).out.endswith("schema 0001 (it was none)\n")
    assert run(capsys, "review", "list", "--store", url).code == 0


def test_errors_of_a_store_are_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("no database " * 500)
    done = run(capsys, "review", "list", "--store", tmp_path / "file")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith("T2M100: the store cannot be used (file is not a database)")
