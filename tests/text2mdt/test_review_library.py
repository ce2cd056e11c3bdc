from __future__ import annotations

import time

import pytest
from stored_reviews import ANNA, BEN, check_all, filled, guideline, staffed, state

from text2mdt.errors import Text2MDTError
from text2mdt.review.library import Order, Query
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import Stage, Status

DOCUMENTS = 5000
LIMIT_SECONDS = 0.5


@pytest.fixture
def library(store_place: str) -> ReviewStore:
    """gout (approved), asthma (draft, warnings), ÖDEM 100% (running), empty.txt (nothing extracted)."""
    store = staffed(store_place)
    _, gout = filled(store, name="gout.pdf", model="small")
    check_all(store, gout, ANNA)
    store.mark_reviewed(gout, store.extraction(gout).version, ANNA)
    store.approve(gout, store.extraction(gout).version, BEN)
    document = store.add_document("asthma.docx", b"asthma", ANNA, title="Wheeze", tags=["lungs", 'a "b" \\ %'])
    states = [
        state(warnings=("lost_gate", "units", "units"), population="Children with asthma"),
        state(1, population="People who smoke"),
    ]
    store.add_extraction(document, guideline(2, "peak FLOW below 50 %", model="large"), states, ANNA)
    other = store.add_document("ÖDEM 100%.html", b"oedema", BEN)
    store.start_extraction(other, guideline(0, model="small"), 5, BEN)
    store.add_document("empty.txt", b"empty", BEN, title="zero_one")
    return store


def names(store: ReviewStore, **query: object) -> list[str]:
    page = store.library(Query(**{"order": Order.CREATED, "descending": False} | query))
    assert page.total == len(page.rows)
    return [row.name.partition(".")[0] for row in page.rows]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["gout", "asthma", "ÖDEM 100%", "empty"]),
        ("GOUT.PDF", ["gout"]),
        ("wheeze", ["asthma"]),
        ("LUNGS", ["asthma"]),
        ("ödem", ["ÖDEM 100%"]),
        ("children", ["asthma"]),
        ("WHO smoke wheeze", ["asthma"]),
        ("peak flow", ["asthma"]),
        ("peak gout", []),
        ("%", ["asthma", "ÖDEM 100%"]),
        ("100%", ["ÖDEM 100%"]),
        ("1_0", []),
        ("zero_one", ["empty"]),
        ("x'; DROP TABLE document; --", []),
        ("\x00", []),
        ("colchicine", ["gout", "asthma"]),
    ],
)
def test_search(library, search, found):
    assert names(library, search=search) == found


def test_filters(library):
    assert names(library, status=Status.APPROVED) == ["gout"]
    assert names(library, status=Status.DRAFT) == ["asthma", "ÖDEM 100%"]
    assert names(library, model="small") == ["gout", "ÖDEM 100%"]
    assert names(library, model="small", status=Status.DRAFT) == ["ÖDEM 100%"]
    assert names(library, warning="units") == ["asthma"]
    assert names(library, warning="any") == ["asthma"]
    assert names(library, warning="swapped_branch") == []
    assert names(library, tag="lungs") == names(library, tag='a "b" \\ %') == ["asthma"]
    assert names(library, tag="lung") == []
    assert library.models() == ["large", "small"]
    assert library.warning_kinds() == ["lost_gate", "units"]


def test_a_row_tells_how_far_the_review_is(library):
    rows = {row.name.partition(".")[0]: row for row in library.library().rows}
    asthma = rows["asthma"]
    assert (asthma.passages, asthma.triples, asthma.checked, asthma.warnings) == (2, 6, 1, 3)
    assert (asthma.status, asthma.stage, asthma.model, asthma.tags[1]) == (
        Status.DRAFT,
        Stage.FINISHED,
        "large",
        "lungs",
    )
    assert rows["ÖDEM 100%"].stage is Stage.RUNNING
    assert (rows["empty"].extraction, rows["empty"].status, rows["empty"].triples) == (None, None, 0)
    assert {name: row.is_draft for name, row in rows.items()} == {
        name: library.is_draft(row.id) for name, row in rows.items()
    }
    assert not rows["gout"].is_draft


