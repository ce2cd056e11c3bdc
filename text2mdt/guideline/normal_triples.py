"""Triples, nodes and trees in a form in which those that say the same are equal, within one population."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from text2mdt.guideline.normal_words import Words, is_number, normal_words
from text2mdt.metrics import LENIENT_OVERLAP
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Logic, Node, Triple
from text2mdt.token_overlap import token_f1

_WEIGHTY_WORDS = """
no not non without never neither nor unless except only or and if below above under over less more least most fewer
greater higher lower before after mild moderate severe high low acute chronic early late left right suspected confirmed
possible failed minus < > ≤ ≥ = + %
"""
WEIGHTY = frozenset(_WEIGHTY_WORDS.split())
"""Words that change what a phrase means even where they stand at its border."""
_MANY = 5
"""More triples than this in a node are paired in their order only."""


class TripleKey(NamedTuple):
    """A triple without its population; only a dose keeps its subject, the drug."""

    relation: str
    object: Words
    drug: Words = ()


class NodeKey(NamedTuple):
    """What a node asks or decides; the order of its triples does not count."""

    role: str
    logic: str
    triples: frozenset[TripleKey]


def triple_key(triple: Triple) -> TripleKey:
    """The key of a triple."""
    drug = normal_words(triple.subject) if triple.relation == ENGLISH.dosage else ()
    return TripleKey(triple.relation, normal_words(triple.object), drug)


def node_key(node: Node) -> NodeKey:
    """The key of a node; a triple that is said twice counts once."""
    triples = frozenset(map(triple_key, node.triples))
    return NodeKey(str(node.role), str(node.logical_rel if len(triples) > 1 else Logic.NULL), triples)


def tree_key(tree: DecisionTree) -> tuple[NodeKey, ...]:
    """The key of a tree: trees of one key say the same."""
    return tuple(map(node_key, tree.nodes))


def same_tree(one: DecisionTree, other: DecisionTree) -> bool:
    """Whether two trees say the same."""
    return len(one) == len(other) and tree_key(one) == tree_key(other)


def skeleton(tree: DecisionTree) -> tuple[object, ...]:
    """What two trees must share to be equal up to object borders."""
    return tuple(
        (str(node.role), str(node.logical_rel), tuple(sorted(triple.relation for triple in node.triples)))
        for node in tree.nodes
    )


def same_up_to_borders(one: DecisionTree, other: DecisionTree) -> bool:
    """Whether two trees of one skeleton hold the same objects, cut a little longer or shorter here and there."""
    return all(_nodes_alike(left.triples, right.triples) for left, right in zip(one.nodes, other.nodes, strict=True))


def _nodes_alike(one: Sequence[Triple], other: Sequence[Triple]) -> bool:
    if len(one) != len(other):
        return False
    orders = permutations(other) if len(other) <= _MANY else (other,)
    return any(all(map(_triples_alike, one, order)) for order in orders)


def _triples_alike(one: Triple, other: Triple) -> bool:
    if one.relation != other.relation or not phrases_alike(one.object, other.object):
        return False
    return one.relation != ENGLISH.dosage or phrases_alike(one.subject, other.subject)


def phrases_alike(one: str, other: str) -> bool:
    """Whether two phrases are equal, or one is the other with a few words of no weight more at its ends.

    Token F1 must be at least 0.8; numbers, comparators, negations and degrees ("severe") are never of no weight.
    """
    left, right = normal_words(one), normal_words(other)
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    for start in range(len(long) - len(short) + 1):
        if long[start : start + len(short)] == short:
            rest = long[:start] + long[start + len(short) :]
            weighty = any(word in WEIGHTY or is_number(word) for word in rest)
            return not weighty and token_f1(one, other) >= LENIENT_OVERLAP
    return False
