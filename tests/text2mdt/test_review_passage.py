"""A passage's review: its ids, what counts in its result, what it lacks, and the record that it becomes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from built_extractions import ADULTS, condition, decision, extraction, passage, tree
from review_strategies import TEXT, gout_result, gout_review

from text2mdt.corpus_check import record_errors
from text2mdt.documents.layout import Layout, Page
from text2mdt.errors import Text2MDTError
from text2mdt.export import export
from text2mdt.review.corpus_records import Skipped, corpus_records
from text2mdt.review.edits import AcceptAll, AddTriple, DeleteTree, FixTriple, NewTriple, SetVerdict, apply_edit
from text2mdt.review.passage_review import (
    PassageReview,
    ReviewNode,
    from_json,
    problems_of,
    progress,
    record_of,
    result_of,
    review_of,
    to_json,
)
from text2mdt.schema import Box, DecisionTree, Passage, PassageResult, Role, Span


def edited(review: PassageReview, *edits: object) -> PassageReview:
    for edit in edits:
        review = apply_edit(review, edit)
    return review


def codes(review: PassageReview) -> list[tuple[str, str, str | None]]:
    return [(problem.code, problem.node, problem.triple) for problem in problems_of(review)]


def rejected(triple: str) -> SetVerdict:
    return SetVerdict(triple=triple, verdict="rejected")


def test_ids_are_given_in_the_order_of_the_trees() -> None:
    review = gout_review()
    assert [node.id for node in review.nodes()] == ["n1", "n3", "n6", "n8", "n11", "n12", "n14", "n16"]
    assert [triple.id for triple in review.triples()] == ["t2", "t4", "t5", "t7", "t9", "t10", "t13", "t15"]
    assert review.next_id == 17
    spans = {triple.id: triple.object_span for triple in review.triples()}
    assert all(TEXT[span.start : span.end] for span in spans.values() if span)
    assert spans["t5"] == Span(start=TEXT.index("diarrhoea"), end=TEXT.index("diarrhoea") + 9)


def test_a_result_without_groundings_is_grounded() -> None:
    bare = gout_result().model_copy(update={"groundings": ()})
    assert review_of(bare).trees == gout_review().trees


def test_groundings_out_of_the_text_are_dropped() -> None:
    result = gout_result()
    wild = result.groundings[0].model_copy(update={"passage_span": Span(start=9, end=10_000)})
    review = review_of(result.model_copy(update={"groundings": (wild, *result.groundings[1:])}))
    assert from_json(to_json(review)) == review


def test_document_spans_and_boxes_are_kept_and_made_for_new_places() -> None:
    result = gout_result()
    boxes = (Box(page=3, left=1, top=2, right=30.5, bottom=12),)
    boxed = result.model_copy(
        update={"groundings": tuple(item.model_copy(update={"boxes": boxes}) for item in result.groundings)}
    )
    review = review_of(boxed)
    assert result_of(review).groundings == boxed.groundings
    start = TEXT.index("hospital")
    review = apply_edit(review, FixTriple(triple="t15", object_span=Span(start=start, end=start + 8)))
    new = next(item for item in result_of(review).groundings if item.passage_span.start == start)
    assert (new.document_spans, new.boxes) == ((Span(start=10_000 + start, end=10_008 + start),), ())
    characters = np.tile(np.array([[5, 5, 9, 9]], dtype=np.float32), (10_500, 1))
    layout = Layout([Page(1, 600, 800)], characters, np.ones(10_500, dtype=np.int32))
    laid = result_of(review, layout)
    assert next(item for item in laid.groundings if item.passage_span.start == start).boxes[0].page == 1
    assert laid.groundings[0].boxes == boxes


def test_rejected_triples_do_not_count_and_stay() -> None:
    review = edited(gout_review(), rejected("t5"))
    node = result_of(review).tree[1]
    assert [triple.object for triple in node.triples] == ["renal failure"] and node.logical_rel == "null"
    assert [triple.verdict for triple in list(review.nodes())[1].triples] == ["open", "rejected"]
    again = edited(review, SetVerdict(triple="t5", verdict="accepted"))
    assert result_of(again).tree[1].logical_rel == "or"  # the logic has waited


def test_warnings_are_those_of_the_edited_tree() -> None:
    review = gout_review()
    kinds_before = {warning.kind for warning in result_of(review).warnings}
    assert not {"quantity_differs", "ungrounded"} & kinds_before
    review = edited(review, FixTriple(triple="t10", object="1 mg twice daily"))
    kinds = {(warning.kind, warning.triple) for node in review.nodes() for warning in node.warnings}
    assert ("quantity_differs", "t10") in kinds and ("ungrounded", "t10") in kinds
    assert {"quantity_differs", "ungrounded"} <= {warning.kind for warning in result_of(review).warnings}
    assert next(triple for triple in review.triples() if triple.id == "t10").object_span is None


def test_strengths_follow_the_decisions() -> None:
    text = "In fever, paracetamol should be given; otherwise consider rest."
    trees = tree(condition("fever"), decision("paracetamol"), decision(("plan", "rest")))
    review = review_of(passage(1, trees, text=text))
    assert [(item.node, item.value) for item in review.recommendations] == [("n3", "strong"), ("n5", "weak")]
    review = edited(review, rejected("t4"))
    assert [(item.node, item.value) for item in result_of(review).recommendations] == [(2, "weak")]


def test_an_unfinished_tree_is_named_and_no_result() -> None:
    review = edited(gout_review(), AcceptAll(), rejected("t13"))
    assert codes(review) == [("T2M090", "n12", None)]
    assert problems_of(review)[0].blocks == "result"
    for make in (result_of, lambda review: record_of(review, "gout-001")):
        with pytest.raises(Text2MDTError, match=r"T2M090.*g-001, node n12.*delete the condition") as caught:
            make(review)
        assert caught.value.code == "T2M090"
    fitting = SetVerdict(triple="t13", verdict="accepted")
    assert record_of(edited(review, fitting), "gout-001").tree == gout_result().tree


def test_open_logic_blocks_the_result() -> None:
    new = NewTriple(relation="clinical_feature", object="diarrhoea")
    review = edited(gout_review(), AcceptAll(), AddTriple(node="n12", triple=new))
    assert codes(review) == [("T2M091", "n12", None)]
    with pytest.raises(Text2MDTError, match="how the 2 triples belong together"):
        result_of(review)


@pytest.mark.parametrize(
    ("edit", "code", "triple"),
    [
        (SetVerdict(triple="t7", verdict="open"), "T2M092", "t7"),
        (FixTriple(triple="t7", object="steroids"), "T2M093", "t7"),
        (FixTriple(triple="t7", object="prednisolon"), "T2M093", "t7"),
        (FixTriple(triple="t10", object="5 mg twice daily"), "T2M093", "t10"),  # of "0.5 mg twice daily"
        (rejected("t9"), "T2M094", "t10"),
        (FixTriple(triple="t5", object="renal failure"), "T2M095", "t5"),
        (FixTriple(triple="t7", subject="Children"), "T2M096", "t7"),
    ],
)
def test_what_blocks_a_record_only(edit: object, code: str, triple: str) -> None:
    review = edited(gout_review(), AcceptAll(), edit)
    assert (code, triple) in {(problem.code, problem.triple) for problem in problems_of(review)}
    assert {problem.blocks for problem in problems_of(review)} == {"record"}
    result_of(review)
    with pytest.raises(Text2MDTError, match=code):
        record_of(review, "gout-001")


def test_a_record_keeps_the_rules_of_the_corpus() -> None:
    review = edited(gout_review(), AcceptAll())
    record = record_of(review, "gout-001", "rheumatology", "ACR 2020")
    rules = [message for message in record_errors(record) if "words" not in message]
    assert rules == [] and (record.specialty, record.source) == ("rheumatology", "ACR 2020")


def test_a_lone_decision_is_no_tree_of_the_corpus() -> None:
    result = passage(1, tree(decision("rest")))
    assert codes(edited(review_of(result), AcceptAll())) == [("T2M097", "n1", None)]


def test_corpus_records_name_what_they_leave_out(caplog: pytest.LogCaptureFixture) -> None:
    done = edited(gout_review(), AcceptAll())
    unread = review_of(passage(2, text="Nothing."))
    emptied = edited(review_of(passage(3, tree(decision("rest")))), DeleteTree(node="n1"))
    left_open = review_of(passage(4, tree(condition("fever"), decision("rest"), decision())))
    skipped: list[Skipped] = []
    records = corpus_records([done, unread, emptied, left_open], source="ACR", on_skip=skipped.append)
    assert [(record.id, len(record.tree), record.source) for record in records] == [
        ("g-001", 8, "ACR"),
        ("g-003", 0, "ACR"),
    ]
    assert [item.passage for item in skipped] == ["g-002", "g-004"]
    assert "T2M092" in skipped[1].reason and "node n1, triple t2" in skipped[1].reason
    assert len(corpus_records([unread], negatives=True)) == 1
    assert corpus_records([left_open]) == [] and "g-004 is no record yet" in caplog.text
    with pytest.raises(Text2MDTError, match="T2M062"):
        corpus_records([done, done])


def test_what_the_extraction_said_besides_is_kept() -> None:
    result = gout_result(generated="if …", repairs=("closed a bracket",), truncated=True)
    back = result_of(review_of(result))
    assert (back.generated, back.repairs, back.truncated) == ("if …", ("closed a bracket",), True)
    failed = passage(1, text="Fever.", error="T2M002: …")
    assert result_of(review_of(failed)).error == "T2M002: …"


def test_progress_counts_every_triple_once() -> None:
    review = gout_review()
    assert progress(review) == (0, 8)
    assert progress(edited(review, rejected("t2"), FixTriple(triple="t4", object="diarrhoea"))) == (2, 8)
    assert progress(edited(review, AcceptAll(node="n1", below=True))) == (6, 8)


def deep_tree(conditions: int) -> PassageResult:
    nodes = [condition("fever")] * conditions + [decision("rest")] * (conditions + 1)
    found = Passage(id="deep", population=ADULTS, text="fever, rest")
    made = DecisionTree(nodes=tuple(nodes))
    return PassageResult(id="deep", population=ADULTS, text=found.text, tree=made.nodes, passage=found)


def test_depth_is_bounded() -> None:
    review = review_of(deep_tree(60))
    assert from_json(to_json(review)) == review
    with pytest.raises(Text2MDTError, match=r"T2M085.*deep, node n1.*more than|T2M085.*more than 60"):
        review_of(deep_tree(61))
    with pytest.raises(Text2MDTError, match="T2M085"):
        review_of(deep_tree(3_000))


def _spoilt(path: list[str | int], value: object) -> str:
    data = json.loads(to_json(gout_review()))
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{" * 5_000,
        '{"passage": ' * 5_000,
        b"\xff\xfe",
        _spoilt(["next_id"], 16),
        _spoilt(["trees", 0, "id"], "n3"),
        _spoilt(["trees", 0, "id"], "root"),
        _spoilt(["trees", 0, "yes"], None),
        _spoilt(["trees", 1, "role"], "D"),
        _spoilt(["trees", 0, "triples", 0, "verdict"], "maybe"),
        _spoilt(["trees", 0, "triples", 0, "object_span"], {"start": 5, "end": 5_000}),
        _spoilt(["trees", 0, "colour"], "red"),
    ],
)
def test_what_is_no_saved_review_is_refused(text: str | bytes) -> None:
    with pytest.raises(Text2MDTError, match="T2M087"):
        from_json(text)


def test_a_condition_needs_both_children() -> None:
    leaf = ReviewNode(id="n1", role=Role.DECISION)
    with pytest.raises(ValueError, match="yes-child"):
        ReviewNode(id="n2", role=Role.CONDITION, yes=leaf)


def test_the_example_of_the_docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "review.md"
    (block,) = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    (tmp_path / "extracted").mkdir()
    (tmp_path / "extracted" / "gout.json").write_text(export(extraction(gout_result()), "json")[".json"])
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(block, names)
    record = names["record"]
    assert names["result"].tree == record.tree and [len(node.triples) for node in record.tree][1] == 1
