"""Warnings on tables and lists: headers are no conditions, the first cell is the case of its row, a list is a gate."""

from __future__ import annotations

import pytest
from warned_trees import POPULATION, C, D, kinds, warned

from text2mdt.relations import ENGLISH
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.schema import Node, Passage

TABLE = (
    "Act on the severity. Severity: Mild; Treatment: amoxicillin; Follow-up: none. "
    "Severity: Moderate; Treatment: none; Follow-up: –. Severity: Severe; Treatment: ceftriaxone; Follow-up: X-ray."
)
ROWS = (C("if: Mild"), D("drug: amoxicillin"), C("if: Moderate"), D(), C("if: Severe"))


def test_the_headers_of_a_table_are_no_gates_and_a_row_with_nothing_to_do_lacks_nothing() -> None:
    assert not kinds(TABLE, *ROWS, D("drug: ceftriaxone", "test: X-ray"), D())
    assert not kinds(
        TABLE, C("if: Mild"), D("drug: amoxicillin"), C("if: Severe"), D("drug: ceftriaxone", "test: X-ray"), D()
    )


@pytest.mark.parametrize(
    ("nodes", "node", "case"),
    [
        ((C("if: Mild"), D("drug: amoxicillin", "drug: ceftriaxone"), D()), 1, "Severe"),
        ((D("drug: ceftriaxone"),), 0, "Severe"),
        ((C("if: Severe"), D("drug: amoxicillin"), D()), 1, "Mild"),
    ],
)
def test_the_case_of_a_row_that_was_lost(nodes: tuple[Node, ...], node: int, case: str) -> None:
    found = [warning for warning in warned(TABLE, *nodes) if warning.kind == "lost_gate"]
    assert [warning.node for warning in found] == [node]
    assert found[0].passage_span and TABLE[found[0].passage_span.start : found[0].passage_span.end] == case


def test_a_row_that_no_node_speaks_of() -> None:
    text = TABLE.replace("Treatment: none", "Treatment: doxycycline")
    found = warned(
        text, C("if: Mild"), D("drug: amoxicillin"), C("if: Severe"), D("drug: ceftriaxone", "test: X-ray"), D()
    )
    assert {warning.kind for warning in found} == {"missing_case"}
    assert any("Moderate" in warning.text for warning in found)


def test_a_drug_in_the_header_stands_where_its_dose_does() -> None:
    text = "Age: 1 to 4 years; Alfa dose: 5 mg. Age: 5 to 9 years; Alfa dose: 10 mg. Age: 10 or more; Alfa dose: 20 mg."
    cases = ("1 to 4 years", "5 to 9 years")
    doses = [D("drug: Alfa", f"Alfa ~ {dose}") for dose in ("5 mg", "10 mg", "20 mg")]
    first, second = (C(f"basic: {case}") for case in cases)
    assert not kinds(text, first, doses[0], second, doses[1], doses[2])
    assert "lost_gate" in kinds(text, first, doses[1], D())


@pytest.mark.parametrize(
    "head", ["if any of", "only if all of these are present", "where there is", "in the presence of"]
)
def test_a_list_of_conditions_is_the_gate(head: str) -> None:
    text = f"Offer doxycycline {head}: fever; chills. Bed rest is of no use."
    assert "lost_gate" not in kinds(text, C("if: fever", "if: chills", logic="or"), D("drug: doxycycline"), D())
    assert "lost_gate" in kinds(text, D("drug: doxycycline"))


def rows_of(text: str) -> list[list[str]]:
    """The contents of the cells."""
    forest = PlacedForest(Passage(id="p-1", population=POPULATION, text=text), (), (), ENGLISH)
    return [[text[slice(*cell.content)] for cell in row.cells] for row in forest.rows]


@pytest.mark.parametrize(
    "text",
    [
        "Mild: amoxicillin; rest. Severe: ceftriaxone.",
        "If septic: first line: amoxicillin; second line: rest. If not: first line: ice; second line: fluids.",
        "",
    ],
)
def test_labels_that_are_no_table(text: str) -> None:
    assert rows_of(text) == []


def test_rows_behind_a_number_or_a_caption_and_cells_of_two_sentences() -> None:
    text = "3.7 Age: 1; Plan: rest. Fluids; Then: X-ray. Age: 2; Plan: ice; Then: none."
    assert rows_of(text) == [["1", "rest. Fluids", "X-ray"], ["2", "ice", "none"]]
    assert rows_of("Choose by age: Age: 1; Plan: rest. Age: 2; Plan: ice. All are seen again.") == [
        ["1", "rest"],
        ["2", "ice"],
    ]


