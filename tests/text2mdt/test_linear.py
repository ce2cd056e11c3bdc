"""The target formats: what is written, and that it reads back exactly."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from tiny_model import tiny_tokenizer
from tree_strategies import forests

from text2mdt.errors import Text2MDTError
from text2mdt.linear import FORMATS, Segment, encode_target, get_format
from text2mdt.parser import parse
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple

P = "Children with acute otitis media"
TREE = DecisionTree(
    nodes=(
        Node(
            role=Role.CONDITION,
            triples=(
                Triple(P, "clinical_feature", "otorrhoea"),
                Triple(P, "basic_information", "younger than 6 months"),
            ),
            logical_rel=Logic.OR,
        ),
        Node(
            role=Role.DECISION,
            triples=(
                Triple(P, "therapeutic_drug", "amoxicillin"),
                Triple("amoxicillin", "dosage", "45 mg/kg"),
                Triple("paracetamol", "dosage", "as needed"),
            ),
            logical_rel=Logic.AND,
        ),
        Node(role=Role.CONDITION, triples=(Triple(P, "clinical_feature", "severe [see A & B]"),)),
        Node(role=Role.DECISION, triples=(Triple(P, "therapeutic_drug", "amoxicillin"),)),
        Node(role=Role.DECISION),
    )
)
OUTLINE = r"""1 if feature: otorrhoea | basic: younger than 6 months
1 yes drug: amoxicillin & dose: 45 mg/kg & dose [paracetamol]: as needed
1 no 2 if feature: severe \[see A \& B\]
2 yes drug: amoxicillin
2 no none"""
ADVICE = DecisionTree(nodes=(Node(role=Role.DECISION, triples=(Triple(P, "referral", "ENT"),)),))


def test_outline_text():
    outline = get_format("outline")
    assert outline.write([TREE], P, ENGLISH) == OUTLINE
    assert outline.write([TREE, ADVICE], P, ENGLISH) == OUTLINE + "\n1 do refer: ENT"
    assert outline.write([], P, ENGLISH) == "none"
    assert parse(OUTLINE, P, "outline", ENGLISH).trees == [TREE]


def test_outline_segments_part_structure_from_spans():
    segments = get_format("outline").segments([TREE], P, ENGLISH)
    assert segments[:5] == [
        Segment("1 if feature:", False),
        Segment(" otorrhoea", True),
        Segment(" | basic:", False),
        Segment(" younger than 6 months", True),
        Segment("\n1 yes drug:", False),
    ]
    assert Segment(" & dose [", False) in segments
    assert segments[segments.index(Segment("paracetamol", True)) + 1] == Segment("]:", False)
    assert segments[-1] == Segment("\n2 no none", False)


def test_json_text():
    text = get_format("json").write([ADVICE], P, ENGLISH)
    assert text == (
        '[{"role":"D","triples":[["Children with acute otitis media","referral","ENT"]],"logical_rel":"null"}]'
    )
    assert get_format("json").write([], P, ENGLISH) == "[]"


def test_if_then_else_text():
    written = get_format("if_then_else")
    assert written.write([TREE, ADVICE], P, ENGLISH) == (
        "if feature: otorrhoea | basic: younger than 6 months\n"
        "then drug: amoxicillin & dose: 45 mg/kg & dose [paracetamol]: as needed\n"
        r"else if feature: severe \[see A \& B\]" + "\n"
        "then drug: amoxicillin\n"
        "else none\n"
        "do refer: ENT"
    )
    assert written.write([], P, ENGLISH) == "none"


PASSAGE = "Give amoxicillin 45 mg/kg as needed for otorrhoea in those younger than 6 months or severe [see A & B]."
THOUGHTS = {
    "plan_outline": "plan C D C D N\n",
    "triples_outline": "triples\ndrug: amoxicillin\ndose: 45 mg/kg\ndose: as needed\nfeature: otorrhoea\n"
    "basic: younger than 6 months\n" + r"feature: severe \[see A \& B\]" + "\n",
    "nodes_outline": "groups\n! drug: amoxicillin & dose: 45 mg/kg & dose [paracetamol]: as needed\n"
    "! drug: amoxicillin\n? feature: otorrhoea | basic: younger than 6 months\n"
    + r"? feature: severe \[see A \& B\]"
    + "\n",
}
THOUGHTS["steps_outline"] = THOUGHTS["triples_outline"] + THOUGHTS["nodes_outline"]


@pytest.mark.parametrize(("name", "thoughts"), THOUGHTS.items(), ids=THOUGHTS)
def test_thoughts_stand_before_the_outline_in_the_order_of_the_passage(name, thoughts):
    segments = get_format(name).segments([TREE], P, ENGLISH, PASSAGE)
    assert "".join(segment.text for segment in segments) == thoughts + OUTLINE
    assert all(one.is_span or other.is_span for one, other in pairwise(segments))
    assert get_format(name).write([], P, ENGLISH) == "none"


def test_triples_with_one_object_stand_in_the_order_of_the_tree():
    """Their order may not come from a hash, which differs from process to process."""
    for relations in permutations(("therapeutic_drug", "contraindicated_drug", "treatment_plan", "referral")):
        triples = tuple(Triple(P, relation, "x") for relation in relations)
        nodes = (
            TREE.nodes[0],
            Node(role=Role.DECISION, triples=triples, logical_rel=Logic.AND),
            Node(role=Role.DECISION),
        )
        segments = get_format("triples_outline").segments([DecisionTree(nodes=nodes)], P, ENGLISH, "x or y")
        lines = "".join(segment.text for segment in segments).splitlines()[1:5]
        assert lines == [f"{ENGLISH.named(relation).keyword}: x" for relation in relations]


def test_if_then_else_may_be_indented_and_have_other_line_ends():
    text = get_format("if_then_else").write([TREE], P, ENGLISH)
    for changed in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), text.replace("\nthen", "\n  then")):
        assert parse(changed, P, "if_then_else", ENGLISH).trees == [TREE]


def test_the_outline_counts_where_thoughts_differ_from_it():
    text = "plan C N N C D D\n" + OUTLINE
    assert parse(text, P, "plan_outline", ENGLISH).trees == [TREE]
    with pytest.raises(Text2MDTError, match="T2M002"):
        parse("plan C D N\n", P, "plan_outline", ENGLISH)


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ("if feature: otorrhoea\nthen drug: amoxicillin", "missing branches closed"),
        ("if feature: otorrhoea\nelse drug: amoxicillin", "missing yes-branch closed"),
        ("if feature: otorrhoea\nthen none\nthen none\nelse drug: amoxicillin", "left-over line dropped"),
        ("else none\nif feature: otorrhoea\nthen none\nelse none", "left-over line dropped"),
        ("Here it is:\nif feature: otorrhoea\nthen none\nelse none", "line without a label dropped"),
    ],
)
def test_if_then_else_is_mended(text, repair):
    parsed = parse(text, P, "if_then_else", ENGLISH)
    assert [node.is_condition for tree in parsed.trees for node in tree.nodes] == [True, False, False]
    assert any(line.startswith(repair) for line in parsed.repairs), parsed.repairs


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None)
@given(forest=forests())
def test_round_trip_is_exact_and_strict(name, forest):
    population, trees = forest
    text = get_format(name).write(trees, population, ENGLISH)
    parsed = parse(text, population, name, ENGLISH)
    assert parsed.trees == trees
    assert parsed.repairs == ()


@pytest.mark.parametrize("name", FORMATS)
def test_deep_trees_round_trip(name):
    asks = Node(role=Role.CONDITION, triples=(Triple(P, "clinical_feature", "x"),))
    deep = DecisionTree(nodes=(asks,) * 3000 + (Node(role=Role.DECISION),) * 3001)
    assert parse(get_format(name).write([deep], P, ENGLISH), P, name, ENGLISH).trees == [deep]


@pytest.mark.parametrize("name", FORMATS)
def test_segments_are_tokenised_apart(name):
    tokenizer = tiny_tokenizer()
    segments = get_format(name).segments([TREE], P, ENGLISH)
    ids = encode_target(tokenizer, segments)
    assert tokenizer.decode(ids) == get_format(name).write([TREE], P, ENGLISH)
    apart = [tokenizer(segment.text, add_special_tokens=False)["input_ids"] for segment in segments]
    assert ids == [token for tokens in apart for token in tokens]
    assert encode_target(tokenizer, []) == []


def test_unknown_names():
    with pytest.raises(Text2MDTError) as error:
        get_format("prose")
    assert error.value.code == "T2M003"
    wrong = DecisionTree(nodes=(Node(role=Role.DECISION, triples=(Triple(P, "prognosis", "good"),)),))
    for name in FORMATS:
        with pytest.raises(Text2MDTError) as error:
            get_format(name).write([wrong], P, ENGLISH)
        assert error.value.code == "T2M004"
