"""Check: what the passage joins by "or", and the tree asks or gives together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from text2mdt.safety.placed_forest import Item, PlacedForest, in_text_order, warning
from text2mdt.safety.text_pieces import piece_at
from text2mdt.schema import Logic, NodeWarning

KIND = "wrong_logic"
EXPLANATION = "The passage joins conditions or treatments by 'or', and the tree wants all of them."

_OR = re.compile(r"\b(?:or|either)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|plus|together|both|with|as well as|along)\b|[&+]", re.IGNORECASE)
_LIST = re.compile(r",? (?:(?:or|an?|the|of|in|has|have|had|is|are|their|use|uses) )*", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:no|not|without|never|neither|nor|none)\b", re.IGNORECASE)  # "no A or B" is not A and not B
_LAST_OF_LIST = re.compile(  # "fever, which is common, or a cough", but not "fever, high or low, that lasts"
    r"[^()]*\bor\b(?! (?:less|more|over|under|above|below)\b)(?: [\w-]+){0,4} ",
    re.IGNORECASE,
)
_DOSE = r"(?: \([^()]*\)| \d[^.;:,]*| orally| intravenously)?"
_NEXT = re.compile(rf"{_DOSE}, (?:(?:an?|the|oral|intravenous) )*", re.IGNORECASE)
_ONE_OF_TWO = re.compile(  # "X 1 g or Y", but not "X; if it fails, or …"
    rf"{_DOSE},? or(?: (?:an?|the|to|in|for|of|their|by|at|else|oral|intravenous))* ", re.IGNORECASE
)
_WITHIN = re.compile(  # "a previous clot or use of oestrogen"; not "60 or over", nor "moderate or severe"
    r"\bor (?:an?|the|uses?|ha[sdv]e?|are|is|takes?|taking|with|needs?|lives?|smokes?) ", re.IGNORECASE
)


def wrong_logic(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Nodes joined by "and", and conditions asked one below the other where the first holds; one warning a node."""
    for number, node in enumerate(forest.nodes):
        items = _placed(forest, number)
        if further := _asked_below(forest, number):
            chain = in_text_order([*items, *further])
            if items and _is_list(_gaps(forest, chain)):
                yield _warning(forest, chain, further[0])
        if node.logical_rel is not Logic.AND or any(_DENIED.search(item.triple.object) for item in items):
            continue
        gaps = _gaps(forest, items)
        if _joined_by_or(items, gaps) if node.is_condition else _alternatives(forest, items, gaps):
            yield _warning(forest, items, items[0])


def _asked_below(forest: PlacedForest, number: int) -> list[Item]:
    """What is asked next where a condition holds, unless it is asked where it does not hold as well."""
    children = forest.children[number]
    if not children or not forest.nodes[children[0]].is_condition:
        return []
    below = _placed(forest, children[0])
    elsewhere = {item.words for item in forest.conditions if forest.answer(number, item.node) is False}
    return [] if elsewhere & {item.words for item in below} else below


def _placed(forest: PlacedForest, node: int) -> list[Item]:
    """The items of a node in the order of the text, without doses."""
    return in_text_order(item for item in forest.of_node(node) if not forest.is_dose(item))


def _gaps(forest: PlacedForest, items: Sequence[Item]) -> list[str]:
    """The words between neighbours; none where two overlap, stand in two sentences or are joined by "and"."""
    gaps = []
    for one, other in pairwise(items):
        first, second = one.place or (0, 0), other.place or (0, 0)
        if first[1] > second[0] or piece_at(forest.sentences, first) != piece_at(forest.sentences, second):
            return []
        gaps.append(forest.text[first[1] : second[0]])
    return [] if any(_AND.search(gap) for gap in gaps) else gaps


def _joined_by_or(items: Sequence[Item], gaps: Sequence[str]) -> bool:
    if not gaps:
        return False
    before_last, last = gaps[-1], items[-1].triple.object
    if _LAST_OF_LIST.fullmatch(before_last):
        return True
    return before_last.startswith(",") and bool(_LIST.fullmatch(before_last) and _WITHIN.search(last))


def _alternatives(forest: PlacedForest, items: Sequence[Item], gaps: Sequence[str]) -> bool:
    """Whether a decision gives several drugs of which the text has one chosen; of drugs to avoid "or" means each."""
    if not gaps or any(not forest.is_drug(item) or forest.forbids(item) for item in items):
        return False
    return all(_NEXT.fullmatch(gap) for gap in gaps[:-1]) and bool(_ONE_OF_TWO.fullmatch(gaps[-1]))


def _is_list(gaps: Sequence[str]) -> bool:
    """Whether the text has the items one behind the other, with an "or" before the last."""
    return bool(gaps) and bool(_OR.search(gaps[-1])) and all(_LIST.fullmatch(gap) for gap in gaps)


def _warning(forest: PlacedForest, items: Sequence[Item], told_on: Item) -> NodeWarning:
    places = [item.place for item in items if item.place]
    where = min(place[0] for place in places), max(place[1] for place in places)
    text = f"The passage says '{forest.text[slice(*where)]}', the tree wants all of it."
    return warning(KIND, told_on, text, where)
