"""Check: words of the tree that are nowhere in the passage."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.safety.placed_forest import PlacedForest, warning
from text2mdt.schema import NodeWarning

KIND = "ungrounded"
EXPLANATION = "An object does not occur in the passage: it is reworded, or it comes from elsewhere."


def ungrounded(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Looks in the text itself too, so that groundings left out are no warning."""
    for item in forest.items:
        if item.place is None and not forest.mentions(item.triple.object):
            yield warning(KIND, item, f"'{item.triple.object}' does not stand in the passage.")
