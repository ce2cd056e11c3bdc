"""Decision tree → GraphML, for programs that read graphs (yEd, Gephi, networkx)."""

from __future__ import annotations

import json

import networkx as nx

from text2mdt.export.dot import printable
from text2mdt.export.mermaid import provenance
from text2mdt.graph import to_networkx
from text2mdt.node_text import node_lines
from text2mdt.schema import Extraction
from text2mdt.sourced_tree import SourcedTree, sourced_trees


def tree_graphml(tree: SourcedTree) -> str:
    """One tree as GraphML.

    Nodes have `role`, `logical_rel`, `label` (the text of `node_text`), `triples` (JSON: a list of lists of three
    strings), `words` (JSON: what they were taken from), `pages`, `strength`, and where they are known `confidence` and
    `low_confidence` (boolean); edges `answer` (boolean) and `label` ("yes" or "no"); the graph `document`, `passage`,
    `tree`, `population` and `status`.
    """
    graph = nx.DiGraph()
    graph.graph.update({name: _plain(value) for name, value in provenance(tree).items()})
    source = to_networkx(tree.tree)
    for index, data in source.nodes(data=True):
        quotes = tree.quotes(index)
        graph.add_node(
            f"n{index}",
            role=data["role"],
            logical_rel=data["logical_rel"],
            label=printable("\n".join(node_lines(tree.tree.nodes[index], tree.result.population))),
            triples=json.dumps(data["triples"]),
            words=json.dumps([quote.words for quote in quotes]),
            pages=", ".join(str(page) for page in sorted({page for quote in quotes for page in quote.pages})),
            strength=printable(", ".join(tree.strengths(index))),
            **_confidence(tree, index),
        )
    for parent, child, answer in source.edges(data="answer"):
        graph.add_edge(f"n{parent}", f"n{child}", answer=answer, label="yes" if answer else "no")
    return "\n".join(nx.generate_graphml(graph, encoding="utf-8", prettyprint=True)) + "\n"


def graphml_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree."""
    return {f"{tree.place}.graphml": tree_graphml(tree) for tree in sourced_trees(extraction)}


def _confidence(tree: SourcedTree, node: int) -> dict[str, float | bool]:
    sure = tree.confidence(node)
    return {} if sure is None else {"confidence": sure, "low_confidence": tree.is_doubtful(node)}


def _plain(value: str | int) -> str | int:
    return printable(value) if isinstance(value, str) else value
