"""A worked example for the report: the gold trees and each method's, node by node, and what is right in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from text2mdt.metrics import PlainNode, links, plain_from_json

Results = dict[str, Any]

_ANSWERS = ("yes", "no")


@dataclass(frozen=True)
class ExampleNode:
    """A node of a tree: `place` is how it is reached ("if", "yes: if", "no: do"), `triples` are (sign, words)."""

    depth: int
    place: str
    triples: tuple[tuple[str, str], ...]
    logic: str


@dataclass(frozen=True)
class ExampleTrees:
    """What one side has: the trees node by node, the verdict, and the gold triples that it lacks."""

    label: str
    verdict: str
    nodes: tuple[ExampleNode, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleView:
    """A record with its gold trees and those of every method, the reference first."""

    title: str
    population: str
    text: str
    gold: ExampleTrees
    methods: tuple[ExampleTrees, ...]


def example_views(results: Results) -> list[ExampleView]:
    """The examples of the results."""
    return [_view(results, example) for example in results["examples"]]


def _view(results: Results, example: dict[str, Any]) -> ExampleView:
    gold = plain_from_json(example["tree"])
    first = [results["reference"]] if results["reference"] in example["predicted"] else []
    order = [*first, *(method for method in example["predicted"] if method not in first)]
    sides = tuple(
        _side(results["methods"][method]["label"], example["predicted"][method], gold, example["population"])
        for method in order
    )
    title = f"{example['dataset']}, record {example['id']}"
    own = ExampleTrees("gold", "", _nodes(example["tree"], None, example["population"]))
    return ExampleView(title, example["population"], example["text"], own, sides)


def _side(label: str, tree: Any, gold: list[PlainNode], population: str) -> ExampleTrees:
    predicted = plain_from_json(tree)
    has = {triple for node in predicted for triple in node.triples}
    wanted = dict.fromkeys(triple for node in gold for triple in sorted(node.triples))
    missing = tuple(_said(triple, population.lower()) for triple in wanted if triple not in has)
    verdict = "all right" if predicted == gold else "not right"
    return ExampleTrees(label, verdict, _nodes(tree, gold, population), missing)


def _nodes(tree: Sequence[dict[str, Any]], gold: list[PlainNode] | None, population: str) -> tuple[ExampleNode, ...]:
    """The nodes of a flat list; signs only where there is gold to compare with."""
    plain = plain_from_json(tree)
    roots, children = links(plain)
    places = dict.fromkeys(roots, (0, ""))
    known = {(node.role, triple) for node in gold or () for triple in node.triples}
    found = []
    for index, (node, raw) in enumerate(zip(plain, tree, strict=True)):
        depth, answer = places[index]
        for which, child in enumerate(children[index]):
            places[child] = (depth + 1, f"{_ANSWERS[which]}: ")
        triples = []
        for triple in raw["triples"]:
            lower = tuple(str(part).lower() for part in triple)
            sign = "" if gold is None else "✓ " if (node.role, lower) in known else "✗ "
            triples.append((sign, _said(triple, population)))
        logic = node.logic if len(triples) > 1 else ""
        found.append(ExampleNode(depth, answer + ("if" if node.is_condition else "do"), tuple(triples), logic))
    return tuple(found)


def _said(triple: Sequence[str], population: str) -> str:
    subject, relation, words = triple
    of = "" if subject == population else f" (of {subject})"
    return f"{relation.replace('_', ' ')}: {words}{of}"
