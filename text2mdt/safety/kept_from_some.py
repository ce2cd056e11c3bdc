"""Check: what the passage gives to all patients, and the tree only to some of them (English)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.relations import ENGLISH
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.text_pieces import ITEM_BEGIN, overlap, piece_at
from text2mdt.schema import NodeWarning

KIND = "kept_from_some"
EXPLANATION = "The passage gives something to all patients, and the tree only by a condition of another sentence."
_ALL = re.compile(
    rf"{ITEM_BEGIN}(?:all|every|each|any) (?:of (?:these|the) )?(?:patients?|adults?|child(?:ren)?|infants?|wom[ae]n|"
    r"m[ae]n|people|persons?|bab(?:y|ies)|newborns?|neonates?|adolescents?)\b"
    r"(?=:| (?:(?:then|also|routinely|therefore|initially|first) )?(?:should|must|shall|will|can|may|are|is|has|have|"
    r"needs?|receives?|gets?|takes?|undergo(?:es)?|requires?|lies?|rests?|stays?|drinks?|eats?|breathes?|wears?|keeps?|"
    r"continues?|stops?|avoids?)\b)",
    re.IGNORECASE,
)
"""All of them, not a group ("all patients on dialysis", "all adults so treated")."""
_EXCEPTION = re.compile(  # "All receive X. In allergy, Y is given."
    r"\b(?:instead|rather than|in (?:its|their) place|allerg\w*|intoleran\w*|contraindicat\w*|declin\w*|refus\w*|"
    r"cannot|unable|unsuitable|unavailable|not (?:tolerated|suitable|possible|available|wanted)|except\w*|omit\w*|"
    r"avoid\w*|(?:must|should) not|pregnan\w*)\b",
    re.IGNORECASE,
)


def kept_from_some(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Sentences that begin with "all patients" and name no group; one warning a sentence."""
    if forest.relations is not ENGLISH:
        return
    told: set[Place] = set()
    for item in forest.actions:
        if not item.place:
            continue
        sentence = piece_at(forest.statements, item.place)
        if sentence in told or not _ALL.match(forest.text[slice(*sentence)]) or not _narrowed(forest, item, sentence):
            continue
        told.add(sentence)
        words = forest.text[slice(*sentence)]
        text = f"The passage says '{words}', the tree gives '{item.triple.object}' only in some cases."
        yield warning(KIND, item, text, sentence)


def _narrowed(forest: PlacedForest, item: Item, sentence: Place) -> bool:
    """Whether an action stands under conditions that neither its sentence nor an exception behind it makes."""
    steps = forest.paths[item.node]
    above = [(found.place, answer) for node, answer in steps for found in forest.of_node(node) if found.place]
    own = forest.statement_with_lead_in(sentence)
    if not above or any(overlap(place, piece) for place, _ in above for piece in own):
        return False
    behind = [piece_at(forest.statements, place) for place, answer in above if not answer and place >= sentence]
    if any(_EXCEPTION.search(forest.text, *statement) for statement in behind):
        return False
    same = [other.node for other in forest.actions if other.triple.object.lower() == item.triple.object.lower()]
    return not any(forest.answer(node, other) is (not answer) for node, answer in steps for other in same)
