"""Codes checked against the value sets that the standard binds: fhir.resources does not do that."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.export.fhir import systems
from text2mdt.export.fhir.systems import Json, Release

_PUBLICATION = {"draft", "active", "retired", "unknown"}
_ARTIFACTS_R4 = {
    *("documentation", "justification", "citation", "predecessor", "successor", "derived-from", "depends-on"),
    "composed-of",
}
_ARTIFACTS_R5 = _ARTIFACTS_R4 | {
    *(
        "part-of",
        "amends",
        "amended-with",
        "appends",
        "appended-with",
        "cites",
        "cited-by",
        "comments-on",
        "comment-in",
    ),
    *("contains", "contained-in", "corrects", "correction-in", "replaces", "replaced-with", "retracts", "retracted-by"),
    *("signs", "similar-to", "supports", "supported-with", "transforms", "transformed-into", "transformed-with"),
    *("specification-of", "created-with", "cite-as"),
}

_CODES: dict[str, set[str]] = {
    "Bundle.type": {
        *("document", "message", "transaction", "transaction-response", "batch", "batch-response", "history"),
        *("searchset", "collection"),
    },
    "Library.status": _PUBLICATION,
    "PlanDefinition.status": _PUBLICATION,
    "PlanDefinition.text.status": {"generated", "extensions", "additional", "empty"},
    "PlanDefinition.action.condition.kind": {"applicability", "start", "stop"},
    "PlanDefinition.action.groupingBehavior": {"visual-group", "logical-group", "sentence-group"},
    "PlanDefinition.action.selectionBehavior": {
        *("any", "all", "all-or-none", "exactly-one", "at-most-one", "one-or-more"),
    },
    "PlanDefinition.action.requiredBehavior": {"must", "could", "must-unless-documented"},
    "PlanDefinition.action.precheckBehavior": {"yes", "no"},
    "PlanDefinition.action.cardinalityBehavior": {"single", "multiple"},
    "PlanDefinition.action.priority": {"routine", "urgent", "asap", "stat"},
    # An extensible binding; what we write is one of these.
    "PlanDefinition.action.condition.expression.language": {
        *("text/cql", "text/fhirpath", "application/x-fhir-query", "text/cql-identifier", "text/cql-expression"),
    },
}
"""Required bindings by the path of their element, for all releases written."""

_ARTIFACTS = {Release.R4B: _ARTIFACTS_R4, Release.R5: _ARTIFACTS_R5}
_ARTIFACT_PATHS = ("PlanDefinition.relatedArtifact.type", "PlanDefinition.action.documentation.type")

_SYSTEMS: dict[str, set[str]] = {
    systems.PLAN_TYPE: {"order-set", "clinical-protocol", "eca-rule", "workflow-definition"},
    systems.LIBRARY_TYPE: {"logic-library", "model-definition", "asset-collection", "module-definition"},
    systems.CONTEXT_TYPE: {
        *("gender", "age", "focus", "user", "workflow", "task", "venue", "species", "program"),
    },
    systems.CPG_PROCESS: {
        *("registration", "triage", "local-urgent-care", "history-and-physical", "provide-counseling"),
        *("diagnostic-testing", "determine-diagnosis", "guideline-based-care", "dispense-medications"),
        *("emergency-care", "discharge-referral-of-patient", "record-and-report", "monitor-and-follow-up-of-patient"),
        "alerts-reminders-education",
    },
}
"""The code systems that the export uses."""

_EXTENSIONS: dict[str, set[str]] = {
    systems.APPLICABILITY_BEHAVIOR: {"all", "any"},
    systems.KNOWLEDGE_LEVEL: {"narrative", "semi-structured", "structured", "executable"},
}


def wrong_codes(resource: Json, release: Release) -> list[str]:
    """The codes of a resource that its value sets do not hold, each as "path: code"; of a Bundle in its entries too."""
    return list(_wrong(resource, str(resource.get("resourceType")), release))


def _wrong(element: Json, path: str, release: Release) -> Iterator[str]:
    if "url" in element and "valueCode" in element:
        known = _EXTENSIONS.get(element["url"])
        if known is not None and element["valueCode"] not in known:
            yield f"{path}.valueCode: {element['valueCode']}"
    if "system" in element and "code" in element:
        known = _SYSTEMS.get(element["system"])
        if known is not None and element["code"] not in known:
            yield f"{path}.code: {element['code']}"
    for name, value in element.items():
        # Actions nest; a path names the innermost one.
        below = path if name == "action" and path.endswith(".action") else f"{path}.{name}"
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                inner = str(one["resourceType"]) if "resourceType" in one else below
                yield from _wrong(one, inner, release)
            elif isinstance(one, str):
                known = _ARTIFACTS[release] if below in _ARTIFACT_PATHS else _CODES.get(below)
                if known is not None and one not in known:
                    yield f"{below}: {one}"
