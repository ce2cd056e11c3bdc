"""Check: the same words of the passage in two triples."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.text_pieces import overlap, within
from text2mdt.schema import NodeWarning

KIND = "words_twice"
EXPLANATION = "A triple stands twice in a node, or two triples share words that stand only once in the passage."


def words_twice(forest: PlacedForest) -> Iterator[NodeWarning]:
    for first, second in _repeated(forest):
        yield warning(KIND, second, f"'{first.triple.object}' stands twice in this node.", second.place)
    told: set[tuple[int, int]] = set()
    for first, second in _overlapping(forest):
        if (second.node, second.index) not in told and _share_words(first, second, forest):
            told.add((second.node, second.index))
            text = f"'{second.triple.object}' and '{first.triple.object}' are taken from the same words."
            yield warning(KIND, second, text, second.place)


def _repeated(forest: PlacedForest) -> Iterator[tuple[Item, Item]]:
    seen: dict[tuple[int, str, str], Item] = {}
    for item in forest.items:
        words = item.triple.object.lower()
        first = seen.setdefault((item.node, item.triple.subject if forest.is_dose(item) else "", words), item)
        if first is not item and words:
            yield first, item


def _overlapping(forest: PlacedForest) -> Iterator[tuple[Item, Item]]:
    """Pairs whose places overlap and differ, each in the order of the nodes."""
    placed = sorted((item.place, item.node, item.index, item) for item in forest.items if item.place)
    for position, (place, *_, one) in enumerate(placed):
        for other_place, *_, other in placed[position + 1 :]:
            if other_place[0] >= place[1]:
                break
            if other_place != place:
                first, second = sorted((one, other), key=lambda item: (item.node, item.index))
                yield first, second


def _share_words(first: Item, second: Item, forest: PlacedForest) -> bool:
    """Whether neither can be taken from elsewhere; a condition may name what is given, a treatment its finding."""
    one, other = first.place, second.place
    if not one or not other or _stands_elsewhere(first, other, forest) or _stands_elsewhere(second, one, forest):
        return False
    dose, drug = (first, second) if forest.is_dose(first) else (second, first)
    if forest.is_dose(dose) and drug.triple.object == dose.triple.subject:
        return False
    if forest.nodes[first.node].role is forest.nodes[second.node].role:
        return True
    return not (within(one, other) or within(other, one))


def _stands_elsewhere(item: Item, taken: Place, forest: PlacedForest) -> bool:
    return any(not overlap(place, taken) for place in forest.mentions(item.triple.object))
