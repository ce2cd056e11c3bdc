"""DMN files in other engines than the one of the tests of all formats."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import dmn_js
import pytest
from agreeing_formats import document
from built_extractions import condition, decision, tree
from random_trees import POPULATION, assignments, decided, random_tree

from text2mdt.cases import QuestionKey, distinct_questions
from text2mdt.export import export
from text2mdt.node_text import node_line, triple_line
from text2mdt.schema import DecisionTree, Logic, Role


def answers(one: DecisionTree, truth: dict[QuestionKey, bool]) -> dict[str, bool]:
    """By the label of the input."""
    questions = distinct_questions([one])
    return {triple_line(questions[key], POPULATION): holds for key, holds in truth.items()}


def agree_in_javascript(trees: list[DecisionTree], random: Random) -> None:
    truths = [list(assignments([one], random)) for one in trees]
    tables = [
        dmn_js.Table(export(document(one), "dmn")["-001-1.dmn"], [answers(one, truth) for truth in of_tree])
        for one, of_tree in zip(trees, truths, strict=True)
    ]
    for one, of_tree, found in zip(trees, truths, dmn_js.outputs(tables), strict=True):
        assert found == [[node_line(one.nodes[decided(one, truth)], POPULATION)] for truth in of_tree]


@pytest.mark.skipif(not dmn_js.INSTALLED, reason=dmn_js.REASON)
def test_the_libraries_of_bpmn_io_decide_the_same():
    random = Random(11)
    agree_in_javascript([random_tree(random, most_triples=2) for _ in range(40)], random)


@pytest.mark.slow
@pytest.mark.skipif(not dmn_js.INSTALLED, reason=dmn_js.REASON)
@pytest.mark.parametrize("seed", range(10))
def test_the_libraries_of_bpmn_io_decide_the_same_on_two_thousand_trees(seed):
    random = Random(seed)
    agree_in_javascript([random_tree(random) for _ in range(200)], random)


def plain_trees(number: int) -> Iterator[DecisionTree]:
    """Trees whose words are letters only: what the other engines take for names and strings."""
    random = Random(number)
    for _ in range(number):
        wild = random_tree(random)
        while not wild.nodes[0].is_condition:
            wild = random_tree(random)
        letters: dict[str, str] = {}
        nodes = []
        for node in wild.nodes:
            words = [letters.setdefault(t.object, f"finding {chr(97 + len(letters))}") for t in node.triples]
            make = condition if node.role is Role.CONDITION else decision
            logic = "or" if node.logical_rel is Logic.OR else "and"
            nodes.append(make(*words, logic=logic, population=POPULATION))
        yield tree(*nodes)


@pytest.mark.slow
def test_two_more_engines_take_plain_words():
    reason = "pyDMNrules and cdmn are under the GPL: installed by hand to run this"
    pyDMNrules = pytest.importorskip("pyDMNrules", reason=reason)
    cdmn = pytest.importorskip("cdmn.parse_xml", reason=reason)
    for number, one in enumerate(plain_trees(12)):
        dmn = export(document(one), "dmn")["-001-1.dmn"].partition("?>")[2]
        cdmn.XMLparser(dmn)
        engine = pyDMNrules.DMN()
        assert engine.useXML(dmn) == {}
        for truth in assignments([one], Random(number), 8):
            _, found = engine.decide(answers(one, truth))
            found = found[-1] if isinstance(found, list) else found
            leaf = one.nodes[decided(one, truth)]
            assert found["Result"][found["Executed Rule"][1]] == node_line(leaf, POPULATION)
