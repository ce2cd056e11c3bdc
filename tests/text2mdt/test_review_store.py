from __future__ import annotations

import json
import os
import shutil
import signal
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_reviews import ANNA, BEN, CLEO, TRIPLES, check_all, filled, guideline, new_passages, staffed, state

from text2mdt.errors import Text2MDTError
from text2mdt.review import audit
from text2mdt.review.conflict import ChangedMeanwhileError
from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import PassageState, PersonRole, Stage, Status


def code(caught: pytest.ExceptionInfo[Text2MDTError]) -> str:
    return caught.value.code


@pytest.fixture
def store(store_place: str) -> ReviewStore:
    return staffed(store_place)


# documents and extractions


def test_a_document_comes_back_as_it_was_put_in(store):
    content = bytes(range(256)) * 50
    number = store.add_document("gout\x00 2025.pdf", content, ANNA, title=" Gout\n in adults", tags=["b", "a", "a", ""])
    document = store.document(number)
    assert (document.name, document.title, document.tags) == ("gout\ufffd 2025.pdf", "Gout in adults", ("a", "b"))
    assert (document.created_by, document.leading) == (ANNA, None)
    assert store.source(number) == content
    assert store.add_document("other.pdf", content, BEN) == number, "the same bytes are the same document"
    store.describe_document(number, BEN, title="Gicht", tags=["x"])
    assert (store.document(number).title, store.document(number).tags) == ("Gicht", ("x",))
    store.describe_document(number, BEN, tags=[])
    assert (store.document(number).title, store.document(number).tags) == ("Gicht", ())


def test_an_extraction_comes_back_as_it_was_put_in(store):
    extracted = guideline(3, reason=None, model="m", adapter=None)
    document = store.add_document("gout.pdf", b"gout", ANNA)
    states = [state(note=[1.5, "µ\ud800\x00", None], warnings=("lost_gate", "units")) for _ in range(3)]
    number = store.add_extraction(document, extracted, states, ANNA)
    assert store.extracted(number) == extracted
    found = store.extraction(number)
    assert (found.passages, found.triples, found.checked, found.warnings) == (3, 3 * TRIPLES, 0, 6)
    assert (found.stage, found.status, found.model, found.adapter) == (Stage.FINISHED, Status.DRAFT, "m", None)
    assert [one.key for one in store.passages(number)] == ["g-001", "g-002", "g-003"]
    assert store.passages(number)[0].state == states[0]
    assert store.passage(store.passages(number)[1].id) == store.passages(number)[1]
    assert store.document(document).leading == number
    assert store.verify().intact


def test_a_document_has_several_extractions_and_one_leads(store):
    document, first = filled(store, model="small")
    second = store.add_extraction(document, guideline(1, model="large"), [state(checked=3)], ANNA)
    assert [one.model for one in store.extractions(document)] == ["small", "large"]
    assert store.document(document).leading == first
    store.choose_extraction(second, BEN)
    assert store.document(document).leading == second
    assert store.library().rows[0].model == "large"
    assert store.library().rows[0].extractions == 2
    assert store.verify().intact


def test_states_may_be_given_as_text_and_must_be_objects(store):
    _, number = filled(store)
    (one, _) = store.passages(number)
    saved = store.save(one.id, PassageState('{"b": 1, "a": [2]}', 3), '{"kind": "edit"}', 1, ANNA)
    assert saved.state.content == {"a": [2], "b": 1}
    for content in ("[1]", "{", {"x": float("nan")}, {"x": object()}, 5):
        with pytest.raises(Text2MDTError) as caught:
            store.save(one.id, PassageState(content), {"kind": "edit"}, 2, ANNA)
        assert code(caught) == "T2M111"
    for bad in (PassageState({}, 1, 2), PassageState({}, 1, -1), PassageState({}, warnings=("x" * 65,))):
        with pytest.raises(Text2MDTError) as caught:
            store.save(one.id, bad, {"kind": "edit"}, 2, ANNA)
        assert code(caught) == "T2M111"
    with pytest.raises(Text2MDTError) as caught:
        store.save(one.id, state(), "no JSON", 2, ANNA)
    assert code(caught) == "T2M111"
    assert store.passage(one.id) == saved


