"""Mermaid flowcharts → trees."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from text2mdt.errors import Text2MDTError
from text2mdt.imports.branches import BranchError, tree_of
from text2mdt.imports.imported import MOST_NODES, ImportedTree, Origin, refuse_long
from text2mdt.node_text import read_node
from text2mdt.schema import Node, Role

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\w*)")
_HEAD = re.compile(r"(?:flowchart|graph)(?:\s+(?:TB|TD|BT|RL|LR))?\s*;?", re.IGNORECASE)
_PASSED_OVER = re.compile(r"(?:classDef|class|style|linkStyle|click|direction|accTitle|accDescr|subgraph)\b|end$")
_COMMENT = re.compile(r"%%\s*(document|passage|tree|population):\s*(.+)")
_NAME = re.compile(r"[^\W_][\w.]*(?:-[\w.]+)*")
_SHAPES = {"[": "]", "(": ")", "{": "}", ">": "]"}
_CLASS = re.compile(r":::[\w-]+")
_ARROW = re.compile(r"\s*(?:[-=.]{2,}>|--+)\s*")
_PIPED = re.compile(r"\s*(?:-{2,}>|={2,}>|-\.+->)\s*\|([^|]*)\|\s*")
_WRITTEN = re.compile(r"\s*(?:--|==|-\.)\s*([^-=.|>][^|>]*?)\s*(?:-{2,}>|={2,}>|\.+->)\s*")
_CODE = re.compile(r"#(?:(\d{1,7})|(\w{1,31}));")
_BREAK = re.compile(r"<br\s*/?>|\\n|\n", re.IGNORECASE)
_ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_LONGEST_LINE = 100_000


@dataclass
class _Chart:
    """A flowchart as far as it is read."""

    start: int
    labels: dict[str, tuple[str, int]] = field(default_factory=dict)
    edges: dict[str, dict[bool, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)


def read_mermaid(content: str, where: object = "") -> list[ImportedTree]:
    """The trees of a .mmd file with one flowchart, or of a Markdown page with a flowchart in each ```mermaid block.

    Read are nodes of any shape, edges with "yes" or "no" (also true and false) on them, and the comments that text2mdt
    writes; styles and subgraphs are passed over. A node that several edges lead to is repeated.

    Raises:
        Text2MDTError: T2M120 naming the line, T2M121 for a file that is too big.
    """
    refuse_long(content, where)
    trees = [_tree(chart, where) for chart in _charts(content, where)]
    if not trees:
        raise _wrong(where, 1, "no flowchart in it (it begins with 'flowchart TD')")
    if sum(len(one.tree) for one in trees) > MOST_NODES:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
    return trees


def _wrong(where: object, line: int, detail: str) -> Text2MDTError:
    place = f"{where}, line {line}" if where else f"line {line}"
    return Text2MDTError("T2M120", place, kind="Mermaid", detail=detail)


def _charts(content: str, where: object) -> Iterator[_Chart]:
    lines = list(enumerate(content.replace("\r\n", "\n").split("\n"), start=1))
    if not any(match and match[2] == "mermaid" for match in (_FENCE.match(line) for _, line in lines)):
        yield from _read(lines, where)
        return
    block: list[tuple[int, str]] | None = None
    for number, line in lines:
        match = _FENCE.match(line)
        if block is None and match and match[2] == "mermaid":
            block = []
        elif block is not None and match and not match[2]:
            yield from _read(block, where)
            block = None
        elif block is not None:
            block.append((number, line))
    if block is not None:
        raise _wrong(where, lines[-1][0], "the ```mermaid block does not end")


