"""Phrases that occur more than once: the share of hand-marked triples that are traced to the right occurrence.

A line of `repeated_mentions.jsonl` is a record without its source and with `marks`: the node and triple (counted in the
flat list of nodes), the part of it, and which of `mentions(text, words)` is the right one, from 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from text2mdt.grounding import ground, mentions
from text2mdt.schema import Passage, Record

CASES = Path(__file__).parents[1] / "data" / "repeated_mentions.jsonl"
TEST_SET = Path(__file__).parents[2] / "data" / "corpus" / "test.jsonl"
FEWEST_RIGHT = 0.95


def cases() -> Iterator[tuple[Record, list[dict]]]:
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        marks = case.pop("marks")
        yield Record.model_validate(case), marks


def words_of(record: Record, mark: dict) -> str:
    triple = record.tree[mark["node"]].triples[mark["triple"]]
    return triple.object if mark["part"] == "object" else triple.subject


def test_right_occurrences() -> None:
    right, wrong = [], []
    for record, marks in cases():
        passage = Passage(id=record.id, population=record.population, text=record.text)
        found = {(g.node, g.triple, g.part): g.passage_span for g in ground(passage, record.trees)}
        for mark in marks:
            span = found.get((mark["node"], mark["triple"], mark["part"]))
            places = mentions(record.text, words_of(record, mark))
            is_right = span is not None and (span.start, span.end) == places[mark["occurrence"]]
            (right if is_right else wrong).append((record.id, mark))
    objects = [sum(mark["part"] == "object" for _, mark in marks) for marks in (right, wrong)]
    assert len(right) / (len(right) + len(wrong)) >= FEWEST_RIGHT, wrong
    assert objects[0] / sum(objects) >= FEWEST_RIGHT, wrong


def test_marks_are_sound() -> None:
    seen = [(record, marks) for record, marks in cases()]
    assert len({record.id for record, _ in seen}) == len(seen) >= 120
    assert sum(len(marks) for _, marks in seen) >= 150
    for record, marks in seen:
        for mark in marks:
            places = mentions(record.text, words_of(record, mark))
            assert len(places) > 1 and 0 <= mark["occurrence"] < len(places), (record.id, mark)


def test_no_passage_of_the_test_set() -> None:
    held_out = {json.loads(line)["text"] for line in TEST_SET.read_text(encoding="utf-8").splitlines()}
    assert not held_out & {record.text for record, _ in cases()}
