"""An extraction as a Bundle of PlanDefinitions, with the library that their conditions name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from text2mdt.export.fhir.defines import library_resource
from text2mdt.export.fhir.plans import rule_plans, tree_plan
from text2mdt.export.fhir.source import tree_sources
from text2mdt.export.fhir.systems import BASE, Json, Layout, Release
from text2mdt.export.fhir.validation import check_bundle
from text2mdt.schema import Extraction
from text2mdt.terminology.accepted import NO_CODES, Codes


def fhir_bundle(
    extraction: Extraction,
    release: Release = Release.R4B,
    layout: Layout = "tree",
    base: str = BASE,
    day: date | None = None,
    codes: Codes = NO_CODES,
) -> Json | None:
    """A collection of the trees' PlanDefinitions and their Library, checked; None where there is no tree.

    Args:
        extraction: what was extracted from one document.
        release: of FHIR. R4B is what decision-support engines read (it is R4 too).
        layout: "tree" for one PlanDefinition of nested actions a tree; "rules" for a strategy and a rule a decision.
        base: address that the resources' own addresses begin with.
        day: date of the resources; today unless given.
        codes: those that a person accepted for words of the trees; none is chosen here.

    Raises:
        Text2MDTError: T2M001 for a passage whose last tree does not close, T2M042 without fhir.resources, T2M044 where
            a resource breaks a rule of the standard, T2M045 for a tree too deep to be nested.
    """
    told = (day or datetime.now(UTC).date()).isoformat()
    sources = list(tree_sources(extraction, release, base.rstrip("/"), told, codes))
    if not sources:
        return None
    plans: list[Json] = []
    for source in sources:
        plans += [tree_plan(source)] if layout == "tree" else rule_plans(source)
    names, defines = sources[0].names, sources[0].defines
    if defines.triples:
        plans.append(library_resource(defines, names, extraction.document.name, base.rstrip("/"), release, codes))
    bundle: Json = {
        "resourceType": "Bundle",
        "id": names.stem,
        "type": "collection",
        "entry": [{"fullUrl": _full_url(plan, base.rstrip("/")), "resource": plan} for plan in plans],
    }
    check_bundle(bundle, release)
    return bundle


class FhirFiles:
    """Writes an extraction as one file, or as none where there is no tree."""

    def __init__(self, ending: str, release: Release, layout: Layout) -> None:
        self.ending, self.release, self.layout = ending, release, layout

    def __call__(self, extraction: Extraction, codes: Codes = NO_CODES) -> dict[str, str]:
        """As `fhir_bundle`."""
        bundle = fhir_bundle(extraction, self.release, self.layout, codes=codes)
        return {} if bundle is None else {self.ending: json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"}


def _full_url(resource: Json, base: str) -> str:
    return f"{base}/{resource['resourceType']}/{resource['id']}"
