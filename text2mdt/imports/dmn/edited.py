"""The tree that a DMN file carries, with the words that were changed in its table."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from text2mdt.cases.questions import question_key
from text2mdt.errors import Text2MDTError
from text2mdt.export.dmn.names import input_names
from text2mdt.export.dmn.rules import rule_table
from text2mdt.imports.dmn.read_table import ReadTable
from text2mdt.node_text import node_line, read_node_line, read_triple, triple_line
from text2mdt.schema import DecisionTree, Node, Role

_NODES = TypeAdapter(tuple[Node, ...])


def edited_tree(table: ReadTable, population: str) -> DecisionTree | None:
    """The carried tree where the table still has its rules, whatever became of the words; else None.

    Raises:
        ValueError: for an output that `read_node_line` does not read.
    """
    tree = _carried_tree(table.carried.get("nodes"))
    if tree is None:
        return None
    try:
        rules = rule_table(tree)
    except Text2MDTError:
        return None
    places = {name: index for index, name in enumerate(input_names(triple.object for triple in rules.inputs))}
    if len(set(table.names)) != len(table.names) or set(table.names) != set(places):
        return None
    outputs = {
        frozenset((places[table.names[index]], holds) for index, holds in rule.answers.items()): rule.output
        for rule in table.rules
    }
    if len(outputs) != len(table.rules) or set(outputs) != {frozenset(rule.answers.items()) for rule in rules.rules}:
        return None
    said: dict[int, str] = {}
    for rule in rules.rules:
        output = outputs[frozenset(rule.answers.items())]
        if said.setdefault(rule.decision, output) != output:
            return None
    labels = {
        question_key(triple): table.labels[table.names.index(name)]
        for triple, name in zip(rules.inputs, places, strict=True)
    }
    usual = {question_key(triple): triple_line(triple, population) for triple in rules.inputs}
    nodes = []
    for index, node in enumerate(tree.nodes):
        if node.is_condition:
            triples = tuple(
                triple
                if labels[key := question_key(triple)] == usual[key].strip()
                else read_triple(labels[key], Role.CONDITION, population)
                for triple in node.triples
            )
            nodes.append(node.model_copy(update={"triples": triples}))
        elif index not in said or said[index] == node_line(node, population):
            nodes.append(node)
        else:
            nodes.append(read_node_line(said[index], Role.DECISION, population))
    return DecisionTree(nodes=tuple(nodes))


def _carried_tree(value: Any) -> DecisionTree | None:
    try:
        return DecisionTree(nodes=_NODES.validate_python(value))
    except ValidationError:
        return None
