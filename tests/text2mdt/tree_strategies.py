"""Hypothesis strategies for trees, shared by the tests of formats, parser and grammar."""

from __future__ import annotations

from hypothesis import strategies as st

from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple

WORDS = [
    "otorrhoea",
    "age < 6 months",
    "阿莫西林",
    "轻度脱水，不伴酸中毒",
    "a | b & c",
    "x [y]: z",
    "1 if drug: q",
    "none",
]
TEXT = st.one_of(st.sampled_from(WORDS), st.text(max_size=12), st.text(alphabet="\\|&[]\n\r :-n1", max_size=8))


@st.composite
def nodes(draw: st.DrawFn, role: Role, population: str) -> Node:
    triples = draw(
        st.lists(
            st.builds(
                Triple,
                st.one_of(st.just(population), TEXT),
                st.sampled_from([relation.name for relation in ENGLISH.of_role(role)]),
                TEXT,
            ),
            min_size=1 if role is Role.CONDITION else 0,
            max_size=4,
        )
    )
    logic = draw(st.sampled_from([Logic.AND, Logic.OR])) if len(triples) > 1 else Logic.NULL
    return Node(role=role, triples=tuple(triples), logical_rel=logic)


@st.composite
def trees(draw: st.DrawFn, population: str) -> DecisionTree:
    found, missing = [], 1
    while missing:
        asks = len(found) < 8 and draw(st.booleans())
        found.append(draw(nodes(Role.CONDITION if asks else Role.DECISION, population)))
        missing += 1 if asks else -1
    return DecisionTree(nodes=tuple(found))


@st.composite
def forests(draw: st.DrawFn) -> tuple[str, list[DecisionTree]]:
    """A population and up to three trees."""
    population = draw(TEXT)
    return population, draw(st.lists(trees(population), max_size=3))