def test_what_is_not_there_has_a_name(store):
    calls = [
        lambda: store.document(9),
        lambda: store.source(9),
        lambda: store.is_draft(9),
        lambda: store.extraction(9),
        lambda: store.extracted(9),
        lambda: store.passages(9),
        lambda: store.passage(9),
        lambda: store.history(9),
        lambda: store.state_at(9, 1),
        lambda: store.export(9),
        lambda: store.save(9, state(), {}, 1, ANNA),
        lambda: store.undo(9, 1, ANNA),
        lambda: store.approve(9, 1, ANNA),
        lambda: store.add_passages(9, [], ANNA),
        lambda: store.start_extraction(9, guideline(0), 0, ANNA),
    ]
    for call in calls:
        with pytest.raises(Text2MDTError) as caught:
            call()
        assert code(caught) == "T2M104"


# two people


def test_the_second_of_two_is_told_who_was_faster(store):
    _, number = filled(store)
    seen = store.passages(number)[0]
    store.save(seen.id, state(1, "by Anna"), {"kind": "check"}, seen.version, ANNA)
    for act in (
        lambda: store.save(seen.id, state(2, "by Ben"), {"kind": "check"}, seen.version, BEN),
        lambda: store.undo(seen.id, seen.version, BEN),
        lambda: store.save(seen.id, state(2, "by Ben"), {"kind": "check"}, 99, BEN),
    ):
        with pytest.raises(ChangedMeanwhileError) as caught:
            act()
        assert code(caught) == "T2M105"
        assert (caught.value.changed_by, caught.value.version) == (ANNA, 2)
        assert caught.value.changed_at == store.passage(seen.id).changed_at
        assert ANNA in str(caught.value)
    assert store.passage(seen.id).state == state(1, "by Anna")


def test_the_status_changes_only_of_what_was_seen(store):
    _, number = filled(store)
    check_all(store, number, ANNA)
    seen = store.extraction(number).version
    one = store.passages(number)[0]
    store.save(one.id, state(TRIPLES, "another dose"), {"kind": "edit"}, one.version, BEN)
    with pytest.raises(ChangedMeanwhileError) as caught:
        store.mark_reviewed(number, seen, ANNA)
    assert caught.value.changed_by == BEN
    assert store.extraction(number).status is Status.DRAFT


# undo and redo


