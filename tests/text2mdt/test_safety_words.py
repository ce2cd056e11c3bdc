"""Warnings on how words were cut into triples: asked and given, a drug with its dose, words taken twice."""

from __future__ import annotations

import pytest
from warned_trees import C, D, kinds, warned


def test_a_condition_given_as_a_decision() -> None:
    text = "In a high bleeding risk, apixaban 2.5 mg is used; otherwise apixaban 5 mg."
    low, full = D("drug: apixaban", "apixaban ~ 2.5 mg"), D("drug: apixaban", "apixaban ~ 5 mg")
    found = warned(text, C("if: high bleeding risk"), low, D("drug: high bleeding risk"))
    assert ("asked_and_given", 2, 0) in [(warning.kind, warning.node, warning.triple) for warning in found]
    assert not kinds(text, C("if: high bleeding risk"), low, full)


def test_words_that_stand_twice_may_be_asked_and_given() -> None:
    text = "If metformin is taken, metformin is continued."
    assert "asked_and_given" not in kinds(text, C("basic: metformin"), D("drug: metformin"), D())


def test_a_drug_that_is_taken_may_be_the_one_to_stop() -> None:
    assert not kinds("If warfarin is taken, stop warfarin.", C("if: warfarin"), D("avoid: warfarin"), D())


@pytest.mark.parametrize(
    "name", ["amoxicillin 500 mg", "amoxicillin twice daily", "amoxicillin 1–2 g/kg daily", "amoxicillin for 7 days"]
)
def test_a_dose_in_the_name_of_a_drug(name: str) -> None:
    assert "drug_with_dose" in kinds(f"In fever, {name} is given.", C("if: fever"), D(f"drug: {name}"), D())


@pytest.mark.parametrize(
    "name", ["oral daily iron", "once-daily insulin", "adrenaline 1 mg/ml", "glucose 10 g tablets"]
)
def test_a_name_with_a_number_or_how_often_is_a_name(name: str) -> None:
    assert "drug_with_dose" not in kinds(f"In fever, {name} is given.", C("if: fever"), D(f"drug: {name}"), D())


def test_a_further_drug_in_a_dose() -> None:
    text = "In mild pain, paracetamol 1 g or ibuprofen 400 mg."
    found = warned(text, C("if: mild pain"), D("drug: paracetamol", "paracetamol ~ 1 g or ibuprofen 400 mg"), D())
    place = next(warning.passage_span for warning in found if warning.kind == "drug_with_dose")
    assert place and text[place.start : place.end] == "ibuprofen"
    for dose in ("1 g before ibuprofen", "1 g before and after ibuprofen", "1 g then paracetamol 500 mg"):
        nodes = C("if: mild pain"), D("drug: paracetamol", f"paracetamol ~ {dose}"), D()
        assert "drug_with_dose" not in kinds(f"In mild pain, paracetamol {dose}.", *nodes)


def test_a_further_drug_is_told_by_its_name() -> None:
    for name in ("naproxen", "gentamicin", "aspirin", "sertraline"):
        text = f"In pain, ibuprofen 400 mg three times daily or {name} 500 mg twice daily."
        nodes = (
            C("if: pain"),
            D("drug: ibuprofen", "ibuprofen ~ 400 mg three times daily", "ibuprofen ~ 500 mg twice daily"),
            D(),
        )
        assert "wrong_drug_dose" in kinds(text, *nodes), name
        held = D("drug: ibuprofen", f"ibuprofen ~ 400 mg three times daily or {name}")
        assert "drug_with_dose" in kinds(text, C("if: pain"), held, D()), name


@pytest.mark.parametrize(
    ("words", "given"),
    [("Take", True), ("Those who take", False), ("If they take", False), ("If the patient takes", False)],
)
def test_a_drug_to_take_and_one_that_is_taken_already(words: str, given: bool) -> None:
    text = f"Has the patient pain? {words} naproxen 500 mg, not with ibuprofen."
    nodes = C("if: pain"), D("drug: ibuprofen", "ibuprofen ~ 500 mg"), D()
    assert ("wrong_drug_dose" in kinds(text, *nodes)) is given


def test_words_taken_twice() -> None:
    text = "Percutaneous drainage is added to antibiotics if the abscess is above 3 cm."
    above = C("if: abscess is above 3 cm")
    found = warned(text, above, D("plan: Percutaneous drainage is added", "plan: drainage"), D())
    assert ("words_twice", 1, 1) in [(warning.kind, warning.node, warning.triple) for warning in found]
    assert "words_twice" in kinds(text, above, D("plan: drainage", "plan: drainage"), D())
    assert "words_twice" in kinds(text, above, D("plan: drainage"), D("plan: Percutaneous drainage"))
    assert "words_twice" not in kinds(text, above, D("plan: Percutaneous drainage"), D("plan: Percutaneous drainage"))


def test_words_that_also_stand_elsewhere_are_not_taken_twice() -> None:
    text = "Give 250 mg every 24 hours, after dialysis; the others take 250 mg every 24 hours."
    nodes = C("if: dialysis"), D("plan: 250 mg every 24 hours, after dialysis"), D("plan: 250 mg every 24 hours")
    assert "words_twice" not in kinds(text, *nodes)


def test_a_condition_may_name_what_is_given_and_a_treatment_its_finding() -> None:
    text = "Alprostadil is first. If alprostadil has failed, refer to a surgeon. Dilate any tight stricture."
    nodes = C("if: alprostadil has failed"), D("refer: surgeon"), D("drug: alprostadil")
    assert "words_twice" not in kinds(text, *nodes)
    assert "words_twice" not in kinds(text, C("if: tight stricture"), D("plan: dilate any tight stricture"), D())
