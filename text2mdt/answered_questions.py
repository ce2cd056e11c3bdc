"""Questions that a tree asks although the way there has answered them: they go, and the tree decides as before.

A small model closes a chain of cases with the complement of the last one ("4.5 mmol/l or less", then "above 4.5
mmol/l"), or asks for one finding twice. Who follows the tree knows the answer already, so the branch of the other
answer can never be reached.
"""

from __future__ import annotations

from text2mdt.safety.content_words import content_words
from text2mdt.safety.negation_words import denies
from text2mdt.safety.value_ranges import LINE, ValueRange, common, value_range, without
from text2mdt.schema import DecisionTree, Node

REPAIR = "a question that is answered on its way is left out"
_NEGATIONS = content_words("not none never without absent absence neither nor")

Way = tuple[tuple[Node, bool], ...]
"""The conditions from the root, each with the answer that leads on."""


def without_answered_questions(tree: DecisionTree) -> DecisionTree:
    """The tree without the conditions whose answer follows from those above, and without what lies on their other side.

    Takes time in proportion to the nodes and the depth; never recurses.
    """
    children = tree.children()
    kept: list[Node] = []
    waiting: list[tuple[int, Way]] = [(0, ())]
    while waiting:
        index, way = waiting.pop()
        node, pair = tree.nodes[index], children[index]
        if pair is None:
            kept.append(node)
            continue
        yes, no = pair
        answer = known_answer(node, way)
        if answer is not None:
            waiting.append((yes if answer else no, way))
            continue
        kept.append(node)
        waiting += [(no, (*way, (node, False))), (yes, (*way, (node, True)))]
    return tree if len(kept) == len(tree.nodes) else DecisionTree(nodes=tuple(kept))


def known_answer(condition: Node, way: Way) -> bool | None:
    """The answer to a condition that those on the way imply; None where they leave it open.

    Three cases: the same condition stands on the way; its range of values and those asked before leave one answer; it
    denies the finding that the condition just above asks for, or is what that one denies, and the answer there was no.
    """
    for earlier, answer in way:
        if _question(earlier) == _question(condition):
            return answer
    words = _only_object(condition)
    if words is None or not way:
        return None
    asked = value_range(words)
    if asked is not None:
        return _by_range(asked, way)
    above, answer = way[-1]
    return True if not answer and _are_opposite(words, _only_object(above)) else None


def _question(node: Node) -> tuple[object, frozenset[object]]:
    return node.logical_rel, frozenset(node.triples)


def _only_object(node: Node) -> str | None:
    return node.triples[0].object if len(node.triples) == 1 else None


def _by_range(asked: ValueRange, way: Way) -> bool | None:
    left = [LINE]
    for earlier, answer in way:
        words = _only_object(earlier)
        known = value_range(words) if words is not None else None
        if known is not None and known.same_measure(asked):
            left = common(left, known.interval) if answer else without(left, known.interval)
    if not left or left == [LINE]:
        return None
    if not common(left, asked.interval):
        return False
    return None if without(left, asked.interval) else True


def _are_opposite(words: str, other: str | None) -> bool:
    """Whether one of two findings is the other with a negation ("high bleeding risk", "bleeding risk is not high")."""
    if other is None or value_range(other) is not None or denies(words) == denies(other):
        return False
    meaning = content_words(words) - _NEGATIONS
    return bool(meaning) and meaning == content_words(other) - _NEGATIONS