def test_warnings_and_populations_follow_the_edits(library):
    one = library.passages(2)[0]
    library.save(one.id, state(warnings=("units",), population="Adults"), {"kind": "edit"}, one.version, ANNA)
    assert names(library, warning="lost_gate") == []
    assert names(library, search="children") == []
    assert names(library, search="smoke") == ["asthma"]
    assert library.extraction(2).warnings == 1
    library.undo(one.id, one.version + 1, ANNA)
    assert names(library, warning="lost_gate") == names(library, search="children") == ["asthma"]


@pytest.mark.parametrize("order", Order)
def test_orders_and_pages(library, order):
    up, down = (library.library(Query(order=order, descending=way)).rows for way in (False, True))
    assert [row.id for row in up] == [row.id for row in down][::-1]
    pages = [library.library(Query(order=order, limit=1, offset=offset)) for offset in range(5)]
    assert [len(page.rows) for page in pages] == [1, 1, 1, 1, 0]
    assert {page.total for page in pages} == {4}
    assert {page.rows[0].id for page in pages[:4]} == {1, 2, 3, 4}


def test_what_comes_first(library):
    assert library.library(Query(order=Order.NAME)).rows[0].name == "asthma.docx"
    assert library.library(Query(order=Order.WARNINGS)).rows[0].name == "asthma.docx"
    assert library.library(Query(order=Order.UNCHECKED)).rows[0].name == "asthma.docx"
    assert library.library().rows[0].name == "empty.txt"
    library.describe_document(1, ANNA, title="Gicht")
    assert library.library().rows[0].name == "gout.pdf"


@pytest.mark.parametrize("page", [{"limit": -1}, {"offset": -1}, {"limit": 10_001}])
def test_pages_that_cannot_be(library, page):
    with pytest.raises(Text2MDTError) as caught:
        library.library(Query(**page))
    assert caught.value.code == "T2M111"


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_thousand_documents_are_listed_at_once(store_place, record_property):
    store = staffed(store_place)
    extracted = guideline(2)
    text = " ".join(f"word{number}" for number in range(1500))
    for number in range(DOCUMENTS):
        document = store.add_document(f"guideline-{number}.pdf", b"%d" % number, ANNA, title=f"Title {number % 97}")
        header = extracted.model_copy(update={"text": f"{text} needle{number}", "model": f"model-{number % 3}"})
        states = [state(number % 4, warnings=("units",) * (number % 2)) for _ in extracted.passages]
        store.add_extraction(document, header, states, ANNA)
    queries = {
        "all, 100 a page": Query(),
        "the last page": Query(offset=DOCUMENTS - 100),
        "all on one page": Query(limit=10_000),
        "by unchecked": Query(order=Order.UNCHECKED, limit=100),
        "by model, warning, status": Query(model="model-1", warning="units", status=Status.DRAFT),
        "in the title": Query(search="title 42"),
    }
    for name, query in queries.items():
        seconds = min(_seconds(store, query) for _ in range(3))
        record_property(name, round(seconds, 3))
        assert seconds < LIMIT_SECONDS, name
    assert store.library(Query(search="needle4999")).total == 1
    record_property("in the text", round(_seconds(store, Query(search="needle4999")), 3))
    start = time.process_time()
    assert store.verify().intact
    record_property("verified", round(time.process_time() - start, 1))


def _seconds(store: ReviewStore, query: Query) -> float:
    """Of the processor in SQLite, which runs in this process; what else runs on the machine does not count."""
    clock = time.process_time if store._database.is_sqlite else time.perf_counter
    start = clock()
    store.library(query)
    return clock() - start
