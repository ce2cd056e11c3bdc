"""One forest in every format that holds logic, each read by code that knows nothing of how it was written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import starmap

import networkx as nx
from built_extractions import extraction, passage
from dmn_engine import SCHEMA, Engine
from lxml import etree
from plan_decisions import check_decision
from plan_interpreter import PlanInterpreter
from random_trees import POPULATION, decided

from text2mdt.cases import QuestionKey, distinct_questions, question_key
from text2mdt.export import export
from text2mdt.export.fhir.legal import words
from text2mdt.graph import from_networkx, to_networkx
from text2mdt.imports import READERS, read_dmn
from text2mdt.node_text import node_line, node_lines, triple_line
from text2mdt.schema import DecisionTree, Extraction, Triple

XSD = etree.XMLSchema(etree.parse(SCHEMA))
WHOLE = {"json": "json", "csv": "csv", "markdown": "md"}
EACH = {"mermaid": "mmd", "dmn": "dmn", "graphml": "graphml"}
FHIR = ("fhir-r4b", "fhir-r5", "fhir-r4b-rules", "fhir-r5-rules")

Truth = Mapping[QuestionKey, bool]


def document(*trees: DecisionTree) -> Extraction:
    """All trees in one passage."""
    return extraction(passage(1, *trees, population=POPULATION, pages=(3,)))


def without_carried_tree(dmn: str) -> str:
    """As a program leaves the file that keeps no elements of others; the population is kept."""
    return re.sub(r', "nodes": .*(?=</text2mdt:tree>)', "}", dmn)


class Formats:
    """A forest in every format, of those of FHIR in the ones that are named.

    Raises:
        AssertionError: where a file that comes back gives other trees.
    """

    def __init__(self, trees: list[DecisionTree], fhir: Sequence[str] = FHIR) -> None:
        self.trees = trees
        found = document(*trees)
        whole = {name: next(iter(export(found, name).values())) for name in (*WHOLE, *fhir)}
        each = {name: list(export(found, name).values()) for name in EACH}
        self._check_back(whole, each)
        rows = csv_rows(whole["csv"])
        plans = [Plans(whole[name]) for name in fhir]
        self.readings = [
            TreeReadings(
                tree,
                {name: files[number] for name, files in each.items()},
                [row for row in rows if row["tree"] == str(number + 1)],
                [one.of_tree(number) for one in plans],
            )
            for number, tree in enumerate(trees)
        ]

    def _check_back(self, whole: dict[str, str], each: dict[str, list[str]]) -> None:
        for name, ending in WHOLE.items():
            assert [one.tree for one in READERS[f".{ending}"](whole[name], "")] == self.trees, name
        for name in ("mermaid", "dmn"):
            assert [READERS[f".{EACH[name]}"](one, "")[0].tree for one in each[name]] == self.trees, name
        for name in set(FHIR) & set(whole):
            back = [one.tree for one in READERS[".json"](whole[name], "")]
            assert back == [in_fhir_words(tree) for tree in self.trees], name

    def check(self, truth: Truth) -> None:
        """Raises AssertionError unless every tree decides the same in every format; `truth` of all its questions."""
        for one in self.readings:
            one.check(truth)


class TreeReadings:
    """One tree in every format. Answers to other questions change nothing in it: each truth of its own is read once."""

    def __init__(
        self, tree: DecisionTree, files: dict[str, str], rows: list[dict[str, str]], plans: list[Callable[..., None]]
    ) -> None:
        self._tree, self._rows, self._plans = tree, rows, plans
        self._questions = distinct_questions([tree])
        self._seen: set[tuple[bool, ...]] = set()
        parsed = nx.parse_graphml(files["graphml"])
        for _, data in parsed.nodes(data=True):
            data["triples"] = json.loads(data["triples"])
        assert from_networkx(parsed) == tree
        self._graphs = [to_networkx(tree), parsed]
        XSD.assertValid(etree.fromstring(files["dmn"].encode()))
        self._engine = Engine(files["dmn"])
        (self._rebuilt,) = read_dmn(without_carried_tree(files["dmn"]))

    def check(self, truth: Truth) -> None:
        own = tuple(truth[key] for key in self._questions)
        if own in self._seen:
            return
        self._seen.add(own)
        reached = decided(self._tree, truth)
        leaf = self._tree.nodes[reached]
        for graph in self._graphs:
            assert by_graph(graph, truth)["triples"] == [list(triple) for triple in leaf.triples]
        answers = {triple_line(triple, POPULATION): truth[key] for key, triple in self._questions.items()}
        assert self._engine.outputs(answers) == [node_line(leaf, POPULATION)], "exactly one rule fits"
        assert by_csv(self._rows, answers) == ["\n".join(node_lines(leaf, POPULATION))]
        assert outcome(self._rebuilt.tree, truth) == node_lines(leaf, POPULATION)
        for plan in self._plans:
            plan(self._tree, truth, reached)


class Plans:
    """The PlanDefinitions of a Bundle, applied by an engine that honours applicabilityBehavior and one that does not"""

    def __init__(self, content: str) -> None:
        bundle = json.loads(content)
        resources = [entry["resource"] for entry in bundle["entry"]]
        plans = [one for one in resources if one["resourceType"] == "PlanDefinition"]
        self._urls = [one["url"] for one in plans if one["type"]["coding"][0]["code"] != "eca-rule"]
        self._engines = [PlanInterpreter(bundle, knows) for knows in (True, False)]
        self._names = {comment: name for name, comment in self._engines[0].comments.items() if comment}

    def of_tree(self, number: int) -> Callable[[DecisionTree, Truth, int], None]:
        url = self._urls[number]

        def check(tree: DecisionTree, truth: Truth, reached: int) -> None:
            asked = [triple for node in tree.nodes if node.is_condition for triple in node.triples]
            named = {self._names[_comment(triple)]: truth[question_key(triple)] for triple in asked}
            for engine in self._engines:
                check_decision(engine.apply(url, named), tree, reached)

        return check


def _comment(triple: Triple) -> str:
    subject, relation, told = (" ".join(words(part).split()) for part in triple)
    return f"{relation} of {subject}: {told}"


def in_fhir_words(tree: DecisionTree) -> DecisionTree:
    """The tree with its words as FHIR can hold them: no control characters, none empty."""
    nodes = []
    for node in tree.nodes:
        triples = tuple(Triple(*map(words, triple)) for triple in node.triples)
        nodes.append(node.model_copy(update={"triples": triples}))
    return DecisionTree(nodes=tuple(nodes))


def outcome(one: DecisionTree, truth: Truth) -> list[str]:
    """The decision of a tree in words; its conditions may be merged, split or written in another order."""
    return node_lines(one.nodes[decided(one, truth)], POPULATION)


def by_graph(graph: nx.DiGraph, truth: Truth) -> dict:
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
    guard = re.compile(r"^'(?=\s*[-=+@\t\r\n|%＝＋－＠'])")
    rows = csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    return [{name: guard.sub("", cell) for name, cell in row.items()} for row in rows]
