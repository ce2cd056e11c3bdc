"""Decision trees as FHIR PlanDefinitions, R4B and R5."""

from __future__ import annotations

from text2mdt.export.fhir.bundle import fhir_bundle, fhir_files
from text2mdt.export.fhir.systems import BASE, Layout, Release
from text2mdt.export.fhir.validation import check_bundle

__all__ = ["BASE", "Layout", "Release", "check_bundle", "fhir_bundle", "fhir_files"]
