"""Check: a number, unit or comparator that the passage does not have so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from text2mdt.grounding import Place
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.quantities import Quantity, quantities
from text2mdt.safety.text_pieces import overlap
from text2mdt.schema import NodeWarning

KIND = "quantity_differs"
EXPLANATION = "A dose, threshold, duration or age, its unit or its comparator, does not stand so in the passage."


def quantity_differs(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Objects that stand in the passage are read for numbers cut in two or out of their comparison, others number by
    number."""
    in_text = quantities(forest.text)
    for item in forest.items:
        is_condition = forest.nodes[item.node].is_condition
        if item.place:
            yield from _cut(forest.text, item, item.place, in_text, is_condition)
            continue
        for quantity in quantities(item.triple.object):
            if found := _difference(item.triple.object, quantity, forest.text, in_text, is_condition):
                message, place = found
                yield warning(KIND, item, message, place)


def _cut(text: str, item: Item, place: Place, in_text: Sequence[Quantity], is_condition: bool) -> Iterator[NodeWarning]:
    """The quantities of the passage that the object holds in part."""
    for whole in in_text:
        if not overlap((whole.start, whole.end), place):
            continue
        if whole.start < place[0] or whole.end > place[1]:
            words = text[whole.start : whole.end]
            message = f"'{item.triple.object}' holds only a part of '{words}'."
        elif is_condition and (whole.outer[0] < place[0] or whole.outer[1] > place[1]):
            words = text[slice(*whole.outer)]
            message = f"The passage says '{words}', '{item.triple.object}' leaves the comparison out."
        else:
            continue
        yield warning(KIND, item, message, whole.outer)


def _difference(
    words: str, quantity: Quantity, text: str, in_text: Sequence[Quantity], is_condition: bool
) -> tuple[str, Place | None] | None:
    """What is wrong with a quantity of an object that is not in the passage word for word."""
    written = words[slice(*quantity.outer)]
    same = [
        other
        for other in in_text
        if quantity.same_amount(other)
        or (is_condition and not quantity.unit and (other.low, other.high) == (quantity.low, quantity.high))
    ]
    if not same:
        nearest = _nearest(quantity, in_text)
        if nearest is None:
            return f"'{written}' does not stand in the passage.", None
        told = text[slice(*nearest.outer)]
        return f"'{written}' does not stand in the passage; it has '{told}'.", nearest.outer
    told = text[slice(*same[0].outer)]
    sides = {other.side for other in same}
    if quantity.side and sides and quantity.side not in sides | {""}:
        return f"The passage says '{told}', the tree '{written}'.", same[0].outer
    if is_condition and not quantity.side and "" not in sides:
        return f"The passage says '{told}', the tree leaves the comparison out.", same[0].outer
    return None


def _nearest(quantity: Quantity, in_text: Sequence[Quantity]) -> Quantity | None:
    """The quantity of the passage that was probably meant: the same number, else the closest one of the same unit."""
    numbers = [other for other in in_text if other.low == quantity.low or other.high == quantity.high]
    units = [other for other in in_text if quantity.unit and other.unit == quantity.unit]
    return next(iter(numbers), None) or min(units, key=lambda other: abs(other.low - quantity.low), default=None)
