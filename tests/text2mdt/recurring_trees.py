"""Random trees whose conditions recur, as they do in guidelines, and whose words are harmless."""

from __future__ import annotations

import random

from text2mdt.relations import ENGLISH
from text2mdt.schema import (
    DecisionTree,
    DocumentInfo,
    Extraction,
    Logic,
    Node,
    Passage,
    PassageResult,
    Role,
    Triple,
    join_forest,
)

POPULATION = "Adults"
_ASKED = ("clinical_feature", "basic_information")
_DONE = ("therapeutic_drug", "contraindicated_drug", "treatment_plan", "investigation", "referral")


def random_tree(random_source: random.Random, conditions: int = 6, findings: int = 6) -> DecisionTree:
    """A tree with at most `conditions` conditions over `findings` different findings."""
    nodes: list[Node] = []
    missing, asked = 1, 0
    while missing:
        if asked < conditions and random_source.random() < 0.6:
            nodes.append(_condition(random_source, findings))
            missing, asked = missing + 1, asked + 1
        else:
            nodes.append(_decision(random_source))
            missing -= 1
    return DecisionTree(nodes=tuple(nodes))


def ungrounded(trees: list[DecisionTree]) -> Extraction:
    """An extraction of one passage with these trees, whose words were not looked for."""
    found = Passage(id="p-001", population=POPULATION, text="Text.")
    result = PassageResult(
        id=found.id, population=POPULATION, text=found.text, tree=tuple(join_forest(trees)), passage=found
    )
    document = DocumentInfo(name="random.md", sha256="0" * 64, characters=5)
    return Extraction(document=document, text=found.text, model="default", adapter=None, passages=(result,))


def _condition(random_source: random.Random, findings: int) -> Node:
    count = random_source.choice((1, 1, 2, 3))
    numbers = [random_source.randrange(findings) for _ in range(count)]
    return _node(random_source, Role.CONDITION, [Triple(POPULATION, _ASKED[n % 2], f"finding {n}") for n in numbers])


def _decision(random_source: random.Random) -> Node:
    triples: list[Triple] = []
    for _ in range(random_source.choice((0, 1, 1, 2, 3))):
        relation = random_source.choice(_DONE)
        words = f"{relation} {random_source.randrange(4)}"
        triples.append(Triple(POPULATION, relation, words))
        if relation in ENGLISH.drugs and random_source.random() < 0.5:
            where = random_source.randint(0, len(triples))
            triples.insert(where, Triple(words, "dosage", f"{random_source.randint(1, 9)} mg"))
    return _node(random_source, Role.DECISION, triples)


def _node(random_source: random.Random, role: Role, triples: list[Triple]) -> Node:
    logic = random_source.choice((Logic.AND, Logic.OR)) if len(triples) > 1 else Logic.NULL
    return Node(role=role, triples=tuple(triples), logical_rel=logic)
