"""Nodes as text: readable, and exact there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree_strategies import TEXT, nodes

from text2mdt.node_text import node_line, node_lines, read_node, read_node_line
from text2mdt.schema import Logic, Node, Role, Triple

FEVER = Triple("P", "clinical_feature", "fever")
DRUG, DOSE = Triple("P", "therapeutic_drug", "amoxicillin"), Triple("amoxicillin", "dosage", "500 mg")
PIECES = [
    "AND",
    "OR",
    ":",
    " of ",
    "[",
    "]",
    "\\",
    "\\-",
    " ",
    "\n",
    "\u2028",
    "\u202e",
    "\ud800",
    "\x00",
    "𝔸",
    "dosage: ",
]
WORDS = st.one_of(TEXT, st.lists(st.sampled_from(PIECES), max_size=4).map("".join))


@st.composite
def wild_nodes(draw: st.DrawFn) -> Node:
    triples = draw(st.lists(st.builds(Triple, WORDS, st.one_of(WORDS, st.just("dosage")), WORDS), max_size=3))
    logic = draw(st.sampled_from([Logic.AND, Logic.OR])) if len(triples) > 1 else Logic.NULL
    return Node(role=Role.DECISION, triples=tuple(triples), logical_rel=logic)


@given(st.one_of(wild_nodes(), nodes(Role.DECISION, "P"), nodes(Role.CONDITION, "P")), st.sampled_from(["P", "", ": "]))
def test_there_and_back(node, population):
    lines = node_lines(node, population)
    assert all((line == line.strip() and line.isprintable()) or "\xa0" in line for line in lines if line.isascii())
    assert not any("\n" in line for line in lines)
    "\n".join(lines).encode()
    assert read_node(lines, node.role, population) == node
    assert read_node_line(node_line(node, population), node.role, population) == node


def test_it_reads_well():
    node = Node(role="D", triples=(DRUG, DOSE), logical_rel="and")
    assert node_lines(node, "P") == ["therapeutic drug: amoxicillin", "AND", "dosage: 500 mg"]
    assert node_line(node, "P") == "therapeutic drug: amoxicillin AND dosage: 500 mg"
    other = Node(role="D", triples=(DOSE, DRUG._replace(object="this AND that")), logical_rel="or")
    assert node_line(other, "P") == r"dosage of amoxicillin: 500 mg OR therapeutic drug: this \AND that"
    assert node_lines(Node(role="D"), "P") == ["no recommendation given"]


@pytest.mark.parametrize(
    ("lines", "role", "triples"),
    [
        (["fever"], "C", [FEVER]),
        (["", "  Clinical Feature:fever "], "C", [FEVER]),
        (["Temperature: 38 °C"], "C", [Triple("P", "clinical_feature", "Temperature: 38 °C")]),
        (["bed rest"], "D", [Triple("P", "treatment_plan", "bed rest")]),
        (["None"], "D", []),
        ([], "D", []),
        (["[临床表现]: 发热"], "C", [Triple("P", "临床表现", "发热")]),
        (["therapeutic drug: amoxicillin", "and", "dosage: 500 mg"], "D", [DRUG, DOSE]),
    ],
)
def test_what_people_write_is_read(lines, role, triples):
    assert list(read_node(lines, Role(role), "P").triples) == triples


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "without words"),
        (["AND", "fever"], "without a line before"),
        (["fever", "OR"], "nothing behind"),
        (["fever", "rash"], "neither AND nor OR"),
        (["a", "AND", "b", "OR", "c"], "AND and OR in one node"),
    ],
)
def test_what_cannot_be_read_is_named(lines, message):
    with pytest.raises(ValueError, match=message):
        read_node(lines, Role.CONDITION, "P")
