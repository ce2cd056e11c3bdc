"""Decision trees read from PlanDefinitions that text2mdt wrote, edited since or not."""

from __future__ import annotations

from text2mdt.imports.fhir.plan_file import read_plan_definitions, read_plan_file
from text2mdt.imports.imported import Citation, ImportedTree

__all__ = ["Citation", "ImportedTree", "read_plan_definitions", "read_plan_file"]