def test_a_clause_in_the_cell_of_an_action_is_its_gate() -> None:
    text = "Action: amoxicillin if the culture grows; Grade: A. Action: doxycycline if it does not; Grade: B."
    found = warned(text, D("drug: amoxicillin"))
    assert found[0].kind == "lost_gate" and "if the culture grows" in found[0].text
    assert not any("Grade" in warning.text for warning in found)


def test_the_header_if_is_no_clause_and_a_class_of_drugs_no_case() -> None:
    text = "If: Mild disease; Then: amoxicillin. If: Severe disease; Then: ceftriaxone."
    right = (C("if: Mild disease"), D("drug: amoxicillin"), C("if: Severe disease"), D("drug: ceftriaxone"), D())
    assert not kinds(text, *right)
    assert "lost_gate" in kinds(text, D("drug: ceftriaxone"))
    choice = "In shock choose one. Class: Macrolide; Drug: azithromycin. Class: Tetracycline; Drug: doxycycline."
    assert not kinds(choice, C("if: shock"), D("drug: azithromycin", "drug: doxycycline", logic="or"), D())


LIST = "Refer on the same day if any of: fever; a painful red eye; loss of vision, even for minutes."


@pytest.mark.parametrize(
    ("nodes", "missing"),
    [
        ((C("if: fever", "if: painful red eye", "if: loss of vision", logic="or"), D("refer: Refer"), D()), []),
        ((C("if: fever"), D("refer: Refer"), D()), ["a painful red eye", "loss of vision, even for minutes"]),
        ((C("if: painful red eye", "if: loss of vision", logic="or"), D("refer: Refer"), D()), ["fever"]),
    ],
)
def test_items_of_a_list_that_were_lost(nodes: tuple[Node, ...], missing: list[str]) -> None:
    found = [warning for warning in warned(LIST, *nodes) if warning.kind == "missing_item"]
    assert [LIST[w.passage_span.start : w.passage_span.end] for w in found if w.passage_span] == missing
    assert all(warning.node == 0 for warning in found)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        (
            "The severity decides: mild: amoxicillin; severe: ceftriaxone; shock: admission.",
            (C("if: mild"), D("drug: amoxicillin"), D()),
        ),
        (
            "In fever: no further tests; amoxicillin; a chest X-ray.",
            (C("if: fever"), D("drug: amoxicillin", "test: chest X-ray"), D()),
        ),
        (
            "If fever persists: give amoxicillin; arrange an X-ray; check the weight.",
            (C("if: fever"), D("drug: amoxicillin"), D("test: X-ray")),
        ),
        (
            "Features of measles are: fever; cough; a rash. In severe disease with fever, give vitamin A.",
            (C("if: severe disease with fever"), D("drug: vitamin A"), D()),
        ),
        (
            "Refer if any of: fever; a red eye; or; pain.",
            (C("if: fever", "if: red eye", "if: pain", logic="or"), D("refer: Refer"), D()),
        ),
        (
            "Refer if any of: fever; loss of vision: in one eye; in both eyes.",
            (C("if: fever", "if: loss of vision", logic="or"), D("refer: Refer"), D()),
        ),
        (
            "In shock, adrenaline 1:1000 is given; oxygen is given.",
            (C("if: shock"), D("drug: oxygen"), D()),
        ),
        (
            "Worm: Hookworm; Treatment: albendazole; oral iron. Worm: Whipworm; Treatment: mebendazole.",
            (C("if: Hookworm"), D("drug: albendazole"), C("if: Whipworm"), D("drug: mebendazole"), D()),
        ),
    ],
)
def test_what_lacks_no_item(text: str, nodes: tuple[Node, ...]) -> None:
    assert "missing_item" not in kinds(text, *nodes)


@pytest.mark.parametrize(
    ("text", "nodes", "missing"),
    [
        (
            "Discharge if all of: no fever; no bleeding; normal pulse.",
            (C("if: no bleeding", "if: normal pulse"), D("plan: Discharge"), D()),
            "no fever",
        ),
        (
            "In pregnancy: no doxycycline; no ibuprofen; paracetamol.",
            (C("if: pregnancy"), D("avoid: doxycycline", "drug: paracetamol"), D()),
            "no ibuprofen",
        ),
        (
            "Refer if any of: • fever • a red eye • pain. Give amoxicillin if any of: a cough; a rash.",
            (
                *(C("if: fever", "if: pain", logic="or"), D("refer: Refer"), D()),
                *(C("if: cough", "if: rash", logic="or"), D("drug: amoxicillin"), D()),
            ),
            "a red eye",
        ),
    ],
)
def test_an_item_that_is_missed(text: str, nodes: tuple[Node, ...], missing: str) -> None:
    found = [warning for warning in warned(text, *nodes) if warning.kind == "missing_item"]
    assert [text[w.passage_span.start : w.passage_span.end] for w in found if w.passage_span] == [missing]
