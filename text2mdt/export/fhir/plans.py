"""A tree as PlanDefinitions: one of nested actions, or a strategy with a rule for each decision."""

from __future__ import annotations

from text2mdt.export.fhir import wording
from text2mdt.export.fhir.actions import branching, conditions, nested_action, rule_action
from text2mdt.export.fhir.codings import codings
from text2mdt.export.fhir.legal import markdown, shortened, words
from text2mdt.export.fhir.narrative import narrative
from text2mdt.export.fhir.source import TreeSource
from text2mdt.export.fhir.systems import (
    CONTEXT_TYPE,
    CPG_PROCESS,
    KNOWLEDGE_LEVEL,
    PASSAGE,
    PLAN_TYPE,
    TREE_NUMBER,
    VERSION,
    Json,
    Release,
    concept,
)
from text2mdt.graph import DecisionPath, decision_paths

_CODED = {False: "without codes", True: "some with codes that a person accepted from a list"}
_SUMMARY = 100  # characters of a decision in a title


def tree_plan(source: TreeSource) -> Json:
    """The PlanDefinition of nested actions."""
    return _plan(source, "", source.told.title, "clinical-protocol", nested_action(source))


def rule_plans(source: TreeSource) -> list[Json]:
    """The strategy, then a rule for each decision in the order of the tree, empty ones included."""
    paths = decision_paths(source.tree)
    rules = [_rule(source, path) for path in paths]
    children = []
    for path, rule in zip(paths, rules, strict=True):
        name = f"r{path.decision}"
        child: Json = {"id": name} | ({"linkId": name} if source.release is Release.R5 else {})
        child |= {"title": rule["action"][0]["title"], "description": _told(source, path)}
        code = concept(CPG_PROCESS, "guideline-based-care")
        # R5 has one code, earlier releases a list.
        child["code"] = code if source.release is Release.R5 else [code]
        if path.steps:
            child["condition"] = conditions(source, path.steps, with_spans=False)
        children.append(child | {"definitionCanonical": f"{rule['url']}|{VERSION}"})
    start: Json = {"id": "start"} | ({"linkId": "start"} if source.release is Release.R5 else {})
    start |= {"title": "Start", "description": "The case of the patient decides which of the rules applies."}
    strategy = _plan(
        source, "", source.told.title, "workflow-definition", start | branching("any") | {"action": children}
    )
    return [strategy, *rules]


def _rule(source: TreeSource, path: DecisionPath) -> Json:
    node = source.tree.nodes[path.decision]
    told = "; ".join(wording.action_title(triple) for triple in node.triples) or wording.NOTHING
    action = rule_action(source, path.steps, path.decision) | {"title": shortened(told, _SUMMARY)}
    title = f"{source.told.title}, decision {path.decision}: {shortened(told, _SUMMARY)}"
    return _plan(source, f"n{path.decision}", title, "eca-rule", action)


def _told(source: TreeSource, path: DecisionPath) -> str:
    said = [wording.branch_title(source.tree.nodes[index], holds) for index, holds in path.steps]
    return "; ".join(said) or "In every case"


def _plan(source: TreeSource, rule: str, title: str, kind: str, action: Json) -> Json:
    """A PlanDefinition around one action."""
    mark = _mark(source)
    plan: Json = {
        "resourceType": "PlanDefinition",
        "id": source.names.plan_id(source.told.place, rule),
        "extension": [{"url": KNOWLEDGE_LEVEL, "valueCode": "semi-structured"}],
        "url": source.url(rule),
        "identifier": [
            {"system": PASSAGE, "value": words(source.result.id)},
            {"system": TREE_NUMBER, "value": str(source.told.number)},
        ],
        "version": VERSION,
        "name": source.names.plan_name(source.told.place, rule),
        "title": words(title),
        "type": concept(PLAN_TYPE, kind),
        "status": "draft",
        "experimental": True,
        "date": source.day,
        "description": _description(source, mark),
        "useContext": [
            {
                "code": {"system": CONTEXT_TYPE, "code": "focus"},
                "valueCodeableConcept": _population(source),
            }
        ],
        "relatedArtifact": _artifacts(source),
        "library": [source.library],
        "action": [action],
    }
    if not source.defines.triples:
        del plan["library"]
    return plan | {"text": narrative(plan, mark)}


def _population(source: TreeSource) -> Json:
    told: Json = {"text": words(source.result.population)}
    chosen = codings(source.codes, source.result.population)
    return told | ({"coding": chosen} if chosen else {})


def _mark(source: TreeSource) -> str:
    extraction = source.extraction
    made_by = extraction.model + (f" with adapter {extraction.adapter}" if extraction.adapter else "")
    if not extraction.draft:
        return words(
            f"Extracted from {extraction.document.name} by text2mdt (model {made_by}), then checked against the text "
            "and approved by a second person."
        )
    return words(
        f"DRAFT, not for use in care: extracted from {extraction.document.name} by text2mdt (model {made_by}). "
        "A clinician has to check it against the text before anything is built on it."
    )


def _description(source: TreeSource, mark: str) -> str:
    """As Markdown: whether it is a draft, what the plan is, and what should be looked at."""
    last = source.told.first + len(source.tree)
    result = source.result
    told = [f"**{markdown(mark)}**", f"Population: {markdown(result.population)}."]
    told.append(
        f"Semi-structured (L2): conditions and actions are words of the text, {_CODED[bool(source.codes)]}; each "
        "condition names a define of the library that is still to be implemented."
    )
    doubts = [warning.text for warning in result.warnings if source.told.first <= warning.node < last]
    doubts += ["the model reached its limit before the end; a branch may be missing"] if result.truncated else []
    doubts += [f"repaired: {repair}" for repair in result.repairs]
    if doubts:
        told.append("To be checked:\n\n" + "\n".join(f"- {markdown(shortened(doubt, 1000))}" for doubt in doubts))
    return "\n\n".join(told)


def _artifacts(source: TreeSource) -> list[Json]:
    """The document that the tree is from, and the words of its passage."""
    document, passage = source.extraction.document, source.result.passage
    origin = f"{markdown(document.name)}, SHA-256 {markdown(document.sha256)}"
    cited: Json = {"type": "citation", "label": words(f"passage {source.result.id}")}
    if any(heading.strip() for heading in passage.heading_path):
        cited["display"] = words(" > ".join(passage.heading_path))
    return [
        {"type": "derived-from", "display": words(document.name), "citation": origin},
        cited | {"citation": markdown(source.result.text)},
    ]