def test_undo_and_redo_are_versions_of_their_own(store):
    _, number = filled(store)
    one = store.passages(number)[0]
    one = store.save(one.id, state(1, "a", population="Children"), {"kind": "edit", "to": "a"}, one.version, ANNA)
    one = store.save(one.id, state(2, "b"), {"kind": "edit", "to": "b"}, one.version, BEN)
    one = store.undo(one.id, one.version, ANNA)
    assert (one.state, one.can_undo, one.can_redo) == (state(1, "a", population="Children"), True, True)
    assert store.extraction(number).checked == 1
    one = store.undo(one.id, one.version, ANNA)
    assert (one.state, one.can_undo, one.can_redo) == (state(), False, True)
    with pytest.raises(Text2MDTError) as caught:
        store.undo(one.id, one.version, ANNA)
    assert code(caught) == "T2M110"
    one = store.redo(one.id, one.version, ANNA)
    one = store.redo(one.id, one.version, ANNA)
    assert (one.state, one.can_redo) == (state(2, "b"), False)
    one = store.undo(one.id, one.version, ANNA)
    one = store.save(one.id, state(3, "c"), {"kind": "edit", "to": "c"}, one.version, ANNA)
    assert not one.can_redo
    with pytest.raises(Text2MDTError) as caught:
        store.redo(one.id, one.version, ANNA)
    assert code(caught) == "T2M110"
    history = store.history(one.id)
    kinds = " ".join(revision.kind for revision in history)
    assert kinds == "start edit edit undo undo redo redo undo edit"
    assert [revision.shows for revision in history] == [1, 2, 3, 2, 1, 2, 3, 2, 9]
    assert [revision.who for revision in history][:3] == [ANNA, ANNA, BEN]
    assert history[2].action == {"kind": "edit", "to": "b"}
    assert store.state_at(one.id, 3) == state(2, "b"), "nothing is ever deleted"
    assert store.verify().intact


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.sampled_from(["edit", "edit", "undo", "undo", "redo"]), max_size=14))
def test_undo_and_redo_do_what_two_stacks_do(steps, empty_store, tmp_path_factory):
    store = staffed(str(shutil.copy(empty_store, tmp_path_factory.mktemp("steps"))))
    _, number = filled(store, 1)
    (one,) = store.passages(number)
    done, undone = [state()], []
    for count, step in enumerate(steps):
        if step == "edit":
            done.append(state(count % (TRIPLES + 1), count))
            undone.clear()
            one = store.save(one.id, done[-1], {"kind": "edit"}, one.version, ANNA)
        else:
            source, target = (done, undone) if step == "undo" else (undone, done)
            if len(source) == (1 if step == "undo" else 0):
                with pytest.raises(Text2MDTError):
                    getattr(store, step)(one.id, one.version, ANNA)
                continue
            target.append(source.pop())
            one = getattr(store, step)(one.id, one.version, ANNA)
        assert one.state == done[-1]
        assert (one.can_undo, one.can_redo) == (len(done) > 1, bool(undone))
        assert store.extraction(number).checked == done[-1].checked
    assert one.version == store.history(one.id)[-1].version
    assert store.verify().intact
    store.close()


# workflow


def test_the_way_from_draft_to_approved(store):
    document, number = filled(store)
    assert store.is_draft(document)
    with pytest.raises(Text2MDTError) as caught:
        store.mark_reviewed(number, store.extraction(number).version, ANNA)
    assert code(caught) == "T2M109"
    assert f"{2 * TRIPLES} of {2 * TRIPLES}" in str(caught.value)
    check_all(store, number, ANNA)
    with pytest.raises(Text2MDTError) as caught:
        store.approve(number, store.extraction(number).version, BEN)
    assert code(caught) == "T2M108"
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    assert store.is_draft(document)
    store.approve(number, store.extraction(number).version, BEN)
    assert not store.is_draft(document)
    assert not store.is_draft(document, number)
    assert not store.library().rows[0].is_draft
    found = store.extraction(number)
    assert (found.reviewed_by, found.approved_by, found.status) == (ANNA, BEN, Status.APPROVED)
    assert found.reviewed_at < found.approved_at
    one = store.passages(number)[0]
    for act in (
        lambda: store.save(one.id, state(), {"kind": "edit"}, one.version, ANNA),
        lambda: store.undo(one.id, one.version, ANNA),
        lambda: store.approve(number, store.extraction(number).version, BEN),
        lambda: store.mark_reviewed(number, store.extraction(number).version, BEN),
    ):
        with pytest.raises(Text2MDTError) as caught:
            act()
        assert code(caught) == "T2M108"
    store.reopen(number, store.extraction(number).version, ANNA, "a dose is wrong")
    assert store.is_draft(document)
    found = store.extraction(number)
    assert (found.status, found.reviewed_by, found.approved_by) == (Status.DRAFT, None, None)
    with pytest.raises(Text2MDTError) as caught:
        store.reopen(number, found.version, ANNA, "again")
    assert code(caught) == "T2M108"
    assert json.loads(store.trail(document)[-1].content) == {"reason": "a dose is wrong"}
    assert store.verify().intact


def test_nobody_approves_what_he_reviewed_or_changed_last(store):
    _, number = filled(store)
    check_all(store, number, BEN)
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    for who, did in ((ANNA, "marked it reviewed"), (BEN, "changed it last"), (" anna  WEISS", "marked it reviewed")):
        with pytest.raises(Text2MDTError) as caught:
            store.approve(number, store.extraction(number).version, who)
        assert code(caught) == "T2M107"
        assert did in str(caught.value)
    store.set_role("Dora", PersonRole.APPROVER, ANNA)
    store.approve(number, store.extraction(number).version, "Dora")


