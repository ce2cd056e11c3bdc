"""Check: a decision given without the condition that its own sentence makes it depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.safety.conditional_clauses import Clause, conditional_clauses
from text2mdt.safety.content_words import content_words
from text2mdt.safety.gate_phrases import gate_hint, gate_phrases
from text2mdt.safety.placed_forest import Item, PlacedForest, warning
from text2mdt.safety.table_rows import Row
from text2mdt.safety.text_pieces import overlap, piece_at, within
from text2mdt.schema import NodeWarning

KIND = "lost_gate"
EXPLANATION = (
    "The tree gives a decision without a condition that its sentence, the lead-in of its list, or a finding just "
    "before it names."
)

_VERB = re.compile(r"(?<!who )\b(?:should|must|can|may|need|receive|take|get|have|undergo|are|is|require)\b")
_OPENS_LIST = re.compile(
    r"(?:only )?(?:if|when|where|(?:(?:in|for|to) )?(?:adults|patients|people|children|women|men|those|in))"
    r"(?: there (?:is|are)| the \w+ (?:has|have)| they have| with| who have)?"
    r"(?: the (?:presence|case|event) of| case of)?"
    r"(?: (?:any|all|one|each|either|both|none|at least \w+|two|three)(?: or more)?(?: of)?"
    r"(?: (?:the following|these|them))?"
    r"(?: (?:is|are|applies|apply)(?: (?:present|met|found|true|fulfilled))?)?)?",
    re.IGNORECASE,
)
_THEN = re.compile(r"\b(?:is|are|be|should|may|must) then\b", re.IGNORECASE)
_FINDING = re.compile(
    r"\b(?:suggest\w*|indicat\w*|likely|means?|points? to|impl(?:y|ies)|diagnos\w*|suspect\w*|typical|confirms?)\b",
    re.IGNORECASE,
)
_MANY = 4
"""Content words from which a clause is long enough to be told from others."""
_FEW = 0.2
"""Share of its content words that a long clause may have in common with what is known above."""


def lost_gate(forest: PlacedForest) -> Iterator[NodeWarning]:
    """The actions of each decision are read with their statement and the lead-in of its list; one warning a clause."""
    told: set[Place] = set()
    for item in forest.actions:
        action = _where_given(forest, item)
        if action is None:
            continue
        alone = not forest.paths[item.node]
        place = _gate_of_tree(forest, action) if alone else _lost_clause(forest, item, action)
        if place is None or place in told:
            continue
        told.add(place)
        how = "unconditionally" if alone else "without this condition"
        text = f"The passage says '{forest.text[slice(*place)]}', the tree gives '{item.triple.object}' {how}."
        yield warning(KIND, item, text, place)


def _where_given(forest: PlacedForest, item: Item) -> Place | None:
    """Where an action stands; a drug that the header of a column names stands where its dose does."""
    row = forest.row_at(item.place) if item.place else None
    if row is None or item.place is None or not row.in_header(item.place):
        return item.place
    doses = (other for other in forest.of_node(item.node) if forest.is_dose(other))
    return next((dose.place for dose in doses if dose.triple.subject == item.triple.object), None)


def _gate_of_tree(forest: PlacedForest, action: Place) -> Place | None:
    """What makes the decision of a tree without conditions depend on something."""
    clauses = [clause for clause in _clauses(forest, action) if not within(clause.place, action)]
    outside = [clause.place for clause in clauses if not _names_population(forest, clause)]
    if row := forest.row_at(action):
        outside += [case] if (case := _case_of(forest, row)) else []
        return next(iter(outside), None)
    pieces = forest.statement_with_lead_in(action)
    outside += [place for piece in pieces for place in gate_phrases(forest.text, piece, action, forest.population)]
    hints = [hint for piece in pieces if (hint := gate_hint(forest.text, piece)) and not within(hint, action)]
    return next(iter([*outside, *hints]), None)


def _names_population(forest: PlacedForest, clause: Clause) -> bool:
    """Whether a clause such as "adults with pneumonia (should receive …)" only says whom the passage speaks of."""
    subject = _VERB.split(forest.text[slice(*clause.place)])[0]
    return clause.cue == "people" and content_words(subject) <= content_words(forest.population)


def _lost_clause(forest: PlacedForest, item: Item, action: Place) -> Place | None:
    """The clause beside an action that is in no node, and is not the other case of a condition above the action."""
    row = forest.row_at(action)
    if row and (case := _lost_case(forest, item, row)):
        return case
    taken = {place for other in forest.items for place in forest.mentions(other.triple.object)}
    asked = {place for other in forest.conditions for place in forest.mentions(other.triple.object)}
    has_no_step = any(not answer for _, answer in forest.paths[item.node])
    for clause in _clauses(forest, action):
        if clause.refers_back or any(overlap(clause.place, place) for place in taken):
            continue
        if any(overlap(_list_behind(forest, clause), place) for place in asked):
            continue
        if _action_between(forest, clause.place, action):
            continue
        if not (has_no_step and _may_be_known(forest, item, clause)):
            return clause.place
    if before := _before_then(forest, action, taken):
        return before
    if (
        row
        or has_no_step
        or any(
            overlap(condition.place, piece)
            for piece in forest.statement_with_lead_in(action)
            for condition in forest.conditions
            if condition.place
        )
    ):
        return None
    statement = piece_at(forest.statements, action)
    phrases = gate_phrases(forest.text, statement, action, forest.population)
    return next((phrase for phrase in phrases if not any(overlap(phrase, place) for place in taken)), None)


def _before_then(forest: PlacedForest, action: Place, taken: set[Place]) -> Place | None:
    """The finding in the statement before "… is then used", where no triple is from there, and no condition from
    beside the action."""
    statement = piece_at(forest.statements, action)
    number = forest.statements.index(statement) if statement in forest.statements else 0
    if not number or not _THEN.search(forest.text, *statement):
        return None
    before = forest.statements[number - 1]
    if not _FINDING.search(forest.text, *before):
        return None
    beside = any(item.place and overlap(item.place, statement) for item in forest.conditions)
    return None if beside or any(overlap(place, before) for place in taken) else before


def _case_of(forest: PlacedForest, row: Row) -> Place | None:
    """The cell that tells which case the row of an action is for; None where that cell holds an action itself."""
    if not row.names_case:
        return None
    case = row.cells[0]
    inside = any(other.place and overlap(other.place, case.content) for other in forest.actions)
    return None if inside or case.says_nothing else case.content


def _lost_case(forest: PlacedForest, item: Item, row: Row) -> Place | None:
    """The case of the row of an action where no condition above the action is from that row, nor denied above it."""
    if any(not answer for _, answer in forest.paths[item.node]):
        return None
    above = {triple.object for node, _ in forest.paths[item.node] for triple in forest.nodes[node].triples}
    if any(overlap(place, row.place) for words in above for place in forest.mentions(words)):
        return None
    return _case_of(forest, row)


def _list_behind(forest: PlacedForest, clause: Clause) -> Place:
    """The list that "if any of:" opens, to the end of its sentence; nothing behind a clause with a condition in it."""
    end = clause.place[1]
    opens = forest.text[end : end + 1] == ":" and _OPENS_LIST.fullmatch(forest.text, *clause.place)
    return (end, piece_at(forest.sentences, clause.place)[1]) if opens else (end, end)


def _clauses(forest: PlacedForest, action: Place) -> list[Clause]:
    """The conditional clauses beside an action; the header "If" of a column is none."""
    row = forest.row_at(action)
    clauses = [
        clause for piece in forest.statement_with_lead_in(action) for clause in conditional_clauses(forest.text, piece)
    ]
    return [clause for clause in clauses if not (row and row.in_header(clause.place))]


def _action_between(forest: PlacedForest, clause: Place, action: Place) -> bool:
    """Whether another action stands nearer to the clause, so that the clause is that one's."""
    gap = (clause[1], action[0]) if clause[1] <= action[0] else (action[1], clause[0])
    return any(other.place and within(other.place, gap) for other in forest.actions)


def _may_be_known(forest: PlacedForest, item: Item, clause: Clause) -> bool:
    """Whether a clause can be the no-branch of a condition above, or say again what is known."""
    words = content_words(forest.text[slice(*clause.place)])
    above = " ".join(triple.object for node, _ in forest.paths[item.node] for triple in forest.nodes[node].triples)
    shared = words & content_words(f"{forest.population} {above}")
    if clause.opposite == 2 or (clause.opposite and len(words) < _MANY):
        return True
    return len(shared) > (len(words) * _FEW if len(words) >= _MANY else 0)
