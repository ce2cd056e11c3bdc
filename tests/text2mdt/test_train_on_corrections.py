"""Corrections of twenty passages, exported and trained on, change what the embedded model writes for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from built_extractions import extraction
from command import run
from stored_reviews import ANNA, staffed
from tree_corrections import correct

from text2mdt.calibration import read_calibration
from text2mdt.corpus import read_corpus
from text2mdt.extract import Extractor
from text2mdt.models import embedded_state, shipped_adapters
from text2mdt.review.reviewing import add_extraction, review_in, save_edit
from text2mdt.schema import Passage, Record

ROOT = Path(__file__).parents[2]
PASSAGES = 20
READ = 48
"""Passages that are read to find so many with a mistake."""


def passages_of(records: Sequence[Record]) -> list[Passage]:
    return [
        Passage(id=f"round-{number:03d}", population=record.population, text=record.text)
        for number, record in enumerate(records, start=1)
    ]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.model
@pytest.mark.skipif(
    embedded_state().converted is None or "default" not in shipped_adapters(),
    reason="the embedded model is not in the cache, or its adapter is missing",
)
def test_corrections_change_what_the_model_writes(tmp_path, capsys, record_testsuite_property):
    # Short passages that the adapter has not seen, with their gold trees for a reviewer who knows.
    short = sorted(
        (one for one in read_corpus(ROOT / "data/corpus/test.jsonl") if one.tree), key=lambda one: len(one.text)
    )
    read = Extractor.from_pretrained("default", "default").passage_results(passages_of(short[:READ]))
    wrong = [(record, result) for record, result in zip(short, read, strict=False) if result.trees != record.trees]
    records, results = zip(*wrong[:PASSAGES], strict=True)
    assert len(records) == PASSAGES

    store = staffed(str(tmp_path / "review.sqlite3"))
    number = add_extraction(store, store.add_document("round.txt", b"20 passages", ANNA), extraction(*results), ANNA)
    for stored, record in zip(store.passages(number), records, strict=True):
        correct(
            review_in(stored),
            record.trees,
            lambda edit, one=stored.id: review_in(save_edit(store, store.passage(one), edit, ANNA)),
        )
    corrections = tmp_path / "corrections.jsonl"
    assert run(capsys, "review", "export-corpus", "--store", store.where, "-o", corrections).code == 0
    assert [one.trees for one in read_corpus(corrections)] == [record.trees for record in records]

    values = (f"data.train={corrections}", f"data.dev={corrections}", f"output={tmp_path / 'run'}")
    done = run(capsys, "train", ROOT / "configs" / "train" / "corrections.yaml", *values)
    assert done.code == 0, done.err
    adapter = tmp_path / "run" / "adapter"
    assert read_calibration(adapter) == read_calibration(shipped_adapters()["default"])

    after = Extractor.from_pretrained("default", adapter).passage_results([result.passage for result in results])
    changed = sum(one.trees != before.trees for one, before in zip(after, results, strict=True))
    right = sum(one.trees == record.trees for one, record in zip(after, records, strict=True))
    record_testsuite_property("changed", changed)
    record_testsuite_property("right", right)
    assert changed >= PASSAGES // 2
    assert right >= PASSAGES // 4
