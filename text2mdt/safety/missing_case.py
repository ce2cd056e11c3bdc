"""Check: a case of the passage, with what is done for it, that no node speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.decision_cue import decision_cue
from text2mdt.grounding import Place
from text2mdt.safety.conditional_clauses import conditional_clauses
from text2mdt.safety.placed_forest import PlacedForest, in_text_order
from text2mdt.safety.text_pieces import ITEM_BEGIN, lead_in, overlap
from text2mdt.schema import NodeWarning, Span

KIND = "missing_case"
EXPLANATION = (
    "The passage says what to do in a further case ('if …', 'otherwise …', 'severe: …'), and no node is from there."
)
_LABEL = re.compile(
    rf"{ITEM_BEGIN}(?!(?:note|remark|table|advice|box|setting|grade|strength|evidence|certainty|quality|meaning|"
    r"interpretation|comments?|reasons?|sources?|references?)\b)[^:;.]{3,60}:\s\w",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    rf"{ITEM_BEGIN}(?:otherwise\b|if not\b|(?:(?:in|for|to) )?(?:all )?(?:the |any )?(?:others?\b|remaining\b)|"
    r"(?:(?:in|for|to) )?the rest\b|everyone else)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\b(?:first[- ]line|first (?:choice|treatment|drug|measure)|initial (?:treatment|drug)|begin(?:s|"
    r"ning)? (?:\w+ )?with|start(?:s|ing)? (?:\w+ )?with|comes? first|offered first|(?:drug|agent|treatment|"
    r"antibiotic) of choice|usual choice)\b",
    re.IGNORECASE,
)
_NO_CASE = re.compile(  # said for everybody, a question, or the way to the next one
    r"\b(?:all (?!others?\b|the others?\b|remaining)|every\b|everyone with|any(?:one)? (?!others?\b)|"
    r"no (?:[\w-]+ ){0,3}(?:is|are)? ?(?:needed|required)|decide[sd]?|counts?|ask(?:ed)?|judged|calculated|"
    r"considered next|depends?|by (?:age|severity|site|cause)|according|guides?|sets?|placed|nothing|whatever|merely|"
    r"because|ruled out|most often|soonest|helps?|in most|no longer|which|develop\w*|good practice|"
    r"offered protection|continue\W*$|when to|comes next)\b|\?",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"\b(?:should|must|recommend\w*|advis\w+|offer\w*|give[ns]?|start\w*|used?|refer\w*|admi(?:t|ss)\w*|receives?|"
    r"treat\w*|undergo\w*|stop\w*|prescrib\w+|add(?:ed|s)?|switch\w*|chang\w+|replac\w+|repeat\w*|arrang\w+|"
    r"perform\w*|requires?|required|avoid\w*|continu\w+|monitor\w*|request\w*|consider\w*)\b|"
    r"(?:^|[,:] )(?:also |then |and )?(?:halve|reduce|increase|raise|hold|withhold|omit|resume|restart|"
    r"discontinue|withdraw|call|seek|check|measure|review|reassess|discuss|remove|insert|drain|take|keep|transfer|"
    r"ventilate|intubate|vaccinate|do not|(?:slow|double|lower|warm|cool)(?= (?:the|an?|it|them)\b)) ",  # orders only
    re.IGNORECASE,
)


def missing_case(forest: PlacedForest) -> Iterator[NodeWarning]:
    """Statements of that kind without words of an object; the warning stands on the node before them in the text."""
    placed = in_text_order(forest.items)
    if not placed:
        return
    taken = {place for item in forest.items for place in forest.mentions(item.triple.object)}
    held = [piece for piece in forest.statements if _holds(piece, taken)]
    taken |= {lead for piece in held if (lead := lead_in(forest.text, forest.statements, piece))}
    with_label = any(_LABEL.match(forest.text[slice(*piece)]) for piece in held)
    can_be_first = any(children and not forest.nodes[children[1]].triples for children in forest.children)
    for piece in forest.statements:
        if (
            _holds(piece, taken)
            or _told_by_row(forest, piece, taken)
            or not _is_case(forest, piece, with_label, can_be_first)
        ):
            continue
        before = [item for item in placed if item.place and item.place[0] < piece[0]]
        item = (before or placed)[-1 if before else 0]
        text = f"No node is from '{forest.text[slice(*piece)]}'."
        yield NodeWarning(kind=KIND, node=item.node, text=text, passage_span=Span(start=piece[0], end=piece[1]))


def _holds(piece: Place, taken: set[Place]) -> bool:
    return any(overlap(piece, place) for place in taken)


def _told_by_row(forest: PlacedForest, piece: Place, taken: set[Place]) -> bool:
    """Whether a piece is of a row of a table that says "none", or of which another cell is in the tree."""
    row = forest.row_at(piece)
    if row is None:
        return False
    own = [cell for cell in row.cells if overlap(cell.content, piece)]
    first = row.cells[0] in own
    return row.says_nothing or all(cell.says_nothing for cell in own) or (first and _holds(row.place, taken))


def _is_case(forest: PlacedForest, piece: Place, with_label: bool, can_be_first: bool) -> bool:
    words = forest.text[slice(*piece)]
    if _NO_CASE.search(words):
        return False
    if _OTHERS.match(words) or (with_label and _LABEL.match(words)):
        return True
    if can_be_first and _FIRST.search(words):
        return True
    clauses = [clause for clause in conditional_clauses(forest.text, piece) if not clause.refers_back]
    return bool(clauses) and decision_cue(words) is not None and _ACTION.search(words) is not None
