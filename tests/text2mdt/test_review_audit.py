from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from stored_reviews import ANNA, BEN, check_all, filled, guideline, new_passages, staffed, state

from text2mdt.errors import Text2MDTError
from text2mdt.review.audit import Receipt, entry_hash, first_hash
from text2mdt.review.canonical import canonical, content_hash
from text2mdt.review.conflict import ChangedMeanwhileError
from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import TrailEntry
from text2mdt.review.tables import APPEND_ONLY, KEPT

ROOT = Path(__file__).parents[2]
TRAIL = [
    *("sequence", "at", "who", "what", "document_id", "extraction_id", "passage_id"),
    *("before", "after", "content", "previous", "hash"),
]


def work(store: ReviewStore) -> None:
    """Some of everything: 20 entries or more, an approved document and a draft."""
    _, number = filled(store, 2)
    check_all(store, number, ANNA)
    one = store.passages(number)[0]
    one = store.undo(one.id, one.version, ANNA)
    store.redo(one.id, one.version, ANNA)
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    store.approve(number, store.extraction(number).version, BEN)
    other, _ = filled(store, 2, name="other.pdf")
    store.describe_document(other, ANNA, title="A second one")
    store.describe_document(other, ANNA, title="The second one")


# the chain


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(JSON)
def test_canonical_json_is_the_same_after_a_way_through_the_store(content):
    written = canonical(content)
    assert written.isascii() and "\x00" not in written
    assert canonical(json.loads(written)) == written
    assert content_hash(json.loads(written)) == content_hash(content)


@given(st.data())
def test_every_part_of_an_entry_is_in_its_hash(data):
    entry = TrailEntry(1, "2025", "Anna", "passage.edit", 1, 2, 3, "a" * 64, "b" * 64, "{}", "c" * 64, "")
    name = data.draw(st.sampled_from([name for name in TrailEntry.__slots__ if name != "hash"]))
    number = name in ("sequence", "document", "extraction", "passage")
    old = getattr(entry, name)
    other = data.draw((st.integers() if number else st.text()).filter(lambda value: value != old))
    assert entry_hash(replace(entry, **{name: other})) != entry_hash(entry)


def test_the_trail_tells_who_did_what_when(store_place):
    store = staffed(store_place)
    work(store)
    trail = store.trail()
    assert [entry.sequence for entry in trail] == list(range(1, len(trail) + 1))
    assert trail[0].previous == first_hash(store.receipt().store)
    assert all(after.previous == before.hash for before, after in pairwise(trail))
    assert all(entry_hash(entry) == entry.hash for entry in trail)
    assert [entry.at for entry in trail] == sorted(entry.at for entry in trail)
    assert all(entry.at.endswith("+00:00") for entry in trail)
    (edit, *_) = [entry for entry in trail if entry.what == "passage.edit"]
    assert (edit.who, edit.document, edit.extraction, edit.passage) == (ANNA, 1, 1, 1)
    assert json.loads(edit.content) == {"action": {"kind": "check"}, "version": 2}
    (added, *_) = [entry for entry in trail if entry.what == "passage.add"]
    assert (added.before, edit.before) == (None, added.after)
    assert store.trail(document=1, after=edit.sequence, limit=1)[0].sequence == edit.sequence + 1
    assert {entry.passage for entry in store.trail(passage=2)} == {2}
    found = store.verify(store.receipt())
    assert (found.intact, found.entries, found.receipt.count) == (True, len(trail), len(trail))


