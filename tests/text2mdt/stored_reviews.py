"""Stores with something in them, for the tests of the store."""

from __future__ import annotations

from built_extractions import condition, decision, extraction, passage, tree

from text2mdt.review.store import ReviewStore, open_store
from text2mdt.review.stored import NewPassage, PassageState, PersonRole
from text2mdt.schema import Extraction

ANNA, BEN, CLEO = "Anna Weiß", "Ben", "Cleo"
TRIPLES = 3
"""Of each passage of `guideline`."""


def guideline(passages: int = 2, words: str = "creatinine clearance below 30", **details: object) -> Extraction:
    """An extraction whose passages have one tree of three triples each."""
    results = [
        passage(number, tree(condition(f"{words} {number}"), decision("colchicine"), decision("naproxen")))
        for number in range(1, passages + 1)
    ]
    return extraction(*results, **details)


def state(checked: int = 0, note: object = "new", **details: object) -> PassageState:
    values = {"triples": TRIPLES, "checked": checked, "population": "Adults with acute gout"} | details
    return PassageState({"note": note, "checked": checked}, **values)


def staffed(place: str) -> ReviewStore:
    """A store with two people who may review and approve, and one who may read."""
    store = open_store(place)
    store.set_role(ANNA, PersonRole.APPROVER, "root")
    store.set_role(BEN, PersonRole.APPROVER, ANNA)
    store.set_role(CLEO, PersonRole.READER, ANNA)
    return store


def filled(store: ReviewStore, passages: int = 2, name: str = "gout.pdf", **details: object) -> tuple[int, int]:
    """A document with an extraction; their numbers."""
    document = store.add_document(name, name.encode(), ANNA, title=f"Title of {name}", tags=["adults"])
    extracted = guideline(passages, name=name, **details)
    return document, store.add_extraction(document, extracted, [state() for _ in extracted.passages], ANNA)


def check_all(store: ReviewStore, extraction_number: int, who: str) -> None:
    for one in store.passages(extraction_number):
        store.save(one.id, state(checked=TRIPLES, note="checked"), {"kind": "check"}, one.version, who)


def new_passages(extracted: Extraction, positions: range) -> list[NewPassage]:
    return [NewPassage(position, extracted.passages[position], state()) for position in positions]
