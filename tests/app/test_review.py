"""Review, guideline, case, comparison, library and trail: the screens on an extraction that is in the store."""

from __future__ import annotations

import json
import re

import pytest
from built_extractions import condition, decision, extraction, passage, tree
from streamlit.testing.v1 import AppTest

from app import visit
from text2mdt.export import export
from text2mdt.review.edits import SetVerdict
from text2mdt.review.review_tree import Verdict
from text2mdt.review.reviewing import add_extraction, review_in, reviewed_extraction, save_edit
from text2mdt.review.stored import PersonRole, StoredPassage

pytestmark = pytest.mark.usefixtures("own_store")

ANNA, BEN = "Anna", "Ben"


def script() -> None:
    import importlib

    import streamlit as st

    from app import screens
    from app.visit import show_messages

    screens.register({})
    show_messages()
    importlib.import_module(f"app.screens.{st.session_state['screen']}").show()


@pytest.fixture
def number(own_store: None) -> int:
    """An extraction of two passages: a tree of one condition and two decisions, and one without any decision."""
    made = extraction(
        passage(
            1,
            tree(condition("fever"), decision("colchicine"), decision("rest")),
            text="If fever, colchicine; else rest.",
        ),
        passage(2, text="Gout is common."),
    )
    store = visit.store()
    for name in (ANNA, BEN):
        store.set_role(name, PersonRole.APPROVER, by=ANNA)
    document = store.add_document("gout.md", b"If fever, colchicine; else rest.", ANNA)
    return add_extraction(store, document, made, ANNA)


def screen(name: str, number: int | None, who: str = ANNA) -> AppTest:
    page = AppTest.from_function(script, default_timeout=60)
    page.session_state["screen"] = name
    page.session_state["who"] = who
    if number is not None:
        page.session_state["extraction"] = number
        page.session_state["passage"] = None
    return page.run()


def first(number: int) -> StoredPassage:
    return visit.store().passages(number)[0]


def verdicts(number: int) -> list[str]:
    return [str(triple.verdict) for triple in review_in(first(number)).triples()]


def button(page: AppTest, label: str) -> object:
    return next(one for one in page.button if one.label == label)


def words(page: AppTest) -> str:
    blocks = (*page.markdown, *page.caption, *page.info, *page.success, *page.warning, *page.title)
    return " ".join(str(block.value).replace("\\", "") for block in blocks)


@pytest.mark.parametrize("name", ["review", "guideline", "case", "comparison"])
def test_without_a_document_a_screen_says_where_to_get_one(name):
    page = screen(name, None)
    assert not page.exception
    assert "library" in page.info[0].value


def test_a_document_that_is_not_there_gives_a_message():
    page = screen("review", 77)
    assert not page.exception
    assert "T2M104" in page.error[0].value


def test_accept_reject_and_undo_are_stored_at_once(number):
    page = screen("review", number)
    assert not page.exception
    assert "0 of 3 triples checked" in words(page)
    button(page, "Accept").click()
    page.run()
    assert verdicts(number) == ["accepted", "open", "open"]
    assert "1 of 3 triples checked" in words(page)
    button(page, "Reject").click()
    page.run()
    assert verdicts(number)[0] == "rejected"
    page.button(key="undo").click()
    page.run()
    assert verdicts(number)[0] == "accepted"
    page.button(key="redo").click()
    page.run()
    assert verdicts(number)[0] == "rejected"
    entries = visit.store().trail(passage=first(number).id)
    assert [entry.who for entry in entries] == [ANNA] * 5
    assert visit.store().verify().intact


def test_a_triple_is_corrected_and_a_comment_kept(number):
    page = screen("review", number)
    triple = next(iter(review_in(first(number)).triples()))
    page.text_input(key=f"fix-object-{triple.id}").set_value("colchicine")
    next(one for one in page.button if one.label == "Save" and one.form_id == f"fix-{triple.id}").click()
    page.run()
    fixed = next(iter(review_in(first(number)).triples()))
    assert (fixed.object, fixed.verdict) == ("colchicine", Verdict.FIXED)
    page.text_area(key=f"comment-{triple.id}").set_value("why?")
    next(one for one in page.button if one.form_id == f"comment-form-{triple.id}").click()
    page.run()
    assert next(iter(review_in(first(number)).triples())).comment == "why?"