def test_a_change_of_what_was_reviewed_makes_it_a_draft(store):
    document, number = filled(store)
    check_all(store, number, ANNA)
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    one = store.passages(number)[0]
    store.save(one.id, state(TRIPLES, "another dose"), {"kind": "edit"}, one.version, BEN)
    assert store.extraction(number).status is Status.DRAFT
    assert [entry.what for entry in store.trail(document)][-2:] == ["passage.edit", "extraction.reopened"]
    assert store.verify().intact


def test_the_draft_mark_follows_the_leading_extraction(store):
    document, number = filled(store)
    check_all(store, number, ANNA)
    store.mark_reviewed(number, store.extraction(number).version, ANNA)
    store.approve(number, store.extraction(number).version, BEN)
    other = store.add_extraction(document, guideline(1, model="large"), [state()], ANNA)
    assert not store.is_draft(document)
    assert store.is_draft(document, other)
    store.choose_extraction(other, ANNA)
    assert store.is_draft(document)
    another, _ = filled(store, name="other.pdf")
    assert store.is_draft(another, number), "an extraction of another document"
    empty = store.add_document("empty.pdf", b"empty", ANNA)
    assert store.is_draft(empty)


def test_roles_are_asked_in_the_store(store):
    document, number = filled(store)
    (one, _) = store.passages(number)
    store.set_role("Rita", PersonRole.REVIEWER, BEN)
    changes = [
        lambda who: store.add_document("x", b"x", who),
        lambda who: store.describe_document(document, who, title="x"),
        lambda who: store.start_extraction(document, guideline(1), 1, who),
        lambda who: store.add_passages(number, [], who),
        lambda who: store.finish_extraction(number, who),
        lambda who: store.abandon_extraction(number, who),
        lambda who: store.add_extraction(document, guideline(0), [], who),
        lambda who: store.choose_extraction(number, who),
        lambda who: store.save(one.id, state(), {}, 1, who),
        lambda who: store.undo(one.id, 1, who),
        lambda who: store.redo(one.id, 1, who),
        lambda who: store.mark_reviewed(number, 1, who),
        lambda who: store.approve(number, 1, who),
        lambda who: store.reopen(number, 1, who, ""),
        lambda who: store.set_role("Eve", PersonRole.APPROVER, who),
    ]
    before = store.receipt().count
    for change in changes:
        for who in (CLEO, "nobody", "", "x" * 5000 if change is not changes[-1] else "y"):
            with pytest.raises(Text2MDTError) as caught:
                change(who)
            assert code(caught) in ("T2M106", "T2M111")
    for change in (changes[12], changes[14]):
        with pytest.raises(Text2MDTError) as caught:
            change("Rita")
        assert code(caught) == "T2M106"
    assert store.receipt().count == before
    assert {person.name: person.role for person in store.people()} == {
        ANNA: "approver",
        BEN: "approver",
        CLEO: "reader",
        "Rita": "reviewer",
    }


# extractions in progress


def test_an_extraction_is_resumed_where_it_stopped(store):
    extracted = guideline(5)
    document = store.add_document("gout.pdf", b"gout", ANNA)
    number = store.start_extraction(document, extracted, 5, ANNA, {"max_characters": 10})
    store.add_passages(number, new_passages(extracted, range(2)), ANNA)
    (left,) = store.unfinished()
    assert (left.document.id, left.extraction.id, left.done) == (document, number, {0, 1})
    assert left.extraction.settings == {"max_characters": 10}
    assert store.is_draft(document)
    for act in (
        lambda: store.finish_extraction(number, ANNA),
        lambda: store.mark_reviewed(number, store.extraction(number).version, ANNA),
    ):
        with pytest.raises(Text2MDTError) as caught:
            act()
        assert code(caught) == "T2M108"
    one = store.passages(number)[0]
    store.save(one.id, state(1, "early"), {"kind": "check"}, one.version, BEN)
    store.add_passages(number, new_passages(extracted, range(5)), ANNA)
    assert store.passage(one.id).state == state(1, "early"), "what is there is passed over"
    with pytest.raises(Text2MDTError) as caught:
        store.add_passages(
            number, [new_passages(extracted, range(1))[0].__class__(7, extracted.passages[0], state())], ANNA
        )
    assert code(caught) == "T2M111"
    store.finish_extraction(number, ANNA)
    assert store.unfinished() == []
    assert store.extracted(number) == extracted
    with pytest.raises(Text2MDTError) as caught:
        store.add_passages(number, [], ANNA)
    assert code(caught) == "T2M108"
    assert store.verify().intact


