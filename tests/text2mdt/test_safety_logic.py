"""Warnings on "or": what the passage offers as alternatives is not to be wanted together."""

from __future__ import annotations

import pytest
from warned_trees import C, D, kinds, warned


def found(text: str, *nodes) -> bool:
    return "wrong_logic" in kinds(text, *nodes)


@pytest.mark.parametrize(
    ("text", "triples"),
    [
        ("In fever or cough, rest.", ("if: fever", "if: cough")),
        ("If there is fever, a cough or a rash, rest.", ("if: fever", "if: cough", "if: rash")),
        (
            "If they are over 60, have had a clot or use oestrogen, rest.",
            ("basic: over 60", "if: clot or use oestrogen"),
        ),
    ],
)
def test_conditions_that_the_passage_joins_by_or(text: str, triples: tuple[str, ...]) -> None:
    assert found(text, C(*triples), D("plan: rest"), D())
    assert not found(text, C(*triples, logic="or"), D("plan: rest"), D())


@pytest.mark.parametrize(
    "text",
    [
        "In fever and cough, rest.",
        "In fever with cough, or fever alone, rest.",
        "If there is fever, and the cough is over, rest.",
        "Fever is common. Or cough: rest.",
    ],
)
def test_conditions_that_belong_together(text: str) -> None:
    assert not found(text, C("if: fever", "if: cough"), D("plan: rest"), D())


def test_a_threshold_with_or_joins_nothing() -> None:
    text = "In fever, aged 60 or over, rest."
    assert not found(text, C("if: fever", "basic: aged 60 or over"), D("plan: rest"), D())


def test_a_list_asked_in_two_steps() -> None:
    text = "When headache comes with nausea, dizziness or fatigue, rest."
    below = C("if: dizziness", "if: fatigue", logic="or")
    warnings = warned(text, C("if: nausea"), below, D("plan: rest"), D(), D())
    assert ("wrong_logic", 1, 0) in [(warning.kind, warning.node, warning.triple) for warning in warnings]
    assert not found(text, C("if: headache"), below, D("plan: rest"), D(), D())
    assert not found(text, C("if: nausea", "if: dizziness", logic="or"), C("if: stupor"), D("plan: rest"), D(), D())


def test_alternatives_given_together() -> None:
    text = "In fever, ibuprofen 400 mg or paracetamol is given."
    given = "drug: ibuprofen", "ibuprofen ~ 400 mg", "drug: paracetamol"
    assert found(text, C("if: fever"), D(*given), D())
    assert not found(text, C("if: fever"), D(*given, logic="or"), D())


def test_none_of_several_drugs_is_to_be_given() -> None:
    text = "In fever, avoid ibuprofen or naproxen."
    assert not found(text, C("if: fever"), D("avoid: ibuprofen", "avoid: naproxen"), D())


def test_what_is_given_with_one_of_two() -> None:
    text = "In fever, ibuprofen is combined with paracetamol 1 g, or with aspirin."
    assert not found(text, C("if: fever"), D("drug: ibuprofen", "drug: aspirin"), D())


def test_objects_that_touch() -> None:
    assert not found("In fever, rest.", C("if: fe", "if: ver"), D("plan: rest"), D())
