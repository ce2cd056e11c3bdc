from __future__ import annotations

import time

import pytest
from postgresql_server import Server
from sqlalchemy import insert
from stored_reviews import ANNA, BEN, check_all, filled, guideline, staffed, state

from text2mdt.errors import Text2MDTError
from text2mdt.review.library import Order, Query
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import Stage, Status
from text2mdt.review.tables import Base, DocumentRow, ExtractionRow, ExtractionTextRow, WarningCountRow

DOCUMENTS = 5000
LIMIT_SECONDS = 0.5
"""Of processor time."""
SEARCH_SECONDS = 2.0
"""For words anywhere in 120 MB of text."""


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


FOUND: dict[str, list[str]] = {
    "": ["gout", "asthma", "ÖDEM 100%", "empty"],
    "GOUT.PDF": ["gout"],
    "wheeze": ["asthma"],
    "LUNGS": ["asthma"],
    "ödem": ["ÖDEM 100%"],
    "children": ["asthma"],
    "WHO smoke wheeze": ["asthma"],
    "peak flow": ["asthma"],
    "peak gout": [],
    "%": ["asthma", "ÖDEM 100%"],
    "100%": ["ÖDEM 100%"],
    "1_0": [],
    "zero_one": ["empty"],
    "x'; DROP TABLE document; --": [],
    "\x00": [],
    "colchicine": ["gout", "asthma"],
}


def test_search(library):
    assert {search: names(library, search=search) for search in FOUND} == FOUND


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


def test_orders_and_pages(library):
    for order in Order:
        up, down = (library.library(Query(order=order, descending=way)).rows for way in (False, True))
        assert [row.id for row in up] == [row.id for row in down][::-1], order
        pages = [library.library(Query(order=order, limit=1, offset=offset)) for offset in range(5)]
        assert [len(page.rows) for page in pages] == [1, 1, 1, 1, 0], order
        assert {page.total for page in pages} == {4}, order
        assert {page.rows[0].id for page in pages[:4]} == {1, 2, 3, 4}, order


def test_what_comes_first(library):
    assert library.library(Query(order=Order.NAME)).rows[0].name == "asthma.docx"
    assert library.library(Query(order=Order.WARNINGS)).rows[0].name == "asthma.docx"
    assert library.library(Query(order=Order.UNCHECKED)).rows[0].name == "asthma.docx"
    assert library.library().rows[0].name == "empty.txt"
    library.describe_document(1, ANNA, title="Gicht")
    assert library.library().rows[0].name == "gout.pdf"


def test_pages_that_cannot_be(library):
    for page in ({"limit": -1}, {"offset": -1}, {"limit": 10_001}):
        with pytest.raises(Text2MDTError) as caught:
            library.library(Query(**page))
        assert caught.value.code == "T2M111"


def multiply(store: ReviewStore, text: str) -> None:
    """Many documents like the first one, each with an extraction, by SQL: through the store it takes minutes."""
    with store._database.writing() as session:
        document, extraction = session.get_one(DocumentRow, 1), session.get_one(ExtractionRow, 1)
        documents, extractions, texts, warnings = [], [], [], []
        for number in range(2, DOCUMENTS + 1):
            title = f"title {number % 97}"
            own = {"id": number, "name": f"guideline-{number}.pdf", "sha256": f"{number:064}", "title": title}
            own |= {"leading": number, "words": f"guideline-{number}.pdf\n{title}"}
            documents.append(columns(document) | own)
            kind = {"id": number, "document_id": number, "model": f"model-{number % 3}", "warnings": number % 2}
            extractions.append(columns(extraction) | kind | {"checked": number % 7})
            texts.append({"extraction_id": number, "content": text, "populations": "adults", "words": text})
            texts[-1]["words"] += f" needle{number}"
            if number % 2:
                warnings.append({"extraction_id": number, "kind": "units", "count": 1})
        for table, rows in (
            (DocumentRow, documents),
            (ExtractionRow, extractions),
            (ExtractionTextRow, texts),
            (WarningCountRow, warnings),
        ):
            session.execute(insert(table), rows)


def columns(row: Base) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


@pytest.mark.slow
def test_five_thousand_documents_are_listed_at_once(store_place, request, record_testsuite_property):
    server = request.getfixturevalue("postgresql") if store_place.startswith("postgresql") else None
    store = staffed(store_place)
    filled(store)
    multiply(store, " ".join(f"word{number}" for number in range(3000)))
    assert store.library().total == DOCUMENTS
    queries = {
        "all, 100 a page": Query(),
        "the last page": Query(offset=DOCUMENTS - 100),
        "all on one page": Query(limit=10_000),
        "by unchecked": Query(order=Order.UNCHECKED, limit=100),
        "by model, warning, status": Query(model="model-1", warning="units", status=Status.DRAFT),
    }
    for name, query in queries.items():
        seconds = min(_seconds(store, query, server) for _ in range(3))
        record_testsuite_property(name, round(seconds, 3))
        assert seconds < LIMIT_SECONDS, name
    search = Query(search="NEEDLE4999")
    assert [row.id for row in store.library(search).rows] == [4999]
    seconds = min(_seconds(store, search, server) for _ in range(3))
    record_testsuite_property("in the text", round(seconds, 3))
    assert seconds < SEARCH_SECONDS


def _seconds(store: ReviewStore, query: Query, server: Server | None) -> float:
    """Of the processor, here and in the server of PostgreSQL: what else runs on the machine does not count."""

    def used() -> float:
        return time.process_time() + (server.processor_seconds() if server else 0)

    start = used()
    store.library(query)
    return used() - start
