"""The corpus against the annotations that it rests on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from text2mdt.annotations import read_annotations
from text2mdt.corpus import read_corpus
from text2mdt.metrics import plain
from text2mdt.schema import Node, Record

CORPUS = Path(__file__).parents[2] / "data" / "corpus"
RAW = CORPUS / "annotations"


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for path in sorted(CORPUS.glob("*.jsonl")) for record in read_corpus(path)}


def same(one: tuple[Node, ...], other: tuple[Node, ...]) -> bool:
    """Whether two annotations say the same; the order of a node's triples does not count."""
    return [_unordered(node) for node in one] == [_unordered(node) for node in other]


def _unordered(node: Node) -> tuple[str, str, list[tuple[str, ...]]]:
    return str(node.role), str(node.logical_rel), sorted((t.subject, t.relation, t.object) for t in node.triples)


def test_every_record_was_annotated_twice(records: dict[str, Record]) -> None:
    assert read_annotations(RAW / "first.jsonl").keys() == records.keys()
    assert read_annotations(RAW / "second.jsonl").keys() == records.keys()


def test_the_tree_is_what_both_say_or_what_was_adjudicated(records: dict[str, Record]) -> None:
    first, second = read_annotations(RAW / "first.jsonl"), read_annotations(RAW / "second.jsonl")
    lines = [json.loads(line) for line in (RAW / "adjudicated.jsonl").read_text(encoding="utf-8").splitlines()]
    adjudicated = read_annotations(RAW / "adjudicated.jsonl")
    differing = {name for name in records if not same(first[name].tree, second[name].tree)}
    assert adjudicated.keys() == differing
    for name, record in records.items():
        if name not in differing:
            assert same(record.tree, first[name].tree), name
    for line in lines:
        name, choice = line["id"], line["choice"]
        chosen = {"first": first[name].tree, "second": second[name].tree}.get(choice, adjudicated[name].tree)
        assert choice in ("first", "second", "own") and line["reason"], name
        assert same(records[name].tree, chosen) and same(adjudicated[name].tree, chosen), name


def test_every_shape_up_to_eleven_nodes_is_there_ten_times(records: dict[str, Record]) -> None:
    found: dict[str, int] = {}
    for record in records.values():
        for tree in record.trees:
            skeleton = "".join(node.role for node in plain(list(tree.nodes)))
            found[skeleton] = found.get(skeleton, 0) + 1
    wanted = {skeleton for nodes in (3, 5, 7, 9, 11) for skeleton in skeletons(nodes)}
    assert len(wanted) == 1 + 2 + 5 + 14 + 42
    short = {skeleton: found.get(skeleton, 0) for skeleton in wanted if found.get(skeleton, 0) < 10}
    assert not short


def skeletons(nodes: int) -> list[str]:
    """All pre-order sequences of roles of full binary trees with so many nodes."""
    if nodes == 1:
        return ["D"]
    return [
        f"C{yes}{no}"
        for left in range(1, nodes - 1, 2)
        for yes in skeletons(left)
        for no in skeletons(nodes - 1 - left)
    ]


def test_objections_to_facts_name_records_and_what_became_of_them(records: dict[str, Record]) -> None:
    lines = [json.loads(line) for line in (RAW / "fact_check.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["id"] for line in lines} <= records.keys()
    for line in lines:
        assert line["rating"] in ("wrong", "doubtful")
        assert line["state"] in ("mended", "noted")
        if line["state"] == "noted":
            record = records[line["id"]]
            assert line["quote"] in f"{record.population} {record.text}"
