"""Groundings: the right one of several mentions, exact spans, nothing invented."""

from __future__ import annotations

from text2mdt.grounding import ground, mentions
from text2mdt.schema import DecisionTree, Node, Passage, Segment, Span, Triple, split_forest

POPULATION = "Adults with gout"


def node(role: str, *triples: tuple[str, str] | tuple[str, str, str], logic: str = "null") -> Node:
    full = tuple(Triple(*triple) if len(triple) == 3 else Triple(POPULATION, *triple) for triple in triples)
    return Node(role=role, triples=full, logical_rel=logic if len(full) > 1 else "null")


def objects(text: str, *nodes: Node) -> dict[tuple[int, int], int]:
    """Where each object starts."""
    passage = Passage(id="a-001", population=POPULATION, text=text)
    found = ground(passage, split_forest(nodes))
    for grounding in found:
        triple = nodes[grounding.node].triples[grounding.triple]
        words = triple.object if grounding.part == "object" else triple.subject
        span = grounding.passage_span
        assert text[span.start : span.end].lower() == words.lower()
    return {(g.node, g.triple): g.passage_span.start for g in found if g.part == "object"}


def place(text: str, words: str, count: int = 1) -> int:
    position = -1
    for _ in range(count):
        position = text.index(words, position + 1)
    return position


def test_a_dose_stands_behind_its_drug() -> None:
    text = "Mild gout: colchicine 5 mg daily or naproxen 9 mg. Severe gout: naproxen 5 mg daily."
    found = objects(
        text,
        node("C", ("clinical_feature", "Severe gout")),
        node("D", ("therapeutic_drug", "naproxen"), ("naproxen", "dosage", "5 mg daily"), logic="and"),
        node("D"),
    )
    assert found[1, 0] == place(text, "naproxen", 2)
    assert found[1, 1] == place(text, "5 mg daily", 2)


def test_graded_cases_take_their_own_mention() -> None:
    text = "Under 2 years, prednisolone 10 mg; 2 to 5 years, prednisolone 20 mg; older children, prednisolone 40 mg."

    def dose(amount: str) -> Node:
        return node("D", ("therapeutic_drug", "prednisolone"), ("prednisolone", "dosage", amount), logic="and")

    found = objects(
        text,
        node("C", ("basic_information", "Under 2 years")),
        dose("10 mg"),
        node("C", ("basic_information", "2 to 5 years")),
        dose("20 mg"),
        dose("40 mg"),
    )
    assert [found[index, 0] for index in (1, 3, 4)] == [place(text, "prednisolone", count) for count in (1, 2, 3)]


def test_first_line_and_failure() -> None:
    text = "Give allopurinol to all. If allopurinol is not tolerated, febuxostat is used."
    found = objects(
        text,
        node("C", ("clinical_feature", "allopurinol is not tolerated")),
        node("D", ("therapeutic_drug", "febuxostat")),
        node("D", ("therapeutic_drug", "allopurinol")),
    )
    assert found[2, 0] == place(text, "allopurinol", 1)


def test_two_trees_take_two_mentions() -> None:
    text = "In fever, do an urgent CT scan. In seizures, do an urgent CT scan."
    found = objects(
        text,
        node("C", ("clinical_feature", "fever")),
        node("D", ("investigation", "urgent CT scan")),
        node("D"),
        node("C", ("clinical_feature", "seizures")),
        node("D", ("investigation", "urgent CT scan")),
        node("D"),
    )
    assert found[1, 0] == place(text, "urgent CT scan", 1)
    assert found[4, 0] == place(text, "urgent CT scan", 2)


def test_whole_words_then_parts_then_other_case() -> None:
    assert mentions("ironic iron", "iron") == ((7, 11),)
    assert mentions("ironic", "iron") == ((0, 4),)
    assert mentions("Iron", "iron") == ((0, 4),)
    assert mentions("IRON iron", "iron") == ((5, 9),)
    assert mentions("two  words", "two words") == ((0, 10),)
    assert mentions("≥ 5 mg/kg (max)", "(max)") == ((10, 15),)
    assert mentions("abc", "") == ()
    assert mentions("abc", "x") == ()


def test_subjects() -> None:
    text = "Adults with gout and fever need colchicine 1 mg, as adults with gout often do."
    passage = Passage(id="a-001", population=POPULATION, text=text)
    tree = DecisionTree(
        nodes=(
            node("C", ("clinical_feature", "fever")),
            node("D", ("therapeutic_drug", "colchicine"), ("colchicine", "dosage", "1 mg"), logic="and"),
            node("D", ("Men", "referral", "clinic")),
        )
    )
    found = {(g.node, g.triple, g.part): g.passage_span.start for g in ground(passage, [tree])}
    assert found == {
        (0, 0, "subject"): 0,
        (0, 0, "object"): text.index("fever"),
        (1, 0, "subject"): 0,
        (1, 0, "object"): text.index("colchicine"),
        (1, 1, "subject"): text.index("colchicine"),
        (1, 1, "object"): text.index("1 mg"),
    }


def test_document_spans_cross_a_join() -> None:
    segments = (
        Segment(passage_start=0, document_start=10, length=6),
        Segment(passage_start=7, document_start=40, length=4),
    )
    passage = Passage(id="a-001", population="P", text="severe pain", segments=segments)
    tree = DecisionTree(nodes=(node("C", ("clinical_feature", "severe pain")), node("D"), node("D")))
    (grounding,) = ground(passage, [tree])
    assert grounding.document_spans == (Span(start=10, end=16), Span(start=40, end=44))


def test_nothing_to_ground() -> None:
    passage = Passage(id="a-001", population="P", text="words")
    assert ground(passage, []) == ()
    assert (
        ground(passage, [DecisionTree(nodes=(node("C", ("clinical_feature", "absent")), node("D"), node("D")))]) == ()
    )
