"""Extraction → a checklist in plain text: each way to a decision with its answers as boxes to tick."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.graph import DecisionPath, decision_paths
from text2mdt.node_text import node_line
from text2mdt.schema import Extraction
from text2mdt.sourced_tree import SourcedTree, sourced_trees


def checklist_files(extraction: Extraction) -> dict[str, str]:
    """One file; none where there is no tree."""
    parts = ["\n".join(_lines(tree, path)) for tree in sourced_trees(extraction) for path in decision_paths(tree.tree)]
    return {".checklist.txt": "\n\n".join(parts) + "\n"} if parts else {}


def _lines(tree: SourcedTree, path: DecisionPath) -> Iterator[str]:
    population = tree.result.population
    yield f"{population} ({tree.status})"
    for node, holds in path.steps:
        words = node_line(tree.tree.nodes[node], population)
        yield f"[ ] {words}" if holds else f"[ ] NOT ({words})"
    yield f"--> {node_line(tree.tree.nodes[path.decision], population)}"
