"""Conditions with the action that the text ties to them: "A: X", "in A, X", "X if A" (English)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from text2mdt.safety.conditional_clauses import BUT_NOT
from text2mdt.safety.negation_words import is_denied
from text2mdt.safety.placed_forest import Item, PlacedForest, in_text_order
from text2mdt.safety.text_pieces import piece_at

_AHEAD = re.compile(r"\b(?:unless|except\w*|other than)\b[^,;:]*$", re.IGNORECASE)
_TURN = re.compile(r"\b(?:otherwise|unless|except|if not|others?|remaining|rest)\b|;", re.IGNORECASE)
_STRONG = re.compile(rf"\b(?:(?P<unless>unless|except)|(?P<but_not>{BUT_NOT})|if|when|where)\b", re.IGNORECASE)
_WEAK = re.compile(
    r"[\s(]*(?:[\w/%.-]+ ){0,3}?(?:only|in|for|to)\b|.*\b(?:recommended|indicated|advised|given|offered|used|"
    r"reserved|added|prescribed|needed|required|suitable|appropriate|sufficient|enough|an option|done|performed|"
    r"considered) (?:only )?(?:for|in|to)\b",
    re.IGNORECASE,
)
_CUT = re.compile(r"[,;:](?! unless\b| except\b| but not\b)")


@dataclass(frozen=True)
class Pair:
    """A condition and an action side by side.

    Attributes:
        answer: the answer to the condition under which the text gives the action.
        denied: the words beside the condition say that it is absent.
    """

    condition: Item
    action: Item
    answer: bool
    denied: bool


def condition_pairs(forest: PlacedForest) -> Iterator[Pair]:
    """A condition that is the first thing in its statement with the action that comes next, and an action with the
    "if …" right behind it. In all other orders the text may have turned to another case."""
    placed = in_text_order(item for item in forest.items if not forest.is_dose(item))
    for first, second in pairwise(placed):
        if first.place is None or second.place is None or first.place[1] > second.place[0]:
            continue
        statement = piece_at(forest.statements, first.place)
        if not statement[0] <= second.place[0] < statement[1]:
            continue
        gap = forest.text[first.place[1] : second.place[0]]
        roles = forest.nodes[first.node].is_condition, forest.nodes[second.node].is_condition
        before = forest.text[statement[0] : first.place[0]]
        if roles == (True, False):
            is_first = not any(item.place and statement[0] <= item.place[0] < first.place[0] for item in placed)
            if is_first and not _TURN.search(gap):
                yield _pair(forest, first, second, not _AHEAD.search(before))
        elif roles == (False, True) and not _CUT.search(gap):
            cues = list(_STRONG.finditer(gap))
            if cues or _WEAK.match(gap):
                yield _pair(forest, second, first, not any(_turns(forest, cue, second) for cue in cues))


def _turns(forest: PlacedForest, cue: re.Match[str], condition: Item) -> bool:
    """Whether a cue stands for "unless"; of "but not" only where its "not" does not count as the condition's own."""
    read_as_denied = condition.place is not None and is_denied(forest.text, condition.place)
    return bool(cue["unless"] or (cue["but_not"] and not read_as_denied))


def _pair(forest: PlacedForest, condition: Item, action: Item, answer: bool) -> Pair:
    denied = bool(condition.place and is_denied(forest.text, condition.place))
    return Pair(condition, action, answer != denied, denied)
