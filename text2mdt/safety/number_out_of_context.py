"""Check: a page, a year, a reference or a figure of a trial, read as a threshold or a dose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from text2mdt.grounding import Place
from text2mdt.safety.number_context import number_context
from text2mdt.safety.placed_forest import PlacedForest, warning
from text2mdt.safety.quantities import Quantity, quantities
from text2mdt.safety.text_pieces import overlap, piece_at
from text2mdt.schema import NodeWarning

KIND = "number_out_of_context"
EXPLANATION = (
    "A number of a condition or a dose is, in the passage, a page, a year, the number of a table, section, reference "
    "or recommendation, or a figure of a trial."
)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def number_out_of_context(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Of an object that stands in the passage its own numbers are read, of another one all places of its numbers."""
    in_text = quantities(forest.text)
    for item in forest.items:
        if not (forest.nodes[item.node].is_condition or forest.is_dose(item)):
            continue
        if item.place:
            place = item.place
            own = (quantity for quantity in in_text if overlap((quantity.start, quantity.end), place))
            found = next(((quantity, name) for quantity in own if (name := _context(forest, quantity))), None)
        else:
            found = _elsewhere(forest, item.triple.object, in_text)
        if found:
            quantity, name = found
            number = forest.text[quantity.start : quantity.end]
            words = forest.text[max(0, quantity.start - 20) : quantity.end + 10].strip()
            text = f"The number {number} of '{item.triple.object}' looks like {name} ('… {words} …')."
            yield warning(KIND, item, text, (quantity.start, quantity.end))


def _elsewhere(forest: PlacedForest, words: str, in_text: Sequence[Quantity]) -> tuple[Quantity, str] | None:
    """The place of a number that is nowhere in the passage a quantity."""
    for quantity in quantities(words):
        same = [other for other in in_text if other.low == quantity.low]
        if same and all(_context(forest, other) for other in same):
            return same[0], _context(forest, same[0]) or ""
    return None


def _context(forest: PlacedForest, quantity: Quantity) -> str | None:
    digits = _DIGITS.match(forest.text, quantity.start)
    if digits is None:
        return None
    place: Place = digits.span()
    return number_context(forest.text, place, piece_at(forest.sentences, place), bool(quantity.unit.strip("%")))