def test_the_second_of_two_people_is_told(number):
    page = screen("review", number)
    stored = first(number)
    triple = next(iter(review_in(stored).triples()))
    save_edit(visit.store(), stored, SetVerdict(triple=triple.id, verdict=Verdict.REJECTED), BEN)
    button(page, "Accept").click()
    page.run()
    assert "Ben changed this" in page.error[0].value.replace("\\", "")
    assert verdicts(number)[0] == "rejected"


def test_one_signs_and_a_second_person_approves(number):
    store = visit.store()
    page = screen("review", number)
    assert page.button(key="mark-reviewed").disabled
    for triple in list(review_in(first(number)).triples()):
        save_edit(store, first(number), SetVerdict(triple=triple.id, verdict=Verdict.ACCEPTED), ANNA)
    page.run()
    page.button(key="mark-reviewed").click()
    page.run()
    assert store.extraction(number).status == "reviewed"
    page.button(key="approve").click()
    page.run()
    assert "T2M107" in page.error[0].value
    assert store.is_draft(store.extraction(number).document)
    other = screen("review", number, BEN)
    other.button(key="approve").click()
    other.run()
    assert not other.error
    assert store.extraction(number).approved_by == BEN
    assert not store.is_draft(store.extraction(number).document)


def test_a_reader_sees_and_changes_nothing(number):
    visit.store().set_role("Rita", PersonRole.READER, by=ANNA)
    page = screen("review", number, "Rita")
    assert not page.exception
    assert not [one.label for one in page.button if one.label in ("Accept", "Reject", "Delete")]
    assert page.button(key="mark-reviewed").disabled


def test_structure_is_changed(number):
    page = screen("review", number)
    root = review_in(first(number)).trees[0]
    page.button(key=f"swap-{root.id}").click()
    page.run()
    swapped = review_in(first(number)).trees[0]
    assert (swapped.yes.id, swapped.no.id) == (root.no.id, root.yes.id)


def test_exports_say_draft(number):
    page = screen("review", number)
    page.selectbox(key="export-format").set_value("json").run()
    page.button(key="make-export").click()
    page.run()
    assert not page.error
    name, content = page.session_state["export"][1]
    assert name == "gout-DRAFT.json"
    assert json.loads(content)["passages"][0]["tree"]


def test_checked_passages_become_corpus_records(number):
    for triple in list(review_in(first(number)).triples()):
        save_edit(visit.store(), first(number), SetVerdict(triple=triple.id, verdict=Verdict.ACCEPTED), ANNA)
    page = screen("review", number)
    page.selectbox(key="export-format").set_value("corpus").run()
    page.button(key="make-export").click()
    page.run()
    _, content = page.session_state["export"][1]
    (record,) = [json.loads(line) for line in content.decode().splitlines()]
    assert (
        record["tree"] == json.loads(reviewed_extraction(visit.store(), number).passages[0].model_dump_json())["tree"]
    )


def test_the_guideline_shows_its_trees(number):
    page = screen("guideline", number)
    assert not page.exception
    assert "1 population, 1 tree, 0 conflicts" in words(page)
    assert "colchicine" in words(page)
    page.text_input(key="guideline-search").set_value("no such words").run()
    assert "colchicine" not in words(page)


def test_a_case_is_walked_to_its_decision(number):
    page = screen("case", number)
    assert "fever?" in words(page)
    button(page, "Yes").click()
    page.run()
    assert "➜ **therapeutic drug: colchicine**" in words(page)
    button(page, "Back").click()
    page.run()
    button(page, "Unknown").click()
    page.run()
    assert "Still possible: 2 decisions" in words(page)
    assert not page.exception


def test_before_and_after_are_compared(number):
    triple = next(iter(review_in(first(number)).triples()))
    save_edit(visit.store(), first(number), SetVerdict(triple=triple.id, verdict=Verdict.ACCEPTED), ANNA)
    page = screen("comparison", number)
    assert not page.exception
    assert "0 passages of 2 differ" in words(page)


def test_the_library_finds_documents(number):
    page = screen("library", None)
    assert not page.exception
    assert "1 document" in words(page)
    page.text_input(key="library-search").set_value("asthma").run()
    assert "0 documents" in words(page)


def test_the_trail_is_checked(number):
    page = screen("people", number)
    assert not page.exception
    page.button(key="verify").click()
    page.run()
    assert "nothing was changed" in page.success[0].value


