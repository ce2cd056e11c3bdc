"""The nodes of a tree as actions of a PlanDefinition."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.errors import Text2MDTError
from text2mdt.export.fhir import wording
from text2mdt.export.fhir.citations import documentation, span_extension
from text2mdt.export.fhir.codings import codings
from text2mdt.export.fhir.defines import negated
from text2mdt.export.fhir.legal import words
from text2mdt.export.fhir.source import TreeSource
from text2mdt.export.fhir.systems import APPLICABILITY_BEHAVIOR, CQL_IDENTIFIER, NODE, STRENGTH, TRIPLE, Json, Release
from text2mdt.graph import decision_paths
from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic, Triple

DEEPEST = 50
"""Most conditions on one way that nested actions are written for; programs that read JSON set limits too."""

Step = tuple[int, bool]
"""A condition's index, and whether it holds."""


def nested_action(source: TreeSource) -> Json:
    """The whole tree as one action: each condition has a branch for yes and one for no.

    Raises T2M045 for a tree with more than `DEEPEST` conditions on one way.
    """
    deepest = max(len(path.steps) for path in decision_paths(source.tree))
    if deepest > DEEPEST:
        raise Text2MDTError("T2M045", source.told.title, depth=deepest, limit=DEEPEST)
    return _node_action(source, 0, ())


def rule_action(source: TreeSource, steps: Sequence[Step], decision: int) -> Json:
    """One decision with all conditions on the way to it."""
    action = _node_action(source, decision, steps)
    nodes = [index for index, _ in steps] + [decision]
    return action | _filled(documentation=documentation(source, nodes))


def branching(kind: str) -> Json:
    """The elements of an action that say: exactly one of its children is taken.

    `kind` "any" lets an engine stop at the first child that applies; the conditions exclude each other, so that an
    engine that knows nothing of it ("all") takes the same one.
    """
    return {
        "extension": [{"url": APPLICABILITY_BEHAVIOR, "valueCode": kind}],
        "groupingBehavior": "logical-group",
        "selectionBehavior": "exactly-one",
    }


def conditions(source: TreeSource, steps: Sequence[Step], with_spans: bool = True) -> list[Json]:
    """The applicability conditions that these answers make; all have to hold.

    `with_spans`: say of a condition that holds where its words stand; once in a tree is enough.
    """
    return [_condition(source, index, holds, with_spans and holds) for index, holds in steps]


def _condition(source: TreeSource, index: int, holds: bool, with_spans: bool) -> Json:
    node = source.tree.nodes[index]
    name = source.defines.of_node(node)
    triples = [_triple_extension(source, index, count, with_spans) for count in range(len(node.triples))]
    answer = [{"url": "holds", "valueBoolean": holds}, {"url": "logic", "valueCode": node.logical_rel.value}]
    return {
        "extension": [{"extension": [*answer, *triples], "url": NODE}],
        "kind": "applicability",
        "expression": {
            "description": wording.condition_text(node, holds),
            "language": CQL_IDENTIFIER,
            "expression": name if holds else negated(name),
            "reference": source.library.partition("|")[0],
        },
    }


def _node_action(source: TreeSource, index: int, steps: Sequence[Step]) -> Json:
    """The action of a node; `steps` are the conditions under which it applies."""
    action = _identified(source, f"n{index}") | {"title": "Start"}
    if steps:
        asked, holds = steps[-1]
        action["title"] = wording.branch_title(source.tree.nodes[asked], holds)
    action |= _filled(condition=conditions(source, steps), documentation=documentation(source, [index]))
    children = source.tree.children()[index]
    if children is None:
        return action | _decision(source, index)
    branches = [
        _node_action(source, child, [(index, answer)]) for child, answer in zip(children, (True, False), strict=True)
    ]
    return action | branching("any") | {"action": branches}


def _decision(source: TreeSource, index: int) -> Json:
    """What a decision adds to its action: an action for each triple, a dose below its drug."""
    node = source.tree.nodes[index]
    if not node.triples:
        return {"description": wording.NOTHING}
    actions = [_triple_action(source, index, count) for count in range(len(node.triples))]
    top = []
    for count, triple in enumerate(node.triples):
        drug = _drug_of(node.triples, triple)
        if drug is None:
            top.append(actions[count])
        else:
            actions[drug] |= {"groupingBehavior": "logical-group", "selectionBehavior": "all"}
            actions[drug].setdefault("action", []).append(actions[count])
    selection = "one-or-more" if node.logical_rel is Logic.OR else "all"
    decision: Json = {"groupingBehavior": "logical-group", "selectionBehavior": selection, "action": top}
    if told := dict.fromkeys(f"{item.kind}: {words(item.value)}" for item in source.recommendations(index)):
        decision["extension"] = [{"url": STRENGTH, "valueCodeableConcept": {"text": "; ".join(told)}}]
    return decision


def _drug_of(triples: Sequence[Triple], triple: Triple) -> int | None:
    """The drug that a dose belongs to."""
    if triple.relation != ENGLISH.dosage:
        return None
    drugs = (index for index, other in enumerate(triples) if other.relation in ENGLISH.drugs)
    return next((index for index in drugs if triples[index].object == triple.subject), None)


def _triple_action(source: TreeSource, index: int, count: int) -> Json:
    triple = source.tree.nodes[index].triples[count]
    action = {
        **_identified(source, f"n{index}-{count}"),
        "extension": [_triple_extension(source, index, count)],
        "title": wording.action_title(triple),
    }
    chosen = [] if triple.relation == ENGLISH.dosage else codings(source.codes, triple.object)
    if chosen:
        code = {"coding": chosen, "text": words(triple.object)}
        # R5 has one code, earlier releases a list.
        action["code"] = code if source.release is Release.R5 else [code]
    return action


def _triple_extension(source: TreeSource, index: int, count: int, with_spans: bool = True) -> Json:
    """A triple, letter for letter; within the extension of a condition its address is a name."""
    node = source.tree.nodes[index]
    triple = node.triples[count]
    parts: list[Json] = [{"url": "relation", "valueString": words(triple.relation)}]
    if triple.subject != source.result.population:
        parts.append({"url": "subject", "valueString": words(triple.subject)})
    parts.append({"url": "object", "valueString": words(triple.object)})
    if node.is_condition:
        parts.append({"url": "define", "valueString": source.defines.triples[triple]})
        parts += [{"url": "coding", "valueCoding": coding} for coding in codings(source.codes, triple.object)]
    else:
        parts.append({"url": "position", "valueInteger": count})
    if with_spans and (grounding := source.grounding(index, count)):
        parts.append(span_extension(source, grounding))
    return {"extension": parts, "url": "triple" if node.is_condition else TRIPLE}


def _identified(source: TreeSource, name: str) -> Json:
    """The id of an action; R5 has a second place for it."""
    return {"id": name} | ({"linkId": name} if source.release is Release.R5 else {})


def _filled(**elements: list[Json]) -> Json:
    """The elements that are not empty: FHIR knows no empty lists."""
    return {name: value for name, value in elements.items() if value}
