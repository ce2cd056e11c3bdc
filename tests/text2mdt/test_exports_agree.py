"""A forest decides the same in every format, in real engines, and after it went out and came back."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from agreeing_formats import FHIR, Formats, document, without_carried_tree
from built_extractions import condition, decision, extraction, passage, tree
from random_trees import POPULATION, assignments, random_forest, random_tree

from text2mdt.export import FORMATS, export
from text2mdt.imports import read_csv, read_dmn
from text2mdt.schema import DecisionTree, Logic


def agree(trees: list[DecisionTree], random: Random, fhir: Sequence[str] = FHIR) -> None:
    """For every truth of the distinct triples."""
    formats = Formats(trees, fhir)
    for truth in assignments(trees, random):
        formats.check(truth)


def test_every_format_decides_the_same():
    random = Random(2025)
    for _ in range(10):
        agree(random_forest(random, most_questions=5), random)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_every_format_decides_the_same_on_two_thousand_trees_and_forests():
    random = Random(7)
    forests = 0
    for number in range(2000):
        large = number % 20 == 0
        trees = random_forest(random, 3 if number % 2 else 1, 10 if large else 7, 9 if large else 7, 4)
        forests += len(trees) > 1
        # Each release in one of its layouts, the next time in the other one.
        agree(trees, random, FHIR[::3] if number % 4 < 2 else FHIR[1:3])
    assert forests > 600


def test_the_check_sees_a_wrong_branch(monkeypatch):
    """The check itself: a format that exchanges two branches does not pass it."""
    one = tree(condition("a", population=POPULATION), decision("x"), decision("y"))
    other = tree(condition("a", population=POPULATION), decision("y"), decision("x"))
    formats, wrong = Formats([one]), Formats([other])
    (truth,) = [each for each in assignments([one], Random(1)) if all(each.values())]
    formats.check(truth)
    for part in ("_graphs", "_engine", "_rows", "_rebuilt", "_plans"):
        mixed = Formats([one])
        setattr(mixed.readings[0], part, getattr(wrong.readings[0], part))
        with pytest.raises(AssertionError):
            mixed.check(truth)


def test_rebuilt_trees_have_their_nodes_joined_again():
    one = tree(condition("a", "b", population=POPULATION), decision("x"),
               condition("c", "d", logic="and", population=POPULATION), decision("y"), decision("z"))  # fmt: skip
    (rebuilt,) = read_dmn(without_carried_tree(export(document(one), "dmn")["-001-1.dmn"]))
    assert [len(node.triples) for node in rebuilt.tree.nodes] == [2, 1, 2, 1, 1]
    assert [node.logical_rel for node in rebuilt.tree.nodes if node.is_condition] == [Logic.OR, Logic.AND]


def test_every_export_of_sixty_passages_is_quick():
    import time

    random = Random(5)
    trees = [random_tree(random) for _ in range(60)]
    found = extraction(*(passage(number, one, population=POPULATION) for number, one in enumerate(trees, 1)))
    for name in sorted(set(FORMATS) & {"json", "mermaid", "markdown", "graphml", "csv", "dmn", "dot"}):
        start = time.process_time()
        files = export(found, name)
        assert time.process_time() - start < 1.0, name
        assert files
    content = export(found, "csv")[".csv"]
    start = time.process_time()
    assert [one.tree for one in read_csv(content)] == trees
    assert time.process_time() - start < 1.0
