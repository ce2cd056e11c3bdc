"""The narrative of a PlanDefinition: its actions as nested lists of XHTML."""

from __future__ import annotations

import html

from text2mdt.export.fhir.systems import Json

_XHTML = "http://www.w3.org/1999/xhtml"


def narrative(plan: Json, mark: str) -> Json:
    """The `text` of a PlanDefinition; `mark` says how far it is checked. Words only, nothing active."""
    parts = [f'<div xmlns="{_XHTML}">', _element("h2", plan["title"]), _element("p", mark)]
    _list(plan["action"], parts)
    return {"status": "generated", "div": "".join([*parts, "</div>"])}


def _list(actions: list[Json], parts: list[str]) -> None:
    parts.append("<ul>")
    for action in actions:
        parts.append("<li>")
        lines = [action["title"], *([action["description"]] if "description" in action else [])]
        told = " and ".join(f"({item['expression']['description']})" for item in action.get("condition", ()))
        if told and not any(line.startswith("If") for line in lines):
            lines.insert(0, f"If {told}:")
        parts.append("<br/>".join(html.escape(line) for line in dict.fromkeys(lines)))
        if action.get("selectionBehavior") == "one-or-more":
            parts.append(_element("p", "One or more of:"))
        if "action" in action:
            _list(action["action"], parts)
        parts.append("</li>")
    parts.append("</ul>")


def _element(name: str, words: str) -> str:
    return f"<{name}>{html.escape(words)}</{name}>"
