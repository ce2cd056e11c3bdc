"""Strength and grade of decisions: hand-marked passages, scope over lists, negation, exact spans, bad input."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text2mdt.documents import read_document
from text2mdt.grounding import ground
from text2mdt.passages import find_passages
from text2mdt.recommendations import find_recommendations
from text2mdt.recommendations.evidence_grades import find_grades
from text2mdt.recommendations.strength_words import find_cues
from text2mdt.schema import DecisionTree, Node, Passage, Recommendation, Record, Segment, Triple, split_forest

CASES = Path(__file__).parents[1] / "data" / "recommendation_cases.jsonl"
FEWEST_RIGHT = 0.95
DRUG, AVOID = "therapeutic_drug", "contraindicated_drug"


def node(role: str, *triples: tuple[str, str]) -> Node:
    full = tuple(Triple("P", *triple) for triple in triples)
    return Node(role=role, triples=full, logical_rel="and" if len(full) > 1 else "null")


def found(passage: Passage, *nodes: Node) -> tuple[Recommendation, ...]:
    trees = split_forest(nodes)
    return find_recommendations(passage, trees, ground(passage, trees))


def of_drugs(text: str, *drugs: str, relation: str = DRUG) -> list[list[str]]:
    """What is said of each drug, a decision of its own each, all behind one condition ("fever")."""
    nodes = [part for drug in drugs for part in (node("C", ("clinical_feature", "fever")), node("D", (relation, drug)))]
    recommendations = found(Passage(id="a", population="P", text=text), *nodes, node("D"))
    return [[item.value for item in recommendations if item.node == 2 * number + 1] for number in range(len(drugs))]


def test_hand_marked_decisions() -> None:
    decisions, wrong = 0, {"strength": [], "grade": []}
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        expected = case.pop("expected")
        record = Record.model_validate(case)
        passage = Passage(id=record.id, population=record.population, text=record.text)
        recommendations = find_recommendations(passage, record.trees, ground(passage, record.trees))
        decisions += len(expected)
        for mark in expected:
            for kind, missed in wrong.items():
                values = [item.value for item in recommendations if (item.node, item.kind) == (mark["node"], kind)]
                if sorted(values) != sorted(mark[kind]):
                    missed.append((record.id, mark, values))
    assert decisions >= 100
    for missed in wrong.values():
        assert 1 - len(missed) / decisions >= FEWEST_RIGHT, missed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("In fever, aspirin must be given.", "strong"),
        ("In fever, offer aspirin.", "strong"),
        ("In fever, aspirin is strongly recommended.", "strong"),
        ("In fever, aspirin may be considered.", "weak"),
        ("In fever, aspirin can be considered.", "weak"),
        ("In fever, aspirin should be considered.", "weak"),
        ("In fever, it is reasonable to give aspirin.", "weak"),
        ("In fever, we suggest aspirin.", "weak"),
        ("In fever, aspirin should not be offered.", "against"),
        ("In fever, do not offer aspirin.", "against"),
        ("In fever, aspirin is not recommended.", "against"),
        ("In fever, we suggest against aspirin.", "against"),
        ("In fever, aspirin should not be delayed.", "strong"),
        ("Fever: aspirin 100 mg.", None),
        ("Fever, which may cause seizures: aspirin 100 mg.", None),
        ("In fever aspirin follows. Patients should be told so.", None),
    ],
)
def test_words_of_strength(text: str, value: str | None) -> None:
    assert of_drugs(text, "aspirin") == [[value] if value else []]


def test_a_forbidden_drug_is_always_against() -> None:
    for text, words in (
        ("In fever, stop aspirin.", "stop"),
        ("In fever, aspirin should never be used.", "should never be used"),
        ("In fever there is no aspirin.", "no"),
        ("In fever: without aspirin, offer codeine.", "without"),
        ("In fever the aspirin goes.", "aspirin"),
    ):
        passage = Passage(id="a", population="P", text=text)
        (item,) = found(passage, node("C", ("clinical_feature", "fever")), node("D", (AVOID, "aspirin")), node("D"))
        assert (item.value, text[item.passage_span.start : item.passage_span.end]) == ("against", words)


def test_two_strengths_in_one_sentence() -> None:
    assert of_drugs("In fever offer aspirin; consider codeine if it fails.", "aspirin", "codeine") == [
        ["strong"],
        ["weak"],
    ]
    assert of_drugs("In fever aspirin is recommended and codeine may be added.", "aspirin", "codeine") == [
        ["strong"],
        ["weak"],
    ]
    assert of_drugs("In fever, consider aspirin, and give codeine.", "aspirin", "codeine") == [["weak"], ["strong"]]
    assert of_drugs(
        "In fever, we suggest that aspirin is given, but codeine is not advised.", "aspirin", "codeine"
    ) == [
        ["weak"],
        ["against"],
    ]


def test_conditions_govern_nothing() -> None:
    assert of_drugs("In fever, if surgery should be avoided, aspirin.", "aspirin") == [[]]
    assert of_drugs("In fever: aspirin for those who should not have codeine.", "aspirin") == [[]]
    assert of_drugs("Where codeine is contraindicated in fever, offer aspirin.", "aspirin") == [["strong"]]


def test_to_stop_or_avoid_something_can_be_the_decision() -> None:
    assert of_drugs("In fever, avoid cold baths.", "avoid cold baths", relation="treatment_plan") == [["strong"]]
    assert of_drugs("In fever they should avoid cold baths.", "avoid cold baths", relation="treatment_plan") == [
        ["strong"]
    ]
    assert of_drugs("In fever, do not offer cold baths.", "cold baths", relation="treatment_plan") == [["against"]]
    assert of_drugs("In fever: stop exercise.", "stop exercise", relation="treatment_plan") == [["strong"]]


def test_a_lead_in_governs_its_list() -> None:
    listed = "Consider one of the following in fever: • aspirin • codeine. • Offer ibuprofen. Morphine is the rest."
    assert of_drugs(listed, "aspirin", "codeine", "ibuprofen", "Morphine") == [["weak"], ["weak"], ["strong"], []]
    assert of_drugs("Consider in fever: aspirin; codeine. Ibuprofen: later.", "aspirin", "codeine", "Ibuprofen") == [
        ["weak"],
        ["weak"],
        [],
    ]
    nested = "Do not give these in fever: (a) in children: aspirin; (b) in adults: codeine."
    assert of_drugs(nested, "aspirin", "codeine") == [["against"], ["against"]]


def test_lists_of_a_document() -> None:
    text = (
        "# Fever\n\nIn adults with fever, consider:\n\n- aspirin\n- codeine (2B)\n\nIf there is shock, give fluids.\n"
    )
    (passage,) = find_passages(read_document(text.encode(), "fever.md")).passages
    nodes = (
        node("C", ("clinical_feature", "fever")),
        node("D", (DRUG, "aspirin"), (DRUG, "codeine")),
        node("C", ("clinical_feature", "shock")),
        node("D", (DRUG, "fluids")),
        node("D"),
    )
    items = found(passage, *nodes)
    assert [(item.node, item.value) for item in items] == [(1, "weak"), (1, "2B"), (3, "strong")]
    for item in items:
        (span,) = item.document_spans
        place = item.passage_span
        assert text[span.start : span.end] == passage.text[place.start : place.end]
        assert item.boxes == ()


@pytest.mark.parametrize(
    "grade",
    [
        "1A",
        "Grade B",
        "GRADE 2C",
        "Class IIa, level C",
        "class I; level of evidence: B-NR",
        "COR 2b, LOE C-LD",
        "IIa-B",
        "strong recommendation, low certainty",
        "conditional recommendation; very low-quality evidence",
        "GRADE: moderate",
        "evidence level 2+",
        "quality of evidence: high",
        "good practice point",
        "1++",
        "⊕⊕⊝⊝",
    ],
)
def test_grades(grade: str) -> None:
    for brackets in ("(%s)", "[%s]"):
        text = f"In fever, aspirin {brackets % grade}. Then codeine."
        assert of_drugs(text, "aspirin", "codeine") == [[*printed(grade), grade], []]
    text = f"In fever, aspirin. ({grade}.) Then codeine."
    assert of_drugs(text, "aspirin", "codeine") == [[*printed(grade), grade], []]


def printed(grade: str) -> list[str]:
    """The strength that the grade itself names."""
    return ["strong"] if grade.startswith("strong rec") else ["weak"] if grade.startswith("conditional rec") else []


@pytest.mark.parametrize(
    "text",
    [
        "Diarrhoea of grade 2 needs aspirin.",
        "In NYHA class II heart failure, aspirin.",
        "Los Angeles grade B oesophagitis",
        "1b. Without visual loss, aspirin.",
        "Recommendation B: aspirin.",
        "Risk is moderate (low in children).",
        "aspirin (75 mg); high doses (2 g)",
        "hepatitis (A or B), vitamin (D)",
        "A strong opioid; moderate pain.",
    ],
)
def test_no_grades(text: str) -> None:
    assert find_grades(text) == []


def test_grades_close_a_sentence_or_an_item() -> None:
    assert of_drugs(
        "In fever: aspirin (1A), then codeine (2C). Later ibuprofen.", "aspirin", "codeine", "ibuprofen"
    ) == [
        ["1A"],
        ["2C"],
        [],
    ]
    assert of_drugs("In fever: • aspirin (1A) • codeine • ibuprofen (2C).", "aspirin", "codeine", "ibuprofen") == [
        ["1A"],
        [],
        ["2C"],
    ]
    assert of_drugs("In fever (1A): aspirin; codeine.", "aspirin", "codeine") == [["1A"], ["1A"]]
    assert of_drugs("In fever: • aspirin • codeine. Grade B.", "aspirin", "codeine") == [["Grade B"], ["Grade B"]]
    assert of_drugs("(1A) In fever, aspirin. (2B) Later, codeine.", "aspirin", "codeine") == [["1A"], ["2B"]]


def test_a_grade_inside_a_condition_is_none() -> None:
    passage = Passage(id="a", population="P", text="Heart failure (class II): aspirin.")
    nodes = (node("C", ("clinical_feature", "Heart failure (class II)")), node("D", (DRUG, "aspirin")), node("D"))
    assert found(passage, *nodes) == ()


def test_nothing_to_say() -> None:
    passage = Passage(id="a", population="P", text="")
    assert find_recommendations(passage, [], []) == ()
    tree = DecisionTree(nodes=(node("C", ("clinical_feature", "x")), node("D", (DRUG, "y")), node("D")))
    assert find_recommendations(Passage(id="a", population="P", text="Offer z."), [tree], []) == ()


WORDS = ("offer", "aspirin", "fever", "(1A)", "Grade B.", "should", "not", ":", ";", ".", "•", "(", ")", "if", ",", "…")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=30), st.data())
def test_spans_lie_in_any_text(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    cut = data.draw(st.integers(0, len(text)))
    segments = [(0, cut, 7), (cut, len(text), cut + 20)]
    passage = Passage(
        id="a",
        population="P",
        text=text,
        segments=tuple(
            Segment(passage_start=start, document_start=place, length=end - start) for start, end, place in segments
        ),
    )
    for item in found(passage, node("C", ("clinical_feature", "fever")), node("D", (DRUG, "aspirin")), node("D")):
        span = item.passage_span
        assert 0 <= span.start < span.end <= len(text)
        assert sum(part.end - part.start for part in item.document_spans) == span.end - span.start
        assert item.kind == "strength" or item.value == text[span.start : span.end]


def test_long_text_is_quick() -> None:
    start = time.process_time()
    for piece in (
        "low low ",
        "(",
        "should ",
        "strong, ",
        "class I, ",
        "neither a nor ",
        "it is ",
        "1. ",
        "is not also ",
    ):
        find_grades(piece * 3000)
        find_cues(piece * 3000)
        of_drugs(piece * 1500 + "aspirin in fever", "aspirin")
    assert time.process_time() - start < 5
