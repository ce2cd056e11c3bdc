"""Check: the same words of the passage as a condition and as a decision."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.safety.placed_forest import PlacedForest, warning
from text2mdt.schema import NodeWarning

KIND = "asked_and_given"
EXPLANATION = "A decision has the words of a condition, and they stand only once in the passage."


def asked_and_given(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Words that stand twice may be both ("if metformin is taken, continue metformin")."""
    asked = {item.words for item in forest.conditions} - {""}
    for item in forest.actions:
        words = item.triple.object
        if item.words in asked and not forest.forbids(item) and len(forest.mentions(words)) < 2:
            yield warning(KIND, item, f"'{words}' is asked as a condition, and given as a decision.", item.place)
