"""Check: an action on the other branch of a condition than its sentence says."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.safety.condition_pairs import Pair, condition_pairs
from text2mdt.safety.negation_words import denies
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.schema import NodeWarning

KIND = "swapped_branch"
EXPLANATION = (
    "The passage ties an action to a condition, and the tree gives it when the condition does not hold, or the reverse."
)


def swapped_branch(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Pairs with a negation are left to `lost_negation`."""
    for pair in turned_pairs(forest):
        if not (pair.denied or denies(pair.condition.triple.object)):
            yield turned_warning(KIND, forest, pair)


def turned_pairs(forest: PlacedForest) -> Iterator[Pair]:
    """The pairs whose action the tree has on the other branch only."""
    for pair in condition_pairs(forest):
        condition = pair.condition.node
        if forest.answer(condition, pair.action.node) is not (not pair.answer):
            continue
        if not any(forest.answer(condition, action.node) is pair.answer for action in _same(forest, pair.action)):
            yield pair


def _same(forest: PlacedForest, action: Item) -> list[Item]:
    """The actions that one mention may be meant for: of the same words, and where each has its own mention, a dose in
    common."""
    alike = [other for other in forest.actions if other.triple.object.lower() == action.triple.object.lower()]
    if len(forest.mentions(action.triple.object)) < len(alike):
        return alike
    own = _doses(forest, action)
    return [
        other
        for other in alike
        if other.triple.relation == action.triple.relation and (own == (doses := _doses(forest, other)) or own & doses)
    ]


def _doses(forest: PlacedForest, action: Item) -> frozenset[str]:
    doses = (item.triple for item in forest.of_node(action.node) if forest.is_dose(item))
    return frozenset(dose.object.lower() for dose in doses if dose.subject == action.triple.object)


def turned_warning(kind: str, forest: PlacedForest, pair: Pair) -> NodeWarning:
    """A warning on the action, with the words from the one to the other."""
    places = [place for place in (pair.condition.place, pair.action.place) if place]
    where = min(place[0] for place in places), max(place[1] for place in places)
    answer = "does not hold" if pair.answer else "holds"
    text = (
        f"The tree gives '{pair.action.triple.object}' when '{pair.condition.triple.object}' {answer}; the passage "
        f"says '{forest.text[slice(*where)]}'."
    )
    return warning(kind, pair.action, text, where)
