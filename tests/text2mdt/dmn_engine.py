"""Runs DMN files in SpiffWorkflow's engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import SpiffWorkflow.dmn.parser
from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

SCHEMA = Path(SpiffWorkflow.dmn.parser.__file__).parent / "schema" / "DMN13.xsd"
"""The schema of DMN 1.3 by the Object Management Group, which SpiffWorkflow has with it."""
_DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


class Engine:
    """One decision, run by SpiffWorkflow, which evaluates entries as Python; `true` and `false` are named for it."""

    def __init__(self, content: str) -> None:
        parser = DMNParser(None, etree.fromstring(content.encode()), {"dmn": _DMN})
        parser.parse()
        (self.table,) = parser.decision.decisionTables
        self._scripts = PythonScriptEngine(environment=TaskDataEnvironment({"true": True, "false": False}))

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.table.inputs]

    def outputs(self, answers: Mapping[str, bool]) -> list[str]:
        """The outputs of all rules that fit, whatever the hit policy; answers are by the label of the input."""
        data = {one.expression: answers[one.label] for one in self.table.inputs}
        task = SimpleNamespace(data=data, workflow=SimpleNamespace(script_engine=self._scripts))
        self.table.hit_policy = "COLLECT"
        return DMNEngine(self.table).result(task).get("decision", [])
