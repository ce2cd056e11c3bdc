"""A PlanDefinition decides as its tree does: in each release and layout, whether or not an engine knows extensions."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from plan_decisions import check_decision
from plan_interpreter import PlanInterpreter, Truth
from recurring_trees import POPULATION, random_tree, ungrounded

from text2mdt.export.fhir import Release, fhir_bundle
from text2mdt.imports.fhir import read_plan_definitions
from text2mdt.schema import DecisionTree, Logic, Node, Triple

LAYOUTS = ("tree", "rules")
SAMPLED = 1024


def said(node: Node, truth: dict[Triple, Truth]) -> Truth:
    """Whether a condition holds, in three-valued logic."""
    values = [truth[triple] for triple in node.triples]
    decisive = node.logical_rel is Logic.OR
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def decided(tree: DecisionTree, truth: dict[Triple, Truth]) -> int | None:
    """The index of the decision that a tree reaches; None where an answer on the way is missing."""
    index, children = 0, tree.children()
    while (pair := children[index]) is not None:
        answer = said(tree.nodes[index], truth)
        if answer is None:
            return None
        index = pair[0] if answer else pair[1]
    return index


def assignments(triples: list[Triple], source: random.Random) -> list[dict[Triple, Truth]]:
    if 2 ** len(triples) <= SAMPLED:
        answers = list(itertools.product((True, False), repeat=len(triples)))
    else:
        answers = [tuple(source.random() < 0.5 for _ in triples) for _ in range(SAMPLED)]
    unsure = [tuple(source.choice((True, False, None)) for _ in triples) for _ in range(8)]
    return [dict(zip(triples, one, strict=True)) for one in [*answers, *unsure]]


def check_meaning(trees: list[DecisionTree], release: Release, layout: str, source: random.Random) -> None:
    bundle = fhir_bundle(ungrounded(trees), release, layout)
    text = json.dumps(bundle)
    imported = read_plan_definitions(text)
    assert [one.tree for one in imported] == trees
    again = json.loads(text)
    defines = {comment: name for name, comment in PlanInterpreter(again).comments.items() if name.startswith("T")}
    strategies = [e["resource"] for e in again["entry"] if "eca-rule" not in json.dumps(e["resource"].get("type"))]
    urls = [one["url"] for one in strategies if one["resourceType"] == "PlanDefinition"]
    assert len(urls) == len(trees)
    engines = [PlanInterpreter(again, knows) for knows in (True, False)]
    for url, tree in zip(urls, trees, strict=True):
        asked = list(dict.fromkeys(t for node in tree.nodes if node.is_condition for t in node.triples))
        for truth in assignments(asked, source):
            named = {defines[f"{t.relation} of {t.subject}: {t.object}"]: value for t, value in truth.items()}
            reached = decided(tree, truth)
            for engine in engines:
                check_decision(engine.apply(url, named), tree, reached)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("release", Release)
def test_the_same_decisions(release: Release, layout: str) -> None:
    source = random.Random(f"{release} {layout}")
    check_meaning([random_tree(source) for _ in range(25)], release, layout, source)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("release", Release)
@pytest.mark.parametrize("seed", range(40))
def test_the_same_decisions_of_many_trees(seed: int, release: Release, layout: str) -> None:
    source = random.Random(seed)
    trees = [random_tree(source, conditions=source.randint(0, 9), findings=source.randint(1, 9)) for _ in range(48)]
    trees += [random_tree(source, conditions=12, findings=14) for _ in range(2)]
    check_meaning(trees, release, layout, source)


def test_a_decision_alone() -> None:
    for layout in LAYOUTS:
        check_meaning([DecisionTree(nodes=(Node(role="D"),))], Release.R5, layout, random.Random(0))


def test_the_interpreter_sees_a_wrong_branch() -> None:
    """The check itself: a plan whose branches were exchanged does not pass it."""
    finding = Triple(POPULATION, "clinical_feature", "finding")
    drug = Triple(POPULATION, "therapeutic_drug", "drug")
    tree = DecisionTree(nodes=(Node(role="C", triples=(finding,)), Node(role="D", triples=(drug,)), Node(role="D")))
    bundle = fhir_bundle(ungrounded([tree]))
    yes, no = bundle["entry"][0]["resource"]["action"][0]["action"]
    yes["condition"], no["condition"] = no["condition"], yes["condition"]
    applied = PlanInterpreter(bundle).apply(bundle["entry"][0]["resource"]["url"], {"T1 finding": True})
    with pytest.raises(AssertionError):
        check_decision(applied, tree, decided(tree, {finding: True}))