def exported(number: int, name: str) -> str:
    """The one file of an export of the extraction as reviewed."""
    (content,) = export(reviewed_extraction(visit.store(), number), name).values()
    return content


def brought(page: AppTest, name: str, content: str) -> AppTest:
    uploader = next(one for one in page.file_uploader if one.key.startswith("import-files-"))
    return uploader.set_value([(name, content.encode(), "text/plain")]).run()


@pytest.mark.parametrize(("format", "ending"), [("csv", "csv"), ("fhir", "json"), ("json", "json"), ("markdown", "md")])
def test_edited_trees_are_shown_then_taken(number, format, ending):
    accept = SetVerdict(triple=next(iter(review_in(first(number)).triples())).id, verdict=Verdict.ACCEPTED)
    save_edit(visit.store(), first(number), accept, ANNA)
    old = '"colchicine"]' if format == "json" else ": colchicine"
    content = re.sub(r'\[\s*("[^"]*"),\s*("[^"]*"),\s*("[^"]*")\s*\]', r"[\1,\2,\3]", exported(number, format))
    assert old in content
    page = brought(
        screen("review", number), f"gout.{ending}", content.replace(old, old.replace("colchicine", "rest now"))
    )
    assert not page.exception
    assert "the therapeutic drug 'colchicine' became 'rest now' where 'fever' holds" in words(page)
    assert verdicts(number) == ["accepted", "open", "open"], "nothing is taken before somebody says so"
    page.button(key="import-take").click()
    page.run()
    assert "Taken into 1 of 1 passage" in words(page)
    review = review_in(first(number))
    assert [triple.object for triple in review.triples()] == ["fever", "rest now", "rest"]
    assert verdicts(number) == ["accepted", "open", "open"]
    page.button(key="undo").click()
    page.run()
    assert [triple.object for triple in review_in(first(number)).triples()] == ["fever", "colchicine", "rest"]
    assert visit.store().verify().intact


def test_what_is_left_changes_nothing(number):
    before = first(number).version
    content = exported(number, "csv").replace(": colchicine", ": aspirin")
    page = brought(screen("review", number), "gout.csv", content)
    page.checkbox(key="import-g-001").uncheck().run()
    assert page.button(key="import-take").disabled
    page.button(key="import-leave").click()
    page.run()
    assert first(number).version == before
    assert "aspirin" not in words(page)
    assert "Nothing differs" in words(brought(page, "gout.csv", exported(number, "csv")))


def test_trees_of_a_version_that_somebody_changed_are_not_taken(number):
    content = exported(number, "csv").replace(": colchicine", ": aspirin")
    page = brought(screen("review", number), "gout.csv", content)
    triple = next(iter(review_in(first(number)).triples()))
    save_edit(visit.store(), first(number), SetVerdict(triple=triple.id, verdict=Verdict.REJECTED), BEN)
    page.button(key="import-take").click()
    page.run()
    assert "Ben changed this" in page.error[0].value.replace("\\", "")
    assert "Taken into 0 of 1 passage" in words(page)
    assert verdicts(number)[0] == "rejected"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.csv", "hello", "T2M120"), ("a.json", '{"resourceType": "Patient"}', "T2M075"), ("a.dmn", " ", "T2M011")],
)
def test_a_file_that_holds_no_trees_gives_a_message(number, name, content, code):
    page = brought(screen("review", number), name, content)
    assert not page.exception
    assert code in page.error[0].value


def test_a_reader_imports_nothing(number):
    visit.store().set_role("Rita", PersonRole.READER, by=ANNA)
    assert not [one for one in screen("review", number, "Rita").file_uploader if one.key.startswith("import-files-")]


def test_accepted_codes_go_into_fhir(number):
    page = screen("review", number)
    page.selectbox(key="export-format").set_value("fhir").run()
    row = "accepted,words,code,system,display\nyes,colchicine,387413002,http://snomed.info/sct,Colchicine\n"
    page.file_uploader(key="export-codes").set_value([("codes.csv", row.encode(), "text/csv")]).run()
    page.button(key="make-export").click()
    page.run()
    assert not page.error
    _, content = page.session_state["export"][1]
    assert '"code": "387413002"' in content.decode()
    page.file_uploader(key="export-codes").set_value([("codes.csv", b"words\nx\n", "text/csv")]).run()
    assert "T2M127" in page.error[0].value
