"""A tree decides the same in every format, in a real engine, and after it went out and came back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import starmap
from random import Random

import networkx as nx
import pytest
from built_extractions import condition, decision, extraction, passage, tree
from dmn_engine import SCHEMA, Engine
from lxml import etree
from random_trees import POPULATION, assignments, decided, random_tree

from text2mdt.cases import QuestionKey, distinct_questions, question_key
from text2mdt.export import FORMATS, export
from text2mdt.graph import from_networkx, to_networkx
from text2mdt.imports import READERS, read_csv, read_dmn
from text2mdt.node_text import node_line, node_lines, triple_line
from text2mdt.schema import DecisionTree, Extraction, Logic, Role, Triple

FILES = {"json": ".json", "csv": ".csv", "markdown": ".md", "mermaid": "-001-1.mmd", "dmn": "-001-1.dmn"}
XSD = etree.XMLSchema(etree.parse(SCHEMA))


def document(one: DecisionTree) -> Extraction:
    return extraction(passage(1, one, population=POPULATION, pages=(3,)))


def outcome(one: DecisionTree, truth: Mapping[QuestionKey, bool]) -> list[str]:
    """The decision of a tree in words; its conditions may be merged, split or written in another order."""
    return node_lines(one.nodes[decided(one, truth)], POPULATION)


def by_graph(graph: nx.DiGraph, truth: Mapping[QuestionKey, bool]) -> dict:
    (name,) = [name for name, degree in graph.in_degree() if degree == 0]
    while (data := graph.nodes[name])["role"] == "C":
        values = [truth[question_key(triple)] for triple in starmap(Triple, data["triples"])]
        holds = any(values) if data["logical_rel"] == "or" else all(values)
        (name,) = [child for _, child, answer in graph.out_edges(name, data="answer") if answer is holds]
    return data


def by_csv(rows: list[dict[str, str]], truth: Mapping[str, bool]) -> list[str]:
    """The decisions of the rows whose answers all fit; cells are read by their lines, not by our reader."""
    found = []
    for row in rows:
        asked = [(row[f"condition_{n}"], row[f"answer_{n}"]) for n in range(1, 100) if row.get(f"condition_{n}")]
        if all(_cell_holds(cell, truth) == (answer == "yes") for cell, answer in asked):
            found.append(row["decision"])
    return found


def _cell_holds(cell: str, truth: Mapping[str, bool]) -> bool:
    values = [truth[line] for line in cell.split("\n")[::2]]
    return any(values) if "\nOR\n" in cell else all(values)


def csv_rows(content: str) -> list[dict[str, str]]:
    import csv
    import io

    guard = re.compile(r"^'(?=\s*[-=+@\t\r\n|%＝＋－＠'])")
    rows = csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    return [{name: guard.sub("", cell) for name, cell in row.items()} for row in rows]


def agree(one: DecisionTree, random: Random, most: int) -> None:
    found = document(one)
    files = {name: export(found, name)[ending] for name, ending in FILES.items()}
    graphs = [to_networkx(one), nx.parse_graphml(export(found, "graphml")["-001-1.graphml"])]
    for _, data in graphs[1].nodes(data=True):
        data["triples"] = json.loads(data["triples"])
    XSD.assertValid(etree.fromstring(files["dmn"].encode()))
    engine = Engine(files["dmn"])
    rows = csv_rows(files["csv"])
    back = {name: READERS["." + ending.rpartition(".")[2]](files[name], "")[0].tree for name, ending in FILES.items()}
    assert {name for name, tree in back.items() if tree != one} == set(), "not the same after coming back"
    assert from_networkx(graphs[1]) == one
    (rebuilt,) = read_dmn(without_carried_tree(files["dmn"]))
    questions = distinct_questions([one])
    for truth in assignments(one, random, most):
        leaf = one.nodes[decided(one, truth)]
        for graph in graphs:
            assert by_graph(graph, truth)["triples"] == [list(triple) for triple in leaf.triples]
        answers = {triple_line(questions[key], POPULATION): holds for key, holds in truth.items()}
        assert engine.outputs(answers) == [node_line(leaf, POPULATION)], "exactly one rule fits"
        assert by_csv(rows, answers) == ["\n".join(node_lines(leaf, POPULATION))]
        assert outcome(rebuilt.tree, truth) == node_lines(leaf, POPULATION)


def without_carried_tree(dmn: str) -> str:
    """As a program leaves the file that keeps no elements of others; the population is kept."""
    return re.sub(r', "nodes": .*(?=</text2mdt:tree>)', "}", dmn)


def test_every_format_decides_the_same():
    random = Random(2025)
    for _ in range(150):
        agree(random_tree(random), random, 24)


@pytest.mark.slow
def test_every_format_decides_the_same_on_two_thousand_trees():
    random = Random(7)
    for _ in range(2000):
        agree(random_tree(random, most_conditions=9, most_triples=4), random, 1024)


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


def test_a_second_engine_decides_the_same_and_a_third_one_loads_it():
    reason = "pyDMNrules and cdmn are under the GPL: installed by hand to run this"
    pyDMNrules = pytest.importorskip("pyDMNrules", reason=reason)
    cdmn = pytest.importorskip("cdmn.parse_xml", reason=reason)
    for number, one in enumerate(plain_trees(12)):
        dmn = export(document(one), "dmn")["-001-1.dmn"].partition("?>")[2]
        cdmn.XMLparser(dmn)
        engine = pyDMNrules.DMN()
        assert engine.useXML(dmn) == {}
        questions = distinct_questions([one])
        for truth in assignments(one, Random(number), 8):
            data = {triple_line(questions[key], POPULATION): holds for key, holds in truth.items()}
            _, found = engine.decide(data)
            found = found[-1] if isinstance(found, list) else found
            leaf = one.nodes[decided(one, truth)]
            assert found["Result"][found["Executed Rule"][1]] == node_line(leaf, POPULATION)


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
