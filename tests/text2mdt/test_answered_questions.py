"""Questions that are answered on their way."""

from __future__ import annotations

from random import Random

import pytest
from random_trees import assignments, decided, random_tree
from toy_corpus import condition, decision, tree

from text2mdt.answered_questions import known_answer, without_answered_questions
from text2mdt.schema import DecisionTree, Logic


def objects(found: DecisionTree) -> list[list[str]]:
    return [[triple.object for triple in node.triples] for node in found.nodes]


def chain(first: str, second: str) -> DecisionTree:
    """The second question on the no-branch of the first."""
    return tree(condition(first), decision("a"), condition(second), decision("b"), decision("c"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("potassium is 4.5 mmol/l or less", "potassium above 4.5 mmol/l"),
        ("eGFR below 30 mL/min", "eGFR of 30 mL/min or more"),
        ("high bleeding risk", "bleeding risk is not high"),
        ("no fever", "fever"),
        ("fever without rash", "fever with rash"),
    ],
)
def test_the_complement_is_no_question(first, second):
    assert objects(without_answered_questions(chain(first, second))) == [[first], ["a"], ["b"]]


def test_a_question_that_was_answered_with_no():
    assert objects(without_answered_questions(chain("fever", "fever"))) == [["fever"], ["a"], ["c"]]


def test_a_question_that_was_answered_with_yes():
    found = tree(
        condition("fever"), condition("rash"), condition("fever"), decision("a"), decision("b"), decision(), decision()
    )
    assert objects(without_answered_questions(found)) == [["fever"], ["rash"], ["a"], [], []]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("eGFR below 30 mL/min", "eGFR of 30 to 60 mL/min"),  # over 60 is left
        ("potassium above 4.5 mmol/l", "sodium of 4.5 mmol/l or less"),  # another measure
        ("fever", "rash"),
        ("fever", "fever for longer than a day"),
        ("no fever", "no rash"),
        ("pain is stable", "pain is unstable and severe"),
    ],
)
def test_open_questions_stay(first, second):
    found = chain(first, second)
    assert without_answered_questions(found) is found


def test_a_negation_is_known_only_right_below_a_no():
    assert known_answer(condition("no fever"), ((condition("fever"), True),)) is None
    assert known_answer(condition("no fever"), ((condition("fever"), False),)) is True
    assert known_answer(condition("no fever"), ((condition("fever"), False), (condition("rash"), True))) is None


def test_conditions_of_several_triples_are_compared_as_a_whole():
    both = condition("fever", "rash")
    turned = both.model_copy(update={"triples": tuple(reversed(both.triples))})
    assert known_answer(turned, ((both, False),)) is False
    assert known_answer(both.model_copy(update={"logical_rel": Logic.AND}), ((both, False),)) is None


@pytest.mark.parametrize("seed", range(200))
def test_the_tree_decides_as_before(seed):
    random = Random(seed)
    found = random_tree(random)
    mended = without_answered_questions(found)
    for truth in assignments([found], random, most=64):
        assert mended.nodes[decided(mended, truth)] == found.nodes[decided(found, truth)]


def test_random_trees_do_ask_twice():
    trees = [random_tree(Random(seed)) for seed in range(200)]
    assert sum(without_answered_questions(tree) != tree for tree in trees) > 10


def test_a_deep_tree():
    nodes = [node for number in range(2000) for node in (condition(f"sign {number % 7}"), decision("a"))]
    assert len(without_answered_questions(tree(*nodes, decision())).nodes) == 15
