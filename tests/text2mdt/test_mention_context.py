"""The words around a mention: absent features, treatments that failed or are stopped, glosses in brackets."""

from __future__ import annotations

import pytest

from text2mdt.grounding import ground, mentions
from text2mdt.mention_context import is_gloss, is_negated, is_passed_over, is_stopped
from text2mdt.schema import DecisionTree, Node, Passage, Triple


def place(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


@pytest.mark.parametrize(
    "text",
    [
        "In adults without fever",
        "without any history of fever",
        "who do not have cough, without rash or fever",
        "neither cough nor fever",
        "Neither fever nor cough",
        "in the absence of fever",
    ],
)
def test_absent(text: str) -> None:
    assert is_negated(text, place(text, "fever")[0])


@pytest.mark.parametrize("text", ["no cough. Fever: fever", "not only cough but fever", "with fever without cough"])
def test_present(text: str) -> None:
    assert not is_negated(text, place(text, "fever")[0])


@pytest.mark.parametrize(
    "text",
    [
        "If aspirin is not tolerated, use clopidogrel.",
        "no relief after 4 weeks of aspirin",
        "where aspirin has failed",
        "aspirin alone is ineffective",
        "in patients taking aspirin",
        "clopidogrel rather than aspirin",
        "clopidogrel replaces aspirin",
        "at least as effective as aspirin",
        "must not be combined with aspirin",
        "patients allergic to aspirin",
    ],
)
def test_passed_over(text: str) -> None:
    assert is_passed_over(text, *place(text, "aspirin"))


@pytest.mark.parametrize(
    "text", ["In fever, give aspirin 75 mg.", "If no bleeding: aspirin", "stop it; aspirin is given"]
)
def test_given(text: str) -> None:
    assert not is_passed_over(text, *place(text, "aspirin"))


def test_stopped() -> None:
    for text in ("stop aspirin", "aspirin should be avoided", "should not receive aspirin", "Aspirin: no aspirin"):
        assert is_stopped(text, *place(text, "aspirin"))
    for text in ("give aspirin", "Stop ibuprofen. Give aspirin.", "aspirin is given. Ibuprofen is stopped."):
        assert not is_stopped(text, *place(text, "aspirin"))


def test_gloss() -> None:
    text = "oral anticoagulants (DOACs) are given (mainly DOACs)"
    first, second = mentions(text, "DOACs")
    assert is_gloss(text, *first)
    assert not is_gloss(text, *second)


def test_a_number_is_no_part_of_a_longer_one() -> None:
    assert mentions("2.5 mg, 5 mg", "5 mg") == ((8, 12),)
    assert mentions("INR above 5.5, INR above 5.", "INR above 5") == ((15, 26),)
    assert mentions("2.5 mg", "5 mg") == ((2, 6),)


def test_a_shared_action_does_not_pull_the_rest_of_its_node() -> None:
    text = (
        "An MRI scan is done in all with raised prolactin. Large tumour: cabergoline and visual field test. Small "
        "tumour: cabergoline if periods have stopped."
    )

    def node(role: str, *triples: tuple[str, str]) -> Node:
        full = tuple(Triple("P", *triple) for triple in triples)
        return Node(role=role, triples=full, logical_rel="and" if len(full) > 1 else "null")

    scan = ("investigation", "MRI scan")
    tree = DecisionTree(
        nodes=(
            node("C", ("clinical_feature", "Large tumour")),
            node("D", scan, ("therapeutic_drug", "cabergoline"), ("investigation", "visual field test")),
            node("C", ("clinical_feature", "Small tumour")),
            node("D", scan, ("therapeutic_drug", "cabergoline")),
            node("D"),
        )
    )
    found = {
        (g.node, g.triple): g.passage_span.start for g in ground(Passage(id="a", population="P", text=text), [tree])
    }
    first, second = mentions(text, "cabergoline")
    assert (found[1, 1], found[3, 1]) == (first[0], second[0])
