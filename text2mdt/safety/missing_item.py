"""Check: an item of a list that is in no node, while the other items are in one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.safety.text_pieces import lead_in, overlap
from text2mdt.schema import NodeWarning, Span

KIND = "missing_item"
EXPLANATION = "Items of a list are in the node, and another item of the same list is in no node."
_NOTHING = re.compile(r"(?:no|none|nothing)\b", re.IGNORECASE)


def missing_item(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Lists behind a colon, with semicolons or bullets, of findings or of actions; a list of cases is `missing_case`'s.

    The warning stands on the node that has the other items.
    """
    mentioned = [(item.node, place) for item in forest.items for place in forest.mentions(item.triple.object)]
    for items in _lists(forest):
        owners = [{node for node, place in mentioned if overlap(place, item)} for item in items]
        if len(nodes := set().union(*owners)) != 1:
            continue
        for item, owner in zip(items, owners, strict=True):
            if not owner and not _NOTHING.match(forest.text, item[0]):
                text = f"The list goes on with '{forest.text[slice(*item)]}', which is in no node."
                yield NodeWarning(kind=KIND, node=min(nodes), text=text, passage_span=Span(start=item[0], end=item[1]))


def _lists(forest: PlacedForest) -> Iterator[list[Place]]:
    """The items of each list without cases ("severe: …"); rows of tables are none."""
    found: dict[Place, list[Place]] = {}
    for piece in forest.statements:
        if (lead := lead_in(forest.text, forest.statements, piece)) and forest.row_at(piece) is None:
            found.setdefault(lead, []).append(piece)
    for lead, rest in found.items():
        end = next(piece[1] for piece in forest.statements if piece[0] <= lead[0] < piece[1])
        places = [(lead[1] + 1, end), *rest]
        items = [item for place in places if (item := _trimmed(forest.text, *place))]
        if len(items) > 1 and not any(":" in forest.text[slice(*item)] for item in items):
            yield items


def _trimmed(text: str, start: int, end: int) -> Place | None:
    """A place without the spaces and marks around its words; None where it has none."""
    words = text[start:end].strip(" \n.;；•▪")
    return (text.index(words, start), text.index(words, start) + len(words)) if words else None
