"""Decision tree → DOT, the language of Graphviz."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Collection

import graphviz

from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Extraction, Node, Triple
from text2mdt.sourced_tree import DRAFT, sourced_trees, status

LOW_CONFIDENCE = "low confidence"
"""Marks a node that the model was not sure of."""
_WIDTH = 34  # characters a line
_FONT = "Helvetica"  # one name that Graphviz knows the widths of
_CONDITION = {"style": "rounded,filled", "fillcolor": "#e6f0fa", "color": "#1f5f99"}
_DECISION = {"style": "filled", "fillcolor": "#e9f5e9", "color": "#2e6b34"}
_NOTHING = {
    "style": "filled,dashed",
    "fillcolor": "#f2f2f2",
    "color": "#767676",
    "fontcolor": "#595959",
    "fontsize": "10",
}
_DOUBTFUL = {"color": "#b3261e", "penwidth": "2.4"}
_NOT_SHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and what turns the order of reading: such words do not read as they are stored."""


def tree_dot(tree: DecisionTree, title: str = "", doubtful: Collection[int] = ()) -> str:
    """One tree as a DOT graph; nodes that are `doubtful` have a thick red frame and say "low confidence".

    Conditions are blue boxes with round corners, decisions green boxes; a triple reads "relation: object". An empty
    decision is a small grey box, so that a case without advice is seen as one. Below a tree whose `title` is that of a
    draft stands that it is one.
    """
    graph = graphviz.Digraph("tree", comment=printable(title).replace("\n", " ") or None)
    graph.attr("graph", bgcolor="transparent", ranksep="0.45", nodesep="0.3", margin="0.05")
    graph.attr("node", shape="box", fontname=_FONT, fontsize="12", margin="0.16,0.09", penwidth="1.4")
    graph.attr("edge", fontname=_FONT, fontsize="11", color="#555555", arrowsize="0.7")
    if title.startswith(DRAFT):
        graph.attr("graph", label=status(draft=True), labelloc="b", fontname=_FONT, fontsize="11", fontcolor="#8a4b00")
    for index, node in enumerate(tree.nodes):
        unsure = index in doubtful
        graph.node(f"n{index}", label=_label(node, unsure), **_look(node) | (_DOUBTFUL if unsure else {}))
    for index, children in enumerate(tree.children()):
        for child, answer in zip(children or (), ("yes", "no"), strict=False):
            graph.edge(f"n{index}", f"n{child}", label=f" {answer} ")
    return graph.source


def dot_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree."""
    return {f"{one.place}.dot": tree_dot(one.tree, one.title, one.doubtful) for one in sourced_trees(extraction)}


def relation_label(name: str) -> str:
    """A relation for people: "clinical feature"."""
    return name.replace("_", " ")


def triple_label(triple: Triple, node: Node) -> str:
    """The relation of a triple; with the drug for a dose, unless the drug stands right before it."""
    label = relation_label(triple.relation)
    if triple.relation != ENGLISH.dosage:
        return label
    before = node.triples[: node.triples.index(triple)]
    follows = before and triple.subject in (before[-1].object, before[-1].subject)
    return label if follows else f"{label} of {triple.subject}"


def _look(node: Node) -> dict[str, str]:
    if node.is_condition:
        return _CONDITION
    return _DECISION if node.triples else _NOTHING


def _label(node: Node, unsure: bool = False) -> str:
    """The text of a box; "\\l" ends a line at the left, "\\n" a centred one.

    Plain, not HTML-like: Graphviz as WebAssembly is built without the parser for those.
    """
    mark = f"{LOW_CONFIDENCE}\\n" if unsure else ""
    if not node.triples:
        return f"{mark}no recommendation given"
    text = mark
    for index, triple in enumerate(node.triples):
        if index:
            text += f"{node.logical_rel.upper()}\\n"
        words = printable(" ".join(f"{triple_label(triple, node)}: {triple.object}".split()))
        text += "".join(f"{_escaped(line)}\\l" for line in textwrap.wrap(words, _WIDTH))
    return graphviz.nohtml(text)


def _escaped(words: str) -> str:
    """Quoted for a label, where a backslash and an ampersand begin a code."""
    return graphviz.escape(html.escape(words, quote=False))


def printable(words: str) -> str:
    """The words with a replacement sign for each that XML cannot hold, or that turns the order of reading."""
    return _NOT_SHOWN.sub("\ufffd", words)
