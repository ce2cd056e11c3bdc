"""Decision trees as FHIR PlanDefinitions, R4B and R5."""

from __future__ import annotations

from text2mdt.export.fhir.bundle import FhirFiles, fhir_bundle
from text2mdt.export.fhir.systems import BASE, Layout, Release
from text2mdt.export.fhir.validation import check_bundle

__all__ = ["BASE", "FhirFiles", "Layout", "Release", "check_bundle", "fhir_bundle"]