def test_an_abandoned_extraction_stays_a_draft(store):
    extracted = guideline(2)
    document = store.add_document("gout.pdf", b"gout", ANNA)
    number = store.start_extraction(document, extracted, 2, ANNA)
    store.add_passages(number, new_passages(extracted, range(1)), ANNA)
    store.abandon_extraction(number, ANNA, "the model was the wrong one")
    assert store.unfinished() == []
    assert store.extracted(number).reason == "the model was the wrong one"
    (one,) = store.passages(number)
    with pytest.raises(Text2MDTError) as caught:
        store.save(one.id, state(), {}, 1, ANNA)
    assert code(caught) == "T2M108"
    assert store.is_draft(document)
    assert store.verify().intact


def test_two_passages_of_one_id_are_refused_whole(store):
    extracted = guideline(1)
    doubled = extracted.model_copy(update={"passages": extracted.passages * 2})
    document = store.add_document("gout.pdf", b"gout", ANNA)
    before = store.receipt().count
    with pytest.raises(Text2MDTError) as caught:
        store.add_extraction(document, doubled, [state(), state()], ANNA)
    assert code(caught) == "T2M062"
    assert (store.extractions(document), store.receipt().count) == ([], before)


def _add_until_killed(place: str, number: int, entries: int) -> None:
    """Adds passages one by one; in the middle of writing an entry, the process is killed."""
    append = audit.append

    def killing(session, who, at, change):
        sequence = append(session, who, at, change)
        if sequence == entries:
            os.kill(os.getpid(), signal.SIGKILL)
        return sequence

    from text2mdt.review import records

    records.append = killing
    store = open_store(place)
    for position in range(6):
        store.add_passages(number, new_passages(guideline(6), range(position, position + 1)), ANNA)


def test_a_killed_writer_leaves_whole_passages(store, store_place):
    document = store.add_document("gout.pdf", b"gout", ANNA)
    number = store.start_extraction(document, guideline(6), 6, ANNA)
    start = store.receipt().count
    store.close()
    process = get_context("fork").Process(target=_add_until_killed, args=(store_place, number, start + 4))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    store = open_store(store_place)
    (left,) = store.unfinished()
    assert left.done == {0, 1, 2}
    assert store.verify().intact
    store.add_passages(number, new_passages(guideline(6), range(6)), ANNA)
    store.finish_extraction(number, ANNA)
    assert store.extracted(number) == guideline(6)
    assert store.verify().intact


def test_everything_of_a_document_can_be_taken_along(store):
    document, number = filled(store)
    check_all(store, number, BEN)
    exported = store.export(document)
    assert exported["draft"] is True
    (one,) = exported["extractions"]
    assert [len(passage["history"]) for passage in one["passages"]] == [2, 2]
    assert one["passages"][0]["state"]["content"] == {"note": "checked", "checked": TRIPLES}
    assert len(exported["trail"]) == len(store.trail(document))


def test_a_folder_that_cannot_be_made_and_a_file_that_is_no_store(tmp_path: Path):
    (tmp_path / "file").write_text("no database " * 500)
    for place in (tmp_path / "file" / "x.sqlite3", tmp_path / "file", tmp_path):
        with pytest.raises(Text2MDTError) as caught:
            open_store(place)
        assert code(caught) == "T2M100"
