"""Writes a text with marked pieces, so that every object of the tree is a piece of the text by construction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic, Node, Role, Triple
from text2mdt.synthetic.tree import Action, Condition, Fork, Tree, in_pre_order

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_PIECE = re.compile(f"{_OPEN}(\\d+){_MIDDLE}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_START = re.compile(f"((?:{_OPEN}\\d+{_MIDDLE})?)([a-z])([^{_CLOSE}\\s]*)")

Fact = Condition | Action
Item = TypeVar("Item")

PEOPLE = (
    "adults", "patients", "people", "children", "women", "men", "infants", "residents", "babies",
    "newborns", "travellers",
)  # fmt: skip
"""The nouns that a population may begin with."""

_SINGULAR = {"people": "person", "children": "child", "women": "woman", "men": "man", "babies": "baby"}


class Writer:
    """The random choices, the nouns for the people of the passage, and the pieces marked so far."""

    def __init__(self, population: str, rng: Random) -> None:
        self.population, self.rng = population, rng
        self.noun = _people(population)
        singular = _SINGULAR.get(self.noun, self.noun.removesuffix("s"))
        self.one = "patient" if self.noun == "adults" else singular
        self._pieces: dict[tuple[Fact, str], int] = {}

    def pick(self, choices: Sequence[Item]) -> Item:
        return self.rng.choice(choices)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def people(self) -> str:
        """The noun for those the passage speaks of, in the plural."""
        return self.noun if self.chance(0.75) else "patients" if self.noun in ("adults", "people") else self.noun

    def mark(self, fact: Fact, text: str, part: str = "") -> str:
        """`text`, marked as the object of the fact (its doses are parts of their own)."""
        if (fact, part) in self._pieces:
            raise ValueError(f"said twice: {text}")
        number = len(self._pieces)
        self._pieces[fact, part] = number
        return f"{_OPEN}{number}{_MIDDLE}{text}{_CLOSE}"

    def said(self, fact: Fact) -> bool:
        return (fact, "") in self._pieces

    def finish(self, text: str, trees: Sequence[Tree]) -> tuple[str, tuple[Node, ...]]:
        """The text without its marks, and the nodes with the objects as they stand in it."""
        surfaces = {int(match[1]): match[2] for match in _PIECE.finditer(text)}
        objects = {key: surfaces[number] for key, number in self._pieces.items() if number in surfaces}
        nodes = [self._node(tree, objects) for root in trees for tree in in_pre_order(root)]
        return _PIECE.sub(r"\2", text), tuple(nodes)

    def _node(self, tree: Tree, objects: dict[tuple[Fact, str], str]) -> Node:
        triples = []
        if isinstance(tree, Fork):
            triples = [Triple(self.population, fact.relation, objects[fact, ""]) for fact in tree.conditions]
            return _as_node(Role.CONDITION, triples, tree.logic)
        for action in tree.actions:
            name = objects[action.named_by or action, ""]
            triples.append(Triple(self.population, action.relation, name))
            parts = [part for fact, part in objects if fact is action and part]
            triples += [Triple(name, ENGLISH.dosage, objects[action, part]) for part in sorted(parts)]
        return _as_node(Role.DECISION, triples, tree.logic if len(tree.actions) > 1 else "and")


def _as_node(role: Role, triples: list[Triple], logic: str) -> Node:
    return Node(role=role, triples=tuple(triples), logical_rel=Logic(logic) if len(triples) > 1 else Logic.NULL)


def _people(population: str) -> str:
    words = population.lower().split()
    return next((word for word in words if word in PEOPLE), "patients")


def capital(text: str) -> str:
    """With a capital letter in front, except where the word is written like `eGFR` or `pH`."""

    def raised(match: re.Match[str]) -> str:
        if any(char.isupper() for char in match[3].split("-")[0]):
            return match[0]
        return f"{match[1]}{match[2].upper()}{match[3]}"

    return _START.sub(raised, text, count=1) if _START.match(text) else text


def sentence(clause: str) -> str:
    return capital(clause) + ("" if clause.endswith((".", "?", ":")) else ".")


def listed(items: Sequence[str], conjunction: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"
