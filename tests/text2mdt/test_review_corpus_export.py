"""From what people checked in the store to records of the corpus, in files that training reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from built_extractions import condition, decision, extraction, passage, tree
from command import run
from review_strategies import TEXT, gout_result
from stored_reviews import ANNA, BEN, staffed
from tree_corrections import correct

from text2mdt.corpus import read_corpus
from text2mdt.review.edit_kinds import AcceptAll, Edit
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.reviewing import add_extraction, review_in, save_edit
from text2mdt.review.store import ReviewStore, open_store

EMPTY = passage(2, text="The kidney has a cortex and a medulla.")
RIGHT = [
    tree(
        condition("renal failure"),
        decision("prednisolone"),
        condition("one joint affected"),
        decision("colchicine", ("dose", "colchicine: 0.5 mg twice daily")),
        decision(),
    ),
    tree(condition("Fever"), decision(("refer", "refer to hospital")), decision()),
]


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Two documents of one name and one without passages; of the first, two passages."""
    path = str(tmp_path / "review.sqlite3")
    store = staffed(path)
    for content, passages in ((b"one", (gout_result(), EMPTY)), (b"two", (gout_result(),)), (b"three", ())):
        document = store.add_document("gout.pdf", content, ANNA)
        add_extraction(store, document, extraction(*passages, name="gout.pdf"), ANNA)
    store.close()
    return path


def save_in(store: ReviewStore, number: int):
    """Saves edits of a passage, one after another."""

    def save(edit: Edit) -> PassageReview:
        return review_in(save_edit(store, store.passage(number), edit, ANNA))

    return save


def export(capsys, place: str, *words: object):
    return run(capsys, "review", "export-corpus", "--store", place, *words)


def test_corrected_trees_become_records(place, tmp_path, capsys):
    store = open_store(place)
    first, _ = store.passages(1)
    correct(review_in(first), RIGHT, save_in(store, first.id))
    (other,) = store.passages(2)
    save_in(store, other.id)(AcceptAll())
    done = export(capsys, place, "-o", tmp_path / "out" / "c.jsonl", "--specialty", "rheumatology")
    assert (done.code, "2 record(s) of 2 document(s)" in done.out) == (0, True)
    assert done.err.startswith("left out: ") and "nothing was found in it" in done.err
    one, two = read_corpus(tmp_path / "out" / "c.jsonl")
    assert (one.id, two.id) == ("g-d1-001", "g-d2-001")
    assert one.trees == RIGHT
    assert two.trees == gout_result().trees
    assert {(record.text, record.specialty, record.source) for record in (one, two)} == {
        (TEXT, "rheumatology", "gout.pdf")
    }
    done = export(capsys, place, 1, "-o", tmp_path / "c.jsonl", "--negatives")
    assert [(record.id, record.trees) for record in read_corpus(tmp_path / "c.jsonl")] == [
        (one.id, RIGHT),
        ("g-d1-002", []),
    ]


def test_documents_that_have_not_come_so_far_are_left_out(place, tmp_path, capsys):
    store = open_store(place)
    for extraction_number in (1, 2):
        save_in(store, store.passages(extraction_number)[0].id)(AcceptAll())
    output = ("-o", tmp_path / "c.jsonl")
    done = export(capsys, place, *output, "--status", "reviewed")
    assert (done.code, done.last_error.startswith("T2M147")) == (2, True)
    store.mark_reviewed(1, store.extraction(1).version, ANNA)
    assert export(capsys, place, *output, "--status", "reviewed").code == 0
    assert [record.id for record in read_corpus(tmp_path / "c.jsonl")] == ["g-d1-001"]
    assert export(capsys, place, *output, "--status", "approved").code == 2
    store.approve(1, store.extraction(1).version, BEN)
    assert export(capsys, place, *output, "--status", "approved").code == 0
    assert export(capsys, place, *output).out.startswith(f"→ {tmp_path / 'c.jsonl'}: 2 record(s)")


def test_wrong_usage(place, tmp_path, capsys):
    assert export(capsys, place, 99, "-o", tmp_path / "c.jsonl").last_error.startswith("T2M104")
    assert export(capsys, place, "-o", tmp_path / "c.jsonl", "--status", "x").code == 2
    assert export(capsys, place, "-o", tmp_path).last_error.startswith(("T2M147", "T2M041"))
    assert not (tmp_path / "c.jsonl").exists()
