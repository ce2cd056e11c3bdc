"""Extractions built by hand, for the tests of guidelines and editions."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.grounding import ground
from text2mdt.schema import (
    DecisionTree,
    DocumentInfo,
    Extraction,
    Logic,
    Node,
    Passage,
    PassageResult,
    Role,
    Segment,
    Triple,
    join_forest,
)

ADULTS = "Adults with acute gout"
NOTHING = Node(role=Role.DECISION)


def condition(*objects: str, logic: str = "or", relation: str = "clinical_feature", population: str = ADULTS) -> Node:
    """A condition; with several objects "or"."""
    return _node(Role.CONDITION, [Triple(population, relation, words) for words in objects], logic)


def decision(*actions: str | tuple[str, str], logic: str = "and", population: str = ADULTS) -> Node:
    """A decision; a plain string is a drug to give, ("avoid", …) one to avoid, ("dose", "drug: words") a dose."""
    names = {"avoid": "contraindicated_drug", "plan": "treatment_plan", "test": "investigation", "refer": "referral"}
    triples = []
    for action in actions:
        kind, words = ("drug", action) if isinstance(action, str) else action
        if kind == "dose":
            drug, _, dose = words.partition(": ")
            triples.append(Triple(drug, "dosage", dose))
        else:
            triples.append(Triple(population, names.get(kind, "therapeutic_drug"), words))
    return _node(Role.DECISION, triples, logic)


def _node(role: Role, triples: Sequence[Triple], logic: str) -> Node:
    return Node(role=role, triples=tuple(triples), logical_rel=Logic(logic) if len(triples) > 1 else Logic.NULL)


def tree(*nodes: Node) -> DecisionTree:
    return DecisionTree(nodes=nodes)


def passage(
    number: int,
    *trees: DecisionTree,
    text: str | None = None,
    population: str = ADULTS,
    heading: str = "Treatment",
    pages: tuple[int, ...] = (),
    start: int | None = None,
    **details: object,
) -> PassageResult:
    """A passage of the id "g-001"; its words are those of its trees unless given, at `start` of the document."""
    if text is None:
        text = "; ".join(triple.object for one in trees for node in one.nodes for triple in node.triples) + "."
    start = 10_000 * number if start is None else start
    found = Passage(
        id=f"g-{number:03d}",
        population=population,
        text=text,
        heading_path=("Gout", heading),
        segments=(Segment(passage_start=0, document_start=start, length=len(text)),),
        pages=pages,
    )
    return PassageResult(
        id=found.id,
        population=population,
        text=text,
        tree=tuple(join_forest(trees)),
        passage=found,
        groundings=ground(found, list(trees)),
        **details,
    )


def extraction(*passages: PassageResult, name: str = "gout.pdf", **details: object) -> Extraction:
    text = "\n\n".join(result.text for result in passages)
    document = DocumentInfo(name=name, sha256="0" * 64, characters=len(text))
    return Extraction(
        document=document, text=text, passages=passages, **({"model": "default", "adapter": "default"} | details)
    )
