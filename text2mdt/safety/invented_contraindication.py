"""Check: a drug to avoid that the passage says nothing against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from text2mdt.grounding import Place
from text2mdt.relations import ENGLISH
from text2mdt.safety.placed_forest import PlacedForest, warning
from text2mdt.safety.text_pieces import piece_at
from text2mdt.schema import NodeWarning

KIND = "invented_contraindication"
EXPLANATION = "The tree says to avoid a drug, and no word of the passage beside the drug speaks against it."

_AGAINST = re.compile(  # whatever may speak against a drug, also between the lines: silence is wanted where in doubt
    r"\b(?:avoid\w*|contra-?indicat\w*|not|never|no|none|nor|neither|cannot|without|stop\w*|with(?:h|d)\w+|"
    r"discontinu\w*|omit\w*|out|off|hold|held|paus\w+|ceas\w+|interrupt\w*|delay\w*|defer\w*|suspend\w*|skip\w*|"
    r"taper\w*|wean\w*|leav\w+|left|alone|nothing|little|only|limit\w*|ceiling|harm\w*|unsafe|unsuitable|useless|"
    r"inappropriate|ineffective|danger\w*|toxic\w*|wors\w+|precipitat\w+|trigger\w*|provok\w*|rais\w+|lower\w*|"
    r"increas\w+|prolong\w*|lengthen\w*|caus\w+|discourag\w*|refrain|forbid\w*|bann?\w*|prohibit\w*|exclud\w*|"
    r"against|instead|replac\w*|substitut\w+|switch\w*|chang\w+|in place of|rather than|other than|than|except\w*|"
    r"unless|until|spar\w+|free|risk\w*|allerg\w*|hazard\w*|teratogen\w*|accumulat\w*|exacerbat\w*|aggravat\w*|"
    r"stain\w*|adverse)\b|n't\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:it|its|this|these|they|their|both|either|the (?:drug|latter|former|dose|same))\b", re.IGNORECASE
)


def invented_contraindication(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Drugs to avoid whose statements, and the sentences that go on about them, hold no word against anything.

    Only of the English relations: in another language no such word would ever be found.
    """
    if forest.relations is not ENGLISH:
        return
    for item in forest.items:
        if not forest.forbids(item):
            continue
        named = {piece_at(forest.statements, place) for place in forest.mentions(item.triple.object)}
        if named and not any(_AGAINST.search(forest.text, *piece) for piece in _with_context(forest, named)):
            text = f"The tree says to avoid '{item.triple.object}'; nothing beside it in the passage does."
            yield warning(KIND, item, text, min(named))


def _with_context(forest: PlacedForest, named: set[Place]) -> Iterator[Place]:
    """The statements, the lead-ins of their lists, and the sentences that one of the two goes on from."""
    for piece in named:
        yield from forest.statement_with_lead_in(piece)
    for before, behind in pairwise(forest.statements):
        if (before in named or behind in named) and _GOES_ON.match(forest.text, *behind):
            yield before
            yield behind
