"""Check: a "not" of the passage that the tree does not have, or has twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.safety.negation_words import denies, is_denied
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.swapped_branch import turned_pairs, turned_warning
from text2mdt.safety.text_pieces import overlap, piece_at
from text2mdt.schema import NodeWarning

KIND = "lost_negation"
EXPLANATION = (
    "The passage denies a finding or an action ('no', 'without', 'avoid'), and the tree does not, or a negation "
    "stands on the branch that turns it round again."
)
_VERB = (
    r"(?:give[ns]?|giving|use[ds]?|using|offer(?:ed)?|(?:re)?start(?:ed)?|resumed?|take[ns]?|prescribe[ds]?|"
    r"receive[ds]?|have|perform(?:ed)?)"
)
_HELD_BEFORE = re.compile(
    rf"\b(?:(?:(?:do|does|should|must|may|can) not|cannot|never|not to)(?: routinely)?(?: be)? {_VERB}|"
    r"avoid(?:s|ed|ing)?|rules? out|no longer|no|without|does not need|do not need|stop(?:s|ped|ping)?|"
    r"(?:with)?h(?:old|olds|eld|olding)|paus(?:e|es|ed|ing)|suspend(?:s|ed|ing)?|interrupt(?:s|ed|ing)?|"
    r"omit(?:s|ted|ting)?|discontinu(?:e|es|ed|ing))(?: (?:the|an?|any|of|more|extra|taking|"
    r"treatment|therapy|with|further|using|use))* $|\bcontraindicat\w+ (?:for|to) $",
    re.IGNORECASE,
)
_HELD_BEHIND = re.compile(
    r"^ (?:itself )?(?:(?:should|must|may|can|is|are)(?: be)? (?:not|never)(?: be)? (?:\w+ )?(?:given|used|offered|"
    r"recommended|indicated|advised|started|prescribed|taken|performed|continued|repeated|an option|suitable|"
    r"appropriate)|(?:(?:is|are|should be|must be|is to be|are to be) (?:therefore |likewise |then |"
    r"also )?)?(?:contraindicated|avoided|stopped|withheld|held|paused|suspended|omitted|withdrawn|discontinued|"
    r"interrupted|left out|tapered off|(?P<needless>unnecessary|superfluous))|(?:is|are) not "
    r"(?P<needed>necessary|needed|required))\b|"
    r"^: avoid\b",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"\bof (?:the )?$", re.IGNORECASE)
_STILL = re.compile(  # "is not needed except after trauma", "… not required but may be offered if …"
    r" (?:(?:except|other than|apart from|more|every|again|first|alone)\b|(?:in|for) (?:every|all|each|diagnosis)\b|"
    r"[^.;]*\b(?:but|only)\b)",
    re.IGNORECASE,
)
_HOLDS = re.compile(r"\bh(?:old|olds|eld|olding)\b", re.IGNORECASE)
_IN_A_CASE = re.compile(
    r",? (?:in|with|if|when|(?P<unless>unless)|to|during|for|within|after|before|until|while|where|once)\b",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"\b(?:if|when|where|unless|while|because|since|in whom|for whom|who|once|until)\b[^,;:.]*$", re.IGNORECASE
)


def lost_negation(forest: PlacedForest) -> Iterator[NodeWarning]:
    told = set()
    for pair in turned_pairs(forest):
        if pair.denied or denies(pair.condition.triple.object):
            told.add((pair.action.node, pair.action.index))
            yield turned_warning(KIND, forest, pair)
    for item in forest.conditions:
        if item.place and not denies(item.triple.object) and _only_denied(forest, item, item.place, told):
            words = _around(forest.text, item.place)
            text = f"The passage denies '{item.triple.object}' ('… {words} …'), its yes-branch acts on it."
            yield warning(KIND, item, text, item.place)
    for item in forest.actions:
        if not item.place or forest.forbids(item) or denies(item.triple.object):
            continue
        if place := _held_back(forest, item, item.place) or _held_back_in_case(forest, item, item.place):
            text = f"The passage says '{forest.text[slice(*place)]}', the tree gives '{item.triple.object}'."
            yield warning(KIND, item, text, place)


def _only_denied(forest: PlacedForest, item: Item, place: Place, told: set[tuple[int, int]]) -> bool:
    """Whether the passage never affirms a condition, and what its sentence gives is on the yes-branch."""
    if not all(is_denied(forest.text, other) for other in forest.mentions(item.triple.object)):
        return False
    statement = piece_at(forest.statements, place)
    beside = [action for action in forest.actions if action.place and overlap(action.place, statement)]
    nearest = min(beside, key=lambda action: _distance(action.place or place, place), default=None)
    if nearest is None or (nearest.node, nearest.index) in told:
        return False
    return forest.answer(item.node, nearest.node) is True


def _distance(one: Place, other: Place) -> int:
    return max(one[0] - other[1], other[0] - one[1])


def _held_back(forest: PlacedForest, item: Item, place: Place) -> Place | None:
    """The words that say not to do what stands at a place; of words for one case only if the item is of that case."""
    text = forest.text
    before, behind = text[max(0, place[0] - 60) : place[0]], text[place[1] : place[1] + 60]
    match = _HELD_BEFORE.search(before)
    if match and _can_be_said(forest, item, match[0]):
        return place[0] - len(before) + match.start(), place[1]
    match = _HELD_BEHIND.match(behind)
    if not match or not _can_be_said(forest, item, match[0]) or _CONDITIONAL.search(before):
        return None
    end = place[1] + match.end()
    if (match["needless"] or match["needed"]) and (_PART_OF.search(before) or _STILL.match(text, end)):
        return None
    case = (end, piece_at(forest.statements, place)[1])
    in_a_case = _IN_A_CASE.match(text, end)
    if in_a_case and in_a_case["unless"]:
        return None
    if in_a_case and not any(_overlaps(forest, node, case) for node, answer in forest.paths[item.node] if answer):
        return None
    return place[0], end


def _can_be_said(forest: PlacedForest, item: Item, words: str) -> bool:
    """Drugs are held, and so are meetings."""
    return forest.is_drug(item) or not _HOLDS.search(words)


def _overlaps(forest: PlacedForest, node: int, place: Place) -> bool:
    return any(item.place and overlap(item.place, place) for item in forest.of_node(node))


def _held_back_in_case(forest: PlacedForest, item: Item, place: Place) -> Place | None:
    """The words that say not to give a drug, where the statement of its condition names it only so."""
    path = forest.paths[item.node]
    if not path or not path[-1][1] or not forest.is_drug(item):
        return None
    condition = next((found.place for found in forest.of_node(path[-1][0]) if found.place), None)
    statement = piece_at(forest.statements, condition) if condition else place
    named = [found for found in forest.mentions(item.triple.object) if overlap(found, statement)]
    if overlap(place, statement) or not named:
        return None
    held = [_held_back(forest, item, found) for found in named]
    return held[0] if all(held) else None


def _around(text: str, place: Place) -> str:
    return text[max(0, place[0] - 20) : place[1] + 20].strip()
