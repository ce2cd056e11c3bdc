"""Named warnings on the nodes of extracted trees: where to look twice before a tree is trusted.

Rules only, no model: the passage and the trees are read again, word by word. A warning says that something looks wrong,
none says that a tree is right. The words of the rules are English; on other languages the checks of numbers, of
contradictions, of words used twice or asked and given, and of ungrounded objects remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from text2mdt.relations import ENGLISH, RelationSet
from text2mdt.safety import (
    asked_and_given,
    contradiction,
    drug_with_dose,
    empty_branch,
    invented_contraindication,
    kept_from_some,
    lost_gate,
    lost_negation,
    missing_case,
    missing_dose,
    missing_item,
    not_exclusive,
    number_out_of_context,
    quantity_differs,
    same_decision,
    swapped_branch,
    ungrounded,
    words_twice,
    wrong_drug_dose,
    wrong_logic,
)
from text2mdt.safety.placed_forest import PlacedForest
from text2mdt.schema import DecisionTree, Grounding, NodeWarning, Passage

__all__ = ["CHECKS", "check"]

_MODULES = (
    lost_gate,
    swapped_branch,
    lost_negation,
    invented_contraindication,
    wrong_logic,
    quantity_differs,
    number_out_of_context,
    wrong_drug_dose,
    contradiction,
    asked_and_given,
    kept_from_some,
    not_exclusive,
    same_decision,
    empty_branch,
    missing_case,
    missing_item,
    missing_dose,
    drug_with_dose,
    words_twice,
    ungrounded,
)
_FINDERS: dict[str, Callable[[PlacedForest], Iterator[NodeWarning]]] = {
    lost_gate.KIND: lost_gate.lost_gate,
    swapped_branch.KIND: swapped_branch.swapped_branch,
    lost_negation.KIND: lost_negation.lost_negation,
    invented_contraindication.KIND: invented_contraindication.invented_contraindication,
    wrong_logic.KIND: wrong_logic.wrong_logic,
    quantity_differs.KIND: quantity_differs.quantity_differs,
    number_out_of_context.KIND: number_out_of_context.number_out_of_context,
    wrong_drug_dose.KIND: wrong_drug_dose.wrong_drug_dose,
    contradiction.KIND: contradiction.contradiction,
    asked_and_given.KIND: asked_and_given.asked_and_given,
    kept_from_some.KIND: kept_from_some.kept_from_some,
    not_exclusive.KIND: not_exclusive.not_exclusive,
    same_decision.KIND: same_decision.same_decision,
    empty_branch.KIND: empty_branch.empty_branch,
    missing_case.KIND: missing_case.missing_case,
    missing_item.KIND: missing_item.missing_item,
    missing_dose.KIND: missing_dose.missing_dose,
    drug_with_dose.KIND: drug_with_dose.drug_with_dose,
    words_twice.KIND: words_twice.words_twice,
    ungrounded.KIND: ungrounded.ungrounded,
}

CHECKS: MappingProxyType[str, str] = MappingProxyType({module.KIND: module.EXPLANATION for module in _MODULES})
"""The name of each check (`NodeWarning.kind`), gravest first, and in one sentence what it sees."""


def check(
    passage: Passage,
    trees: Sequence[DecisionTree],
    groundings: Sequence[Grounding],
    relations: RelationSet = ENGLISH,
) -> tuple[NodeWarning, ...]:
    """All warnings on the trees of a passage, in the order of the nodes, on a node in that of `CHECKS`.

    Args:
        passage: the text that the trees were taken from.
        trees: in the order of `PassageResult.tree`.
        groundings: of these trees, as `text2mdt.grounding.ground` gives them; an object without one has no place.
        relations: the relations of the trees.

    Returns:
        Warnings whose `node` and `triple` count as those of the groundings do; none twice.
    """
    forest = PlacedForest(passage, trees, groundings, relations)
    order = {kind: position for position, kind in enumerate(CHECKS)}
    found = {warning: None for finder in _FINDERS.values() for warning in finder(forest)}
    return tuple(
        sorted(found, key=lambda item: (item.node, order[item.kind], -1 if item.triple is None else item.triple))
    )
