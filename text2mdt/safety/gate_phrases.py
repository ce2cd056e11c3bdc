"""Phrases without "if" that make an action depend on something: "Severe pain: …", "… is indicated for …" (English)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.grounding import Place
from text2mdt.safety.content_words import content_words
from text2mdt.safety.text_pieces import ITEM_BEGIN

_CASE_BEFORE = (
    # "Class II: …", "Class II → …", "Class II | …"
    re.compile(rf"{ITEM_BEGIN}(?P<case>[^;]{{3,120}}?)\s?(?::(?=\s)|→|\||\s[–—]\s)"),
    # "In severe pain, …", "Below a core temperature of 30 °C, …"
    re.compile(
        rf"{ITEM_BEGIN}(?P<case>(?:in|with|without|for|at|below|above|over|under|after|before|during|on|from|among|"
        r"outside|within|as for|following|despite) [^,;:]{3,90}),\s",
        re.IGNORECASE,
    ),
    # "Acute kidney injury requires …", "A score of 0 or 1 allows …"
    re.compile(
        rf"{ITEM_BEGIN}(?P<case>[^;:]{{3,120}}?)\s(?:requires?|calls? for|needs?|demands?|warrants?|justif(?:y|ies)|"
        r"mandates?|prompts?|means?|leads? to|allows?|permits?|rules? out|points? to|(?:is|are) (?:an? (?:indication|"
        r"reason|emergency|contraindication)|treated|managed|corrected|met|followed by|irrigated|cooled|referred|"
        r"admitted|handled|dealt)|should (?:prompt|lead))\b"
    ),
    # "Patients allergic to aspirin take …", "Women at term should …"
    re.compile(
        rf"{ITEM_BEGIN}(?P<case>[^;:.]{{0,40}}\b(?:patients|people|persons|adults|children|infants|babies|women|men|"
        r"residents|those|neonates|newborns|adolescents|travellers)\b[^,;:]{0,80}?)\s(?:should|must|can|may|need|"
        r"receive|take|get|have|undergo|are|is|continue|start|stop|require)\b",
        re.IGNORECASE,
    ),
)
_CASE_BEHIND = re.compile(  # "… is recommended for severe pain", "… after a survived cardiac arrest"
    r"\b(?:recommended|indicated|advised|warranted|given|offered|used|reserved|added|started|needed|considered|"
    r"suggested|required|enough|sufficient|suitable|appropriate|an option|the (?:choice|treatment|next step|drug|"
    r"agent)[\w ]{0,12}|put in|inserted|placed|performed|carried out|done|prescribed) (?P<case>(?:for|in|by|with|"
    r"after|as soon as|at|below|above|following|on) [^;:.]{3,90})",
    re.IGNORECASE,
)
_HOW = re.compile(  # "… is given for 7 days", "… with food"
    r"\w+ (?:about |up to |at least )?(?:\d|one|two|three|four|five|six|seven|the (?:morning|evening)|mouth|food|water|"
    r"an? \w+ (?:dose|infusion)|meals?|night|bedtime|injection|infusion|breakfast|divided|intravenous|subcutaneous|"
    r"oral)\b",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\b(?:otherwise|instead|if so|if not|depend(?:s|ing) on|second[- ]line|third[- ]line|reserved for|remaining|"
    r"(?:not|poorly) tolerated|intoleran\w+|refractory|despite|fails|persist\w*)\b|[<>≤≥]",
    re.IGNORECASE,
)
_NO_CASE = re.compile(  # said of what went before, or for all
    r"\b(?:this|these|such|that|them|it|its|following|in this way|whether or not|all|every\w*|any\w*|each|"
    r"no one|most)\b",
    re.IGNORECASE,
)
_GENERAL = content_words(
    "adult patient person treatment therapy management first line initial drug choice dose disease step option usual "
    "standard care always everyone every each case time recommendation statement table figure box note"
)


def gate_phrases(text: str, statement: Place, action: Place, population: str) -> Iterator[Place]:
    """The phrases of a statement, before or behind an action, that name a case which the population does not."""
    known = content_words(population) | _GENERAL
    found = [pattern.match(text[statement[0] : action[0]]) for pattern in _CASE_BEFORE]
    places = [(statement[0] + match.start("case"), statement[0] + match.end("case")) for match in found if match]
    behind = _CASE_BEHIND.search(text, action[1], statement[1])
    if behind and not _HOW.match(behind["case"]):
        places.append(behind.span("case"))
    for place in places:
        words = text[slice(*place)]
        if not _NO_CASE.search(words) and (content_words(words) - known or re.search(r"\d", words)):
            yield place


def gate_hint(text: str, statement: Place) -> Place | None:
    """Words such as "otherwise" or "instead", which tell that there is another case."""
    match = _HINT.search(text, *statement)
    return match.span() if match else None