def _read(lines: list[tuple[int, str]], where: object) -> Iterator[_Chart]:
    """The flowchart of some lines, if they hold one; the part between "---" in front is its title."""
    chart: _Chart | None = None
    in_title = False
    for number, line in lines:
        said = line.strip()
        if len(line) > _LONGEST_LINE:
            raise _wrong(where, number, "the line is too long")
        if said == "---" and chart is None:
            in_title = not in_title
        elif not said or in_title:
            continue
        elif chart is None and _HEAD.fullmatch(said):
            chart = _Chart(number)
        elif said.startswith("%%"):
            if chart is not None and (match := _COMMENT.fullmatch(said)):
                chart.said[match[1]] = _json(match[2])
        elif chart is None:
            raise _wrong(where, number, f"'{said[:60]}' before 'flowchart TD'")
        elif not _PASSED_OVER.match(said):
            _statement(chart, said.rstrip(";"), number, where)
    if chart is not None:
        yield chart


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def _statement(chart: _Chart, said: str, number: int, where: object) -> None:
    """A node, or nodes joined by edges."""
    name, at = _node(chart, said, 0, number, where)
    while at < len(said):
        match = _PIPED.match(said, at) or _WRITTEN.match(said, at)
        if match is None:
            hint = (
                "an edge without yes or no" if _ARROW.match(said, at) else f"'{said[at : at + 40]}' is not understood"
            )
            raise _wrong(where, number, hint)
        answer = _ANSWERS.get(_text(match[1]).strip().casefold())
        if answer is None:
            raise _wrong(where, number, f"an edge must say yes or no, not '{match[1].strip()[:40]}'")
        child, at = _node(chart, said, match.end(), number, where)
        children = chart.edges.setdefault(name, {})
        if answer in children:
            raise _wrong(where, number, f"'{name}' has two edges with '{'yes' if answer else 'no'}'")
        children[answer] = child
        name = child


def _node(chart: _Chart, said: str, at: int, number: int, where: object) -> tuple[str, int]:
    """The name of the node that begins here, its label noted, and where it ends."""
    match = _NAME.match(said, at)
    if match is None:
        raise _wrong(where, number, f"no name of a node at '{said[at : at + 40]}'")
    name, at = match[0], match.end()
    chart.lines.setdefault(name, number)
    if len(chart.lines) > MOST_NODES:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
    if said[at : at + 1] in _SHAPES:
        label, at = _shape(said, at, number, where)
        chart.labels[name] = label, number
    if styled := _CLASS.match(said, at):
        at = styled.end()
    while said[at : at + 1] == " " and not said[at:].strip():
        at += 1
    return name, at


def _shape(said: str, at: int, number: int, where: object) -> tuple[str, int]:
    """The label in its brackets, and where these end; the brackets may be doubled, the label in quotes."""
    start = at
    while said[at : at + 1] in _SHAPES or said[at : at + 1] in ("/", "\\"):
        at += 1
    closing = "".join(_SHAPES.get(sign, "") for sign in said[start:at])[::-1]
    if said[at : at + 1] == '"':
        end = said.find('"', at + 1)
        label, behind = said[at + 1 : end], end + 1
    else:
        end = said.find(closing, at)
        label, behind = said[at:end].rstrip("/\\"), end
    while end >= 0 and said[behind : behind + 1] in ("/", "\\"):
        behind += 1
    if end < 0 or not said.startswith(closing, behind):
        raise _wrong(where, number, f"the label at '{said[start : start + 40]}' does not end with '{closing}'")
    return label.strip("`"), behind + len(closing)


def _tree(chart: _Chart, where: object) -> ImportedTree:
    origin = Origin.of(chart.said)
    below = {child for children in chart.edges.values() for child in children.values()}
    roots = [name for name in chart.lines if name not in below]
    if len(roots) != 1:
        named = ", ".join(f"'{name}'" for name in roots[:5]) or "none"
        raise _wrong(where, chart.start, f"one node must have no edge to it; here these have: {named}")
    branches = {}
    for name, children in chart.edges.items():
        if len(children) != 2:
            missing = "no" if True in children else "yes"
            raise _wrong(where, chart.lines[name], f"'{name}' has no edge with '{missing}'")
        branches[name] = children[True], children[False]

    def node(name: str, is_condition: bool) -> Node:
        label, line = chart.labels.get(name, (name, chart.lines[name]))
        try:
            lines = [_text(part) for part in _BREAK.split(label)]
            return read_node(lines, Role.CONDITION if is_condition else Role.DECISION, origin.population)
        except ValueError as error:
            raise _wrong(where, line, str(error)) from None

    try:
        tree = tree_of(roots[0], branches, node, lambda name: f"'{name}'")
    except BranchError as error:
        raise _wrong(where, chart.start, str(error)) from None
    return origin.with_tree(tree, f"line {chart.start}")


def _text(label: str) -> str:
    """A label with its codes read."""
    return _CODE.sub(_sign, label)


def _sign(match: re.Match[str]) -> str:
    if match[1]:
        number = int(match[1])
        return chr(number) if number < 0x110000 else match[0]
    read = html.unescape(f"&{match[2]};")
    return match[0] if read == f"&{match[2]};" else read
