"""Extraction → CSV, a row for each way to a decision, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from itertools import chain

from text2mdt.graph import DecisionPath, decision_paths
from text2mdt.node_text import escaped, node_lines
from text2mdt.schema import Extraction
from text2mdt.sourced_tree import Quote, SourcedTree, sourced_trees
from text2mdt.spreadsheet_cells import BYTE_ORDER_MARK, guarded

FIRST = ("document", "passage", "tree", "population")
LAST = ("decision", "strength", "source_words", "pages", "status", "confidence", "low_confidence")


def csv_files(extraction: Extraction) -> dict[str, str]:
    """One file.

    Columns: document, passage, tree (number within the passage), population, then "condition_1", "answer_1" and so on
    for the longest way, then decision, strength, source_words, pages, status, confidence (the lowest of the nodes on
    the way, empty where nothing tells it) and low_confidence ("yes" where that is below what is marked). A node is one
    cell, a line a triple, as `text2mdt.node_text` writes it; answers are "yes" and "no".
    """
    rows = [(tree, path) for tree in sourced_trees(extraction) for path in decision_paths(tree.tree)]
    longest = max((len(path.steps) for _, path in rows), default=0)
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow([*FIRST, *chain(*((f"condition_{n}", f"answer_{n}") for n in range(1, longest + 1))), *LAST])
    for tree, path in rows:
        writer.writerow([guarded(cell) for cell in _cells(tree, path, longest)])
    return {".csv": BYTE_ORDER_MARK + written.getvalue()}


def _cells(tree: SourcedTree, path: DecisionPath, longest: int) -> Iterable[str]:
    yield escaped(tree.document)
    yield escaped(tree.result.id)
    yield str(tree.number)
    yield escaped(tree.result.population)
    for node, holds in path.steps:
        yield _node(tree, node)
        yield "yes" if holds else "no"
    yield from [""] * (2 * (longest - len(path.steps)))
    quotes = [quote for node in [*(node for node, _ in path.steps), path.decision] for quote in tree.quotes(node)]
    yield _node(tree, path.decision)
    yield escaped(", ".join(tree.strengths(path.decision)))
    yield escaped(" | ".join(dict.fromkeys(quote.words for quote in quotes)))
    yield _pages(quotes)
    yield tree.status
    nodes = [*(node for node, _ in path.steps), path.decision]
    known = [sure for node in nodes if (sure := tree.confidence(node)) is not None]
    yield f"{min(known):.2f}" if known else ""
    yield "yes" if any(tree.is_doubtful(node) for node in nodes) else ""


def _node(tree: SourcedTree, node: int) -> str:
    return "\n".join(node_lines(tree.tree.nodes[node], tree.result.population))


def _pages(quotes: Iterable[Quote]) -> str:
    return ", ".join(str(page) for page in sorted({page for quote in quotes for page in quote.pages}))
