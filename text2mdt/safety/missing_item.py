"""Check: an item of a list that is in no node, while the other items are in one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.relations import ENGLISH
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.safety.text_pieces import lead_in, overlap, piece_at
from text2mdt.schema import NodeWarning, Role, Span

KIND = "missing_item"
EXPLANATION = "Items of a list are in the node, and another item of the same list is in no node."
_NO_ITEM = re.compile(  # a connector, a pointer, a sentence about the item before, a case
    r"(?:and|or|and/or)$|(?:it|this|that|these|they|which|see|otherwise|if|unless|except|when|where)\b|"
    r"in (?:all )?(?:the )?others?\b",
    re.IGNORECASE,
)
_NO_ACTION = re.compile(r"(?:none|nothing)\b|no (?:further|more|treatment|action|change)\b", re.IGNORECASE)
_MARKS = " \n.;；。•▪"


def missing_item(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Lists of findings or of actions behind a colon, with semicolons or bullets (English).

    The objects that were taken from the list stand in one node, which gets the warning. Lists within lists, lists with
    a colon in an item (cases are `missing_case`'s) and rows of tables are left alone.
    """
    if forest.relations is not ENGLISH:
        return
    taken = [place for item in forest.items for place in forest.mentions(item.triple.object)]
    for items in _lists(forest):
        nodes = {
            found.node for found in forest.items if found.place and any(overlap(found.place, item) for item in items)
        }
        if len(nodes) != 1:
            continue
        node = nodes.pop()
        for item in items:
            words = forest.text[slice(*item)]
            nothing = _NO_ITEM.match(words) or (forest.nodes[node].role is Role.DECISION and _NO_ACTION.match(words))
            if not nothing and not any(overlap(place, item) for place in taken):
                text = f"The list goes on with '{words}', which is in no node."
                yield NodeWarning(kind=KIND, node=node, text=text, passage_span=Span(start=item[0], end=item[1]))


def _lists(forest: PlacedForest) -> Iterator[list[Place]]:
    lists: dict[Place, list[Place]] = {}
    for piece in forest.statements:
        if (lead := lead_in(forest.text, forest.statements, piece)) and forest.row_at(piece) is None:
            lists.setdefault(lead, []).append(piece)
    for lead, rest in lists.items():
        first = piece_at(forest.statements, lead)
        if lead_in(forest.text, forest.statements, first):
            continue  # a list within a list
        places = [(lead[1] + 1, first[1]), *rest]
        items = [item for place in places if (item := _trimmed(forest.text, *place))]
        if not any(":" in forest.text[slice(*item)] for item in items):
            yield items


def _trimmed(text: str, start: int, end: int) -> Place | None:
    """A place without the spaces and marks around its words; None where it has none."""
    words = text[start:end].strip(_MARKS)
    return (text.index(words, start), text.index(words, start) + len(words)) if words else None
