"""The addresses that the FHIR export uses, and the words that the standard fixes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

Json = dict[str, Any]
"""A FHIR element or resource as JSON."""

Layout = Literal["tree", "rules"]
"""One PlanDefinition of nested actions a tree, or one rule a decision and a strategy that refers to them."""


class Release(StrEnum):
    """The releases of FHIR that are written. What is written as R4B is R4 (4.0.1) too."""

    R4B = "R4B"
    R5 = "R5"


BASE = "https://text2mdt.example/fhir"
"""Where the resources say they live unless told otherwise; `.example` is reserved and leads nowhere."""

APPLICABILITY_BEHAVIOR = "http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior"
KNOWLEDGE_LEVEL = "http://hl7.org/fhir/StructureDefinition/cqf-knowledgeRepresentationLevel"
STRENGTH = "http://hl7.org/fhir/StructureDefinition/cqf-strengthOfRecommendation"

# Ours. Their addresses do not follow the caller's base: they are how a file is known again.
NODE = f"{BASE}/StructureDefinition/mdt-condition"
TRIPLE = f"{BASE}/StructureDefinition/mdt-triple"
PASSAGE = f"{BASE}/passage"
TREE_NUMBER = f"{BASE}/tree-number"

PLAN_TYPE = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
LIBRARY_TYPE = "http://terminology.hl7.org/CodeSystem/library-type"
CONTEXT_TYPE = "http://terminology.hl7.org/CodeSystem/usage-context-type"
CPG_PROCESS = "http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-common-process-cs"

CQL_IDENTIFIER = "text/cql-identifier"
CQL = "text/cql"
VERSION = "0.1.0"
"""Version of every resource written: a first draft."""


def concept(system: str, code: str) -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}
