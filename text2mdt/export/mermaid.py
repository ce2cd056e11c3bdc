"""Decision tree → Mermaid flowchart, alone and in a Markdown page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from text2mdt.export.dot import printable
from text2mdt.node_text import node_lines
from text2mdt.schema import Extraction, Node
from text2mdt.sourced_tree import Quote, SourcedTree, sourced_trees, status

_NOT_PLAIN = re.compile(r"[^ \w.,:()/+='-]|_|(?<=/)/|/(?=/)|(?<=www)\.", re.IGNORECASE)
"""What is written as a code in a label: all that Mermaid, its Markdown or HTML could read as their own."""
_READ_LATE = re.compile(r"(?<=\$)\$|:(?=fa-)|\ufb02(?=°)")
"""What Mermaid reads as a formula, an icon or a code of its own even where it is written as a code."""
_UNSAFE = re.compile(r"[<>&`%\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~$!]|^[-+=>]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_STYLES = """
  classDef condition fill:#e6f0fa,stroke:#1f5f99,color:#1b1f24
  classDef decision fill:#e9f5e9,stroke:#2e6b34,color:#1b1f24
  classDef doubtful stroke:#b3261e,stroke-width:3px
  classDef nothing fill:#f2f2f2,stroke:#767676,color:#595959,stroke-dasharray:4 3
"""
_CLASSES = {True: "condition", False: "decision"}


def tree_mermaid(tree: SourcedTree) -> str:
    """One tree as a flowchart; comments name its document, passage, population and the words of each node.

    Labels hold the text of `node_text`; whatever could be markup in them is written as a character code.
    """
    lines = ["---", f"title: {_value(tree.title)}", "---", "flowchart TD"]
    for name, value in provenance(tree).items():
        lines.append(f"  %% {name}: {_value(value)}")
    for index, node in enumerate(tree.tree.nodes):
        lines.append(f'  n{index}["{_label(node_lines(node, tree.result.population))}"]:::{_class(node)}')
        lines += _confidence(tree, index)
        lines += [f"  %% source of n{index}: {_value(_words(quote))}" for quote in tree.quotes(index)]
        lines += [f"  %% strength of n{index}: {_value(name)}" for name in tree.strengths(index)]
    for index, pair in enumerate(tree.tree.children()):
        for child, answer in zip(pair or (), ("yes", "no"), strict=False):
            lines.append(f"  n{index} -->|{answer}| n{child}")
    return "\n".join(lines) + _STYLES


def mermaid_files(extraction: Extraction) -> dict[str, str]:
    """A file for each tree."""
    return {f"{tree.place}.mmd": tree_mermaid(tree) for tree in sourced_trees(extraction)}


def markdown_files(extraction: Extraction) -> dict[str, str]:
    """One Markdown page with every tree: its passage and its flowchart."""
    return {".md": "\n".join(_page(extraction))}


def provenance(tree: SourcedTree) -> dict[str, str | int]:
    """What an exported tree says of its origin, so that it finds back."""
    return {
        "document": tree.document,
        "passage": tree.result.id,
        "tree": tree.number,
        "population": tree.result.population,
        "status": tree.status,
    }


def _confidence(tree: SourcedTree, node: int) -> Iterator[str]:
    sure = tree.confidence(node)
    if sure is not None:
        yield f"  %% confidence of n{node}: {sure:.2f}{', low' if tree.is_doubtful(node) else ''}"
    if tree.is_doubtful(node):
        yield f"  class n{node} doubtful"


def _page(extraction: Extraction) -> Iterator[str]:
    yield f"# {_escaped(extraction.document.name)}\n"
    yield f"{_escaped(status(extraction.draft))}\n"
    last = None
    for tree in sourced_trees(extraction):
        if tree.result is not last:
            yield f"## {_escaped(tree.result.population)}\n"
            pages = f", page {', '.join(map(str, tree.result.passage.pages))}" if tree.result.passage.pages else ""
            yield f"{_escaped(tree.result.id + pages)}\n"
            yield f"> {_escaped(tree.result.text)}\n"
        last = tree.result
        yield f"```mermaid\n{tree_mermaid(tree)}```\n"
    if last is None:
        yield _escaped(extraction.reason or "No tree was found.") + "\n"


def _label(lines: Sequence[str]) -> str:
    said = (_READ_LATE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line) for line in lines)
    return "<br/>".join(_NOT_PLAIN.sub(lambda sign: _code(sign[0]), line) for line in said)


def _code(sign: str) -> str:
    return f"#{ord(sign)};" if sign.isascii() else sign


def _value(value: str | int) -> str:
    """A string as JSON on one line, without anything that ends a comment, a directive or a Markdown block."""
    written = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


def _words(quote: Quote) -> str:
    pages = f", page {', '.join(map(str, quote.pages))}" if quote.pages else ""
    return f"{quote.words} ({quote.passage}{pages})"


def _class(node: Node) -> str:
    return _CLASSES[node.is_condition] if node.triples else "nothing"


def _escaped(words: str) -> str:
    """Text as Markdown on one line that shows it as it stands."""
    one_line = " ".join(printable(words).split())
    return _MARKDOWN.sub(r"\\\1", one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