def test_rows_are_kept_by_the_database_itself(store_place):
    store = staffed(store_place)
    work(store)
    key = {"trail": "sequence", "revision": "sequence", "document_source": "document_id"}
    statements = [f"DELETE FROM {table}" for table in (*APPEND_ONLY, *KEPT)]
    statements += [f"UPDATE {table} SET {key[table]} = {key[table]} + 1000" for table in APPEND_ONLY]
    statements += ["UPDATE trail SET who = 'x' WHERE sequence = 3", "UPDATE revision SET state = '{}'"]
    if store_place.startswith("postgresql"):
        statements += [f"TRUNCATE {table} CASCADE" for table in (*APPEND_ONLY, *KEPT)]
    else:
        statements += [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1" for table in APPEND_ONLY]
    engine = store._database._engine
    for statement in statements:
        with pytest.raises(DBAPIError, match="kept as they are"), engine.begin() as connection:
            connection.execute(text(statement))
    assert store.verify().intact


# many writers


def _write(place: str, who: str, passages: list[int], rounds: int) -> None:
    """Adds to a number that all share in each passage, again where another writer was faster."""
    store = open_store(place)
    for _ in range(rounds):
        for passage in passages:
            while True:
                one = store.passage(passage)
                count = one.state.content.get("count", 0) + 1
                try:
                    store.save(passage, replace(state(), content={"count": count}), {"kind": "add"}, one.version, who)
                    break
                except ChangedMeanwhileError:
                    continue


def test_eight_writers_lose_nothing(store_place):
    store = staffed(store_place)
    _, number = filled(store, 2)
    passages = [one.id for one in store.passages(number)]
    before = store.receipt()
    store.close()
    fork = get_context("fork")
    processes = [
        fork.Process(target=_write, args=(store_place, (ANNA, BEN)[index % 2], passages, 3)) for index in range(8)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0] * 8
    store = open_store(store_place)
    assert [one.state.content for one in store.passages(number)] == [{"count": 24}] * 2
    assert [one.version for one in store.passages(number)] == [25] * 2
    assert store.receipt().count == before.count + 48
    assert store.verify(before).intact


def _open(place: str) -> None:
    open_store(place).close()


def test_eight_processes_open_a_new_file_at_once(tmp_path: Path):
    place = str(tmp_path / "review.sqlite3")
    fork = get_context("fork")
    processes = [fork.Process(target=_open, args=(place,)) for _ in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 8
    assert open_store(place).verify().intact


def _write_for_ever(place: str, number: int) -> None:
    store = open_store(place)
    extracted = guideline(1)
    for position in range(100_000):
        one = new_passages(extracted, range(1))[0]
        result = one.result.model_copy(update={"id": f"g-{position}"})
        store.add_passages(number, [replace(one, position=position, result=result)], ANNA)


def test_a_writer_killed_anywhere_leaves_a_store_that_verifies(store_place):
    store = staffed(store_place)
    document = store.add_document("gout.pdf", b"gout", ANNA)
    number = store.start_extraction(document, guideline(1), 100_000, ANNA)
    receipt = store.receipt()
    for round_number in range(2):
        store.close()
        process = get_context("fork").Process(target=_write_for_ever, args=(store_place, number))
        process.start()
        store = open_store(store_place)
        wanted, end = receipt.count + 4, time.monotonic() + 60
        while store.receipt().count < wanted and time.monotonic() < end:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
        found = store.verify(receipt)
        assert found.intact, (round_number, found.findings)
        receipt = store.receipt()
        assert receipt.count >= wanted
        (left,) = store.unfinished()
        assert len(left.done) == len(store.passages(number)) == left.extraction.passages


def test_a_writer_does_not_wait_for_ever(store_place):
    store = staffed(store_place)
    hasty = open_store(store_place, wait_seconds=0.2)
    with store._database.writing():
        with pytest.raises(Text2MDTError) as caught:
            hasty.add_document("x", b"x", ANNA)
        assert caught.value.code == "T2M101"
        assert hasty.library().total == 0, "reading goes on meanwhile"
    hasty.add_document("x", b"x", ANNA)


# tampering


class Tampering:
    """A store in SQLite whose triggers are gone, changed by SQL alone."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.store = staffed(str(place))
        work(self.store)
        assert self.store.verify().intact
        self.receipt = self.store.receipt()
        self.store.close()
        with closing(sqlite3.connect(place)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in names:
                connection.execute(f"DROP TRIGGER {name}")
            connection.commit()
        assert len(names) >= 12

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.place)) as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount != 0, statement
            connection.commit()

    def rewrite(self, change: Callable[[list[TrailEntry]], list[TrailEntry]], head: bool = True) -> None:
        """The trail anew, with numbers and hashes that fit."""
        store = open_store(self.place)
        entries, previous = [], first_hash(self.receipt.store)
        for number, entry in enumerate(change(store.trail(limit=None)), start=1):
            entry = replace(entry, sequence=number, previous=previous)
            previous = entry_hash(entry)
            entries.append(replace(entry, hash=previous))
        store.close()
        names = [name.removesuffix("_id") for name in TRAIL]
        with closing(sqlite3.connect(self.place)) as connection:
            connection.execute("DELETE FROM trail")
            marks = ", ".join("?" * len(TRAIL))
            rows = [[getattr(entry, name) for name in names] for entry in entries]
            connection.executemany(f"INSERT INTO trail ({', '.join(TRAIL)}) VALUES ({marks})", rows)
            if head:
                connection.execute("UPDATE trail_head SET count = ?, hash = ?", (len(entries), previous))
            connection.commit()

    def kinds(self, receipt: bool = False) -> set[str]:
        found = open_store(self.place).verify(self.receipt if receipt else None)
        assert found.intact == (not found.findings)
        return {finding.kind for finding in found.findings}


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Tampering:
    return Tampering(tmp_path_factory.mktemp("worked") / "review.sqlite3")


@pytest.fixture
def tampering(worked: Tampering, tmp_path: Path) -> Tampering:
    """A copy of one store, so that each test has its own to spoil."""
    copy = object.__new__(Tampering)
    copy.place, copy.receipt = tmp_path / "review.sqlite3", worked.receipt
    with closing(sqlite3.connect(worked.place)) as source, closing(sqlite3.connect(copy.place)) as target:
        source.backup(target)
    return copy


SWAP = "UPDATE trail SET sequence = 999 WHERE sequence = {0}", "UPDATE trail SET sequence = {0} WHERE sequence = {1}"


def swap(one: int, other: int) -> list[str]:
    return [*(part.format(one, other) for part in SWAP), f"UPDATE trail SET sequence = {other} WHERE sequence = 999"]


def shifted(start: int, by: int) -> list[str]:
    return [
        f"UPDATE trail SET sequence = -sequence WHERE sequence >= {start}",
        f"UPDATE trail SET sequence = -sequence + {by} WHERE sequence < 0",
    ]


COPY = f"INSERT INTO trail ({', '.join(TRAIL)}) SELECT {{0}}, {', '.join(TRAIL[1:])} FROM trail WHERE sequence = {{1}}"

OF_THE_TRAIL: dict[str, tuple[list[str], str]] = {
    "another person": (["UPDATE trail SET who = 'Eve' WHERE sequence = 12"], "changed"),
    "another time": (["UPDATE trail SET at = '2020-01-01' WHERE sequence = 1"], "changed"),
    "another hash of the state": (["UPDATE trail SET after = before WHERE what = 'passage.edit'"], "changed"),
    "no JSON any more": (["UPDATE trail SET content = '[' WHERE sequence = 9"], "changed"),
    "another passage": (["UPDATE trail SET passage_id = 2 WHERE sequence = 10"], "changed"),
    "the last one changed": (
        ["UPDATE trail SET who = 'Eve' WHERE sequence = (SELECT max(sequence) FROM trail)"],
        "changed",
    ),
    "one removed": (["DELETE FROM trail WHERE sequence = 12"], "removed"),
    "the first removed": (["DELETE FROM trail WHERE sequence = 1"], "removed"),
    "some removed": (["DELETE FROM trail WHERE sequence BETWEEN 9 AND 14"], "removed"),
    "one removed, the others moved up": (["DELETE FROM trail WHERE sequence = 9", *shifted(10, -1)], "moved"),
    "neighbours swapped": (swap(9, 10), "moved"),
    "two far apart swapped": (swap(5, 15), "moved"),
    "one put between": ([*shifted(10, 1), COPY.format(10, 9)], "moved"),
    "one put before": ([COPY.format(0, 9)], "inserted"),
    "one put at the end": ([COPY.format(999, 9)], "inserted"),
    "the end cut off": (["DELETE FROM trail WHERE sequence > 15"], "cut"),
    "the last cut off": (["DELETE FROM trail WHERE sequence = (SELECT max(sequence) FROM trail)"], "cut"),
    "all cut off": (["DELETE FROM trail"], "cut"),
    "the head changed": (["UPDATE trail_head SET hash = store || store"], "head"),
    "the head taken back": (["UPDATE trail_head SET count = count - 1"], "inserted"),
    "the head removed": (["DELETE FROM trail_head"], "head"),
    "another store": (["UPDATE trail_head SET store = '0123456789abcdef0123456789abcdef'"], "link"),
}


@pytest.mark.parametrize("name", OF_THE_TRAIL)
def test_what_was_done_to_the_trail_is_found(tampering, name):
    statements, kind = OF_THE_TRAIL[name]
    tampering.run(*statements)
    assert kind in tampering.kinds()


OF_THE_STORE: dict[str, tuple[list[str], str]] = {
    "a state": (["UPDATE revision SET state = replace(state, 'checked', 'Checked') WHERE version = 2"], "state"),
    "an old state": (["UPDATE revision SET state = '{}' WHERE version = 1"], "state"),
    "the counts of a state": (["UPDATE revision SET facts = replace(facts, '3', '4') WHERE version = 2"], "state"),
    "no facts": (["UPDATE revision SET facts = '5' WHERE version = 2"], "state"),
    "which version undo shows": (["UPDATE revision SET shows = 2 WHERE kind = 'undo'"], "state"),
    "an old version shown as the current one": (["UPDATE passage SET version = 1 WHERE id = 2"], "state"),
    "a version of another passage": (["UPDATE revision SET passage_id = 3, version = 9 WHERE sequence = 12"], "state"),
    "a version removed": (["DELETE FROM revision WHERE version = 2"], "missing"),
    "a version put in": (
        ["INSERT INTO revision SELECT 999, 1, 99, kind, 1, parent, state, facts FROM revision LIMIT 1"],
        "unknown",
    ),
    "what the model wrote": (["UPDATE passage SET result = '{}' WHERE id = 1"], "state"),
    "the name of a passage": (["UPDATE passage SET key = 'x' WHERE id = 1"], "state"),
    "the place of a passage": (["UPDATE passage SET position = 7 WHERE id = 1"], "state"),
    "a passage in another extraction": (
        ["UPDATE passage SET extraction_id = 2, position = 9, key = 'z' WHERE id = 1"],
        "missing",
    ),
    "a passage removed": (["DELETE FROM passage WHERE id = 1"], "missing"),
    "a passage put in": (["INSERT INTO passage VALUES (99, 1, 99, 'x', '{}', 1)"], "unknown"),
    "approved": (["UPDATE extraction SET status = 'approved' WHERE id = 2"], "state"),
    "who approved": (["UPDATE extraction SET approved_by = 'Eve' WHERE id = 1"], "state"),
    "who changed it last": (["UPDATE extraction SET edited_by = 'Eve' WHERE id = 1"], "state"),
    "the model": (["UPDATE extraction SET model = 'better' WHERE id = 1"], "state"),
    "the version of an extraction": (["UPDATE extraction SET version = version + 1 WHERE id = 1"], "state"),
    "an extraction removed": (["DELETE FROM extraction WHERE id = 2"], "missing"),
    "the text of an extraction": (["UPDATE extraction_text SET content = content || ' '"], "state"),
    "the text removed": (["DELETE FROM extraction_text"], "state"),
    "how many are checked": (["UPDATE extraction SET checked = triples WHERE id = 2"], "figures"),
    "how many warnings": (["INSERT INTO extraction_warning VALUES (1, 'lost_gate', 1)"], "figures"),
    "the title": (["UPDATE document SET title = 'x' WHERE id = 1"], "state"),
    "the leading extraction": (["UPDATE document SET leading = NULL WHERE id = 1"], "state"),
    "a document removed": (["DELETE FROM document WHERE id = 2"], "missing"),
    "a document put in": (
        [
            "INSERT INTO document SELECT 9, name, 'x', title, tags, created, created_by, leading, changed, words "
            "FROM document LIMIT 1"
        ],
        "unknown",
    ),
    "the file": (["UPDATE document_source SET content = x'00' WHERE document_id = 1"], "state"),
    "the file removed": (["DELETE FROM document_source WHERE document_id = 1"], "state"),
    "a role": (["UPDATE person SET role = 'approver' WHERE key = 'cleo'"], "state"),
    "a person put in": (["INSERT INTO person VALUES ('eve', 'Eve', 'approver')"], "unknown"),
    "a person removed": (["DELETE FROM person WHERE key = 'cleo'"], "missing"),
}


@pytest.mark.parametrize("name", OF_THE_STORE)
def test_what_was_done_beside_the_trail_is_found(tampering, name):
    statements, kind = OF_THE_STORE[name]
    tampering.run(*statements)
    assert kind in tampering.kinds()


def test_an_entry_written_anew_with_its_hash_breaks_the_link(tampering):
    store = open_store(tampering.place)
    entry = replace(store.trail()[9], who="Eve")
    store.close()
    tampering.run(f"UPDATE trail SET who = 'Eve', hash = '{entry_hash(entry)}' WHERE sequence = {entry.sequence}")
    assert "link" in tampering.kinds()


def test_a_trail_written_anew_shows_only_beside_a_receipt(tampering):
    def other_person(entries: list[TrailEntry]) -> list[TrailEntry]:
        return [replace(one, who="Eve") if one.what == "document.describe" else one for one in entries]

    assert tampering.kinds(receipt=True) == set()
    tampering.rewrite(other_person)
    assert tampering.kinds() == set(), "a chain without a secret cannot show this by itself"
    assert tampering.kinds(receipt=True) == {"receipt"}


def test_an_end_cut_off_with_its_head_shows_only_beside_a_receipt(tampering):
    store = open_store(tampering.place)
    last, one_before = store.trail()[-1], store.trail()[-2]
    assert (last.what, one_before.what) == ("document.describe", "document.describe")
    store.close()
    tampering.rewrite(lambda entries: entries[:-1])
    assert tampering.kinds() == {"state"}, "the title is that of the entry that is gone"
    tampering.run("UPDATE document SET title = 'A second one' WHERE id = 2")
    assert tampering.kinds() == set()
    assert tampering.kinds(receipt=True) == {"cut"}


def test_a_receipt_of_later_work_still_holds(tampering):
    store = open_store(tampering.place)
    store.describe_document(1, ANNA, title="later")
    assert store.verify(tampering.receipt).intact
    assert store.verify(Receipt.read(tampering.receipt.line())).intact


def test_a_receipt_of_another_store(tampering, tmp_path):
    other = open_store(tmp_path / "other.sqlite3")
    found = other.verify(tampering.receipt)
    assert [finding.kind for finding in found.findings] == ["receipt"]
    assert other.verify(other.receipt()).intact, "of an empty trail"


@pytest.mark.parametrize("line", ["", "{}", "receipt", '{"text2mdt_receipt": 2}', "[" * 5000])
def test_no_receipt(line):
    with pytest.raises(Text2MDTError) as caught:
        Receipt.read(line)
    assert caught.value.code == "T2M112"


def test_findings_are_counted_and_not_all_kept(tampering):
    tampering.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
        "INSERT INTO person SELECT 'p' || i, 'p', 'approver' FROM n"
    )
    found = open_store(tampering.place).verify()
    assert (len(found.findings), found.more) == (100, 400)


def test_tampering_is_found_in_postgresql_too(postgresql):
    place = postgresql.new_store()
    store = staffed(place)
    work(store)
    store.close()
    name = make_url(place).database
    disable = [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in (*APPEND_ONLY, *KEPT)]
    postgresql.execute(name, *disable, "UPDATE trail SET who = 'Eve' WHERE sequence = 12")
    postgresql.execute(
        name, "UPDATE revision SET state = '{}' WHERE version = 2", "DELETE FROM trail WHERE sequence = 9"
    )
    found = {finding.kind for finding in open_store(place).verify().findings}
    assert {"changed", "removed", "state"} <= found


def test_a_user_of_the_database_without_rights_on_its_tables(postgresql):
    place = postgresql.new_store()
    name = make_url(place).database
    script = ROOT / "deploy" / "app_role.sql"
    psql = [postgresql.binaries / "psql", "-q", "-v", "password=it's secret", "-f", script, postgresql.url(name)]
    for _ in range(2):  # again after each upgrade
        done = subprocess.run(psql, capture_output=True, text=True, timeout=60, check=True)
        assert done.stderr == ""
    assert staffed(f"postgresql://text2mdt_app:it's secret@localhost:{postgresql.port}/{name}").verify().intact
    store = open_store(postgresql.url(name, user="text2mdt_app"))
    work(store)
    assert store.verify().intact
    for statement in (
        "ALTER TABLE trail DISABLE TRIGGER ALL",
        "DROP TRIGGER trail_no_update ON trail",
        "UPDATE trail SET who = 'Eve'",
        "DELETE FROM person",
        "DROP TABLE trail",
    ):
        with pytest.raises(DBAPIError, match="42501"):
            postgresql.execute(name, statement, user="text2mdt_app")


def test_a_spoilt_head_gives_no_receipt(tampering):
    for statement in ("UPDATE trail_head SET store = 'none'", "DELETE FROM trail_head"):
        tampering.run(statement)
        assert "head" in tampering.kinds(receipt=True)
        with pytest.raises(Text2MDTError) as caught:
            open_store(tampering.place).receipt()
        assert caught.value.code == "T2M146"
