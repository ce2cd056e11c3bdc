"""Where the parts of a decision stand in its diagram: inputs in rows below, the source at the side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from text2mdt.export.dmn.names import NAMESPACES

_ROW = 5
_WIDTH, _HEIGHT = 180, 60
_GAP = 30
_LEFT, _TOP = 150, 120
"""Room at the edges, where modellers show the name of the file."""
_DMNDI, _DC, _DI = (f"{{{NAMESPACES[name]}}}" for name in ("dmndi", "dc", "di"))


class _Box(NamedTuple):
    """Left, top, width and height in the units of the diagram."""

    x: int
    y: int
    width: int
    height: int

    @property
    def top(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y

    @property
    def bottom(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height


def diagram(decision: str, source: str, inputs: Sequence[str], edges: dict[str, str]) -> etree._Element:
    """The DMNDI element.

    Args:
        decision, source, inputs: ids of the elements that are drawn as boxes.
        edges: for the id of each requirement the id of the element that it comes from.
    """
    columns = max(min(len(inputs), _ROW), 2)
    whole = columns * (_WIDTH + _GAP) - _GAP
    boxes = {
        decision: _Box(_LEFT + (whole - _WIDTH) // 2, _TOP, _WIDTH, 80),
        source: _Box(_LEFT + whole + 2 * _GAP, _TOP + 8, _WIDTH, 63),
    }
    for number, name in enumerate(inputs):
        row, column = divmod(number, _ROW)
        left, top = _LEFT + column * (_WIDTH + _GAP), _TOP + 160 + row * (_HEIGHT + _GAP)
        boxes[name] = _Box(left, top, _WIDTH, _HEIGHT)
    root = etree.Element(_DMNDI + "DMNDI")
    page = etree.SubElement(root, _DMNDI + "DMNDiagram", id="diagram")
    page.extend(_shapes(boxes))
    for requirement, start in edges.items():
        edge = etree.SubElement(page, _DMNDI + "DMNEdge", id=f"edge_{requirement}", dmnElementRef=requirement)
        begin = (boxes[start].x, boxes[start].y + 32) if start == source else boxes[start].top
        end = (boxes[decision].x + _WIDTH, _TOP + 40) if start == source else boxes[decision].bottom
        for x, y in (begin, end):
            etree.SubElement(edge, _DI + "waypoint", x=str(x), y=str(y))
    return root


def _shapes(boxes: dict[str, _Box]) -> Iterator[etree._Element]:
    for name, box in boxes.items():
        shape = etree.Element(_DMNDI + "DMNShape", id=f"shape_{name}", dmnElementRef=name)
        sizes = {side: str(value) for side, value in box._asdict().items()}
        etree.SubElement(shape, _DC + "Bounds", sizes)
        yield shape
