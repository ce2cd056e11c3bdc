"""A decision tree as a networkx graph, its decision paths, and walking a case through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import networkx as nx
from pydantic import ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.schema import DecisionTree, Logic, Node, Triple


class DecisionPath(NamedTuple):
    """The conditions passed on the way to a decision, each with the answer taken, and the decision's index."""

    steps: tuple[tuple[int, bool], ...]
    decision: int


class Position(NamedTuple):
    """Where a walk stands: the conditions answered so far, and the node reached."""

    steps: tuple[tuple[int, bool], ...]
    node_index: int
    node: Node

    @property
    def is_decision(self) -> bool:
        """True at a decision, False at a question that is still open."""
        return not self.node.is_condition


def to_networkx(tree: DecisionTree) -> nx.DiGraph:
    """The tree as a directed graph.

    Nodes are the pre-order indices, with `role`, `logical_rel` (strings) and `triples` (a list of lists of three
    strings); edges carry `answer`, True to the yes-child and False to the no-child.
    """
    graph = nx.DiGraph()
    for index, node in enumerate(tree.nodes):
        triples = [list(triple) for triple in node.triples]
        graph.add_node(index, role=str(node.role), logical_rel=str(node.logical_rel), triples=triples)
    for index, pair in enumerate(tree.children()):
        if pair is not None:
            graph.add_edge(index, pair[0], answer=True)
            graph.add_edge(index, pair[1], answer=False)
    return graph


def from_networkx(graph: nx.DiGraph) -> DecisionTree:
    """The tree of such a graph, whatever its nodes are called; raises T2M001 when the graph is not one."""
    roots = [name for name, degree in graph.in_degree() if degree == 0]
    if len(roots) != 1 or not nx.is_arborescence(graph):
        raise Text2MDTError("T2M001", detail="the graph is not a tree with one root")
    nodes, waiting = [], roots
    try:
        while waiting:
            name = waiting.pop()
            nodes.append(_node(graph.nodes[name]))
            answers = {data["answer"]: child for _, child, data in graph.out_edges(name, data=True)}
            if graph.out_degree(name) and (set(answers) != {True, False} or graph.out_degree(name) != 2):
                raise Text2MDTError("T2M001", detail=f"node {name} has not one yes-edge and one no-edge")
            waiting += [answers[answer] for answer in (False, True) if answer in answers]
        return DecisionTree(nodes=tuple(nodes))
    except (KeyError, TypeError, ValidationError) as error:
        raise Text2MDTError("T2M001", detail=f"a node or edge of the graph is not complete ({error})") from error


def _node(data: Mapping[str, object]) -> Node:
    triples = tuple(Triple(*triple) for triple in data["triples"])  # type: ignore[attr-defined]
    return Node.model_validate({"role": data["role"], "triples": triples, "logical_rel": data["logical_rel"]})


def decision_paths(tree: DecisionTree) -> list[DecisionPath]:
    """The path to each decision, in pre-order of the decisions (empty ones included)."""
    before: list[tuple[tuple[int, bool], ...]] = [()] * len(tree.nodes)
    paths = []
    for index, pair in enumerate(tree.children()):
        if pair is None:
            paths.append(DecisionPath(before[index], index))
            continue
        before[pair[0]] = (*before[index], (index, True))
        before[pair[1]] = (*before[index], (index, False))
    return paths


def walk(tree: DecisionTree, answers: Mapping[int, bool | None]) -> Position:
    """Follows the answers from the root to a decision, or to the first question without an answer.

    Args:
        tree: the tree to walk.
        answers: condition index → True (the condition holds), False (it does not), None (not known yet; the same as
            leaving it out). Answers to questions off the way are ignored.
    """
    children = tree.children()
    steps: list[tuple[int, bool]] = []
    index = 0
    while (pair := children[index]) is not None:
        answer = answers.get(index)
        if answer is None:
            break
        steps.append((index, bool(answer)))
        index = pair[0] if answer else pair[1]
    return Position(tuple(steps), index, tree.nodes[index])


def node_truth(node: Node, answer: Callable[[Triple], bool | None]) -> bool | None:
    """Whether a condition holds by Kleene's three-valued logic, None where that is not known.

    Under "or" one triple that holds settles it, else one that does not; unknown triples count only without such a one.
    """
    settling = node.logical_rel is Logic.OR
    answers = [answer(triple) for triple in node.triples]
    if settling in answers:
        return settling
    return None if None in answers else not settling
