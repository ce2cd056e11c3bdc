"""Trees written by hand in a few words, and the warnings that come on them."""

from __future__ import annotations

from text2mdt.grounding import ground
from text2mdt.safety import CHECKS, check
from text2mdt.schema import Node, NodeWarning, Passage, Triple, split_forest

POPULATION = "Adults with pneumonia"


def triple(words: str) -> Triple:
    """ "drug: amoxicillin", or "amoxicillin ~ 500 mg" for a dose."""
    if " ~ " in words:
        subject, dose = words.split(" ~ ")
        return Triple(subject, "dosage", dose)
    relations = {"drug": "therapeutic_drug", "avoid": "contraindicated_drug", "plan": "treatment_plan"}
    relations |= {"test": "investigation", "refer": "referral", "if": "clinical_feature", "basic": "basic_information"}
    kind, words = words.split(": ", 1)
    return Triple(POPULATION, relations[kind], words)


def C(*triples: str, logic: str = "and") -> Node:
    return Node(role="C", triples=tuple(map(triple, triples)), logical_rel=logic if len(triples) > 1 else "null")


def D(*triples: str, logic: str = "and") -> Node:
    return Node(role="D", triples=tuple(map(triple, triples)), logical_rel=logic if len(triples) > 1 else "null")


def warned(text: str, *nodes: Node, population: str = POPULATION) -> tuple[NodeWarning, ...]:
    passage = Passage(id="p-1", population=population, text=text)
    trees = split_forest(nodes)
    found = check(passage, trees, ground(passage, trees))
    for warning in found:
        assert warning.kind in CHECKS
        assert warning.passage_span is None or warning.passage_span.end <= len(text)
        assert warning.triple is None or nodes[warning.node].triples[warning.triple]
    return found


def kinds(text: str, *nodes: Node, population: str = POPULATION) -> set[str]:
    return {warning.kind for warning in warned(text, *nodes, population=population)}
