"""Where the nodes and triples of an outline text stand in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from text2mdt.linear.outline_triples import split_body

_LABEL = re.compile(r"(?:\d+ (?:yes|no) )?(?:\d+ (?:if|do) )?")


class NodePlace(NamedTuple):
    """Half-open ranges of characters; a line end belongs to the line before it, a separator to the triple before it."""

    start: int
    end: int
    triples: tuple[tuple[int, int], ...]


def node_places(text: str) -> list[NodePlace]:
    """The places of the nodes of a well-formed text, in pre-order: one node a line. The text `none` has no node."""
    if text == "none":
        return []
    places, start = [], 0
    for match in re.finditer(r"[^\n]*\n|[^\n]+", text):  # not splitlines, which cuts at other signs as well
        places.append(_place(match[0], start))
        start = match.end()
    return places


def _place(line: str, start: int) -> NodePlace:
    label = _LABEL.match(line)
    begin = start + (label.end() if label else 0)
    body = line[begin - start :]
    if body.rstrip("\n") == "none":
        return NodePlace(start, start + len(line), ())
    parts, _ = split_body(body)
    triples, place = [], begin
    for index, part in enumerate(parts):
        end = place + len(part) + (index + 1 < len(parts))
        triples.append((place, end))
        place = end
    return NodePlace(start, start + len(line), tuple(triples))
