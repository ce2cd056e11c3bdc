"""Tells whether a passage can hold a decision, by cheap rules that would rather keep too much."""

from __future__ import annotations

import re

_CONDITION = re.compile(
    r"\b(?:if|when|whenever|(?<!, )where|unless|until|otherwise|except|provided|providing|whether(?! or not)|instead|"
    r"in (?:the )?(?:case|event|absence|presence)s? of|in cases? where|depend(?:s|ing)? on|according to|"
    r"intoleran(?:t|ce)|allerg\w+|inadequate|refractory|unresponsive|despite|"
    r"(?:fail(?:s|ed)|persist(?:s|ed)?|exceeds?|remains?)|"
    r"not (?:tolerated|controlled|responding|improv\w+|suitable|possible|available|effective|achieved)|"
    r"(?:for|in) (?:the |all |any )?(?:remaining|others?|those|anyone)|"
    r"as (?:long|soon) as|(?:all|any) who|any (?:patient|person|child|woman|man|infant|baby)|"
    r"(?:patients|people|persons?|adults|children|women|men|infants|babies|newborns|those|anyone|anybody) "
    r"(?:who|with|without|whose|aged|taking|in whom))\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:should|shall|ought|must|recommend\w*|advis(?:e|ed|able)|suggest(?:ed)?|offer(?:ed)?|consider(?:ed)?|"
    r"refer|referr(?:ed|al)|admit|admission|transfer|avoid(?:ed)?|contraindicat\w+|indicat(?:ed|ion)|mandat\w+|"
    r"prescribe[ds]?|first[- ]line|second[- ]line|third[- ]line|(?:first|preferred|treatment of) choice|prefer(?:red)?|"
    r"switch(?:ed)?|titrate[ds]?|withh\w+|discontinue[ds]?|substituted?|replaced?|mandatory|required|"
    r"reserved for|first \w+|needs? (?:an?|to)|managed|call(?:s|ed)? for|demands?|warrants?|obliges?|corrected|"
    r"(?:is|are) (?:an option|to be|given|added|started|stopped|begun|used|chosen|performed|arranged|checked|measured|"
    r"sent|collected|done|treated|infused|carried out|requested|continued|enough|sufficient|reasonable|needed|best))\b",
    re.IGNORECASE,
)
_ORDER = re.compile(  # a sentence, bullet or case that begins with what to do
    r"(?:^|[.:;•▪–-]\s+(?:\d[\d.]*\s+)?|^(?:for|in|with)\b[^,.]{3,60},\s+)(?:give|offer|start|stop|use|add|refer|admit|avoid|arrange|check|measure|repeat|"
    r"monitor|treat|consider|prescribe|do not|seek|perform|order|continue|reduce|increase|change|switch|take|"
    r"assess|reassess|review|no\b)",
    re.IGNORECASE,
)
_DOSE = re.compile(
    r"\d\s?(?:mg|g|µg|μg|mcg|micrograms?|ml|mmol|units?|IU)\b[^.;]{0,60}?"
    r"\b(?:once|twice|times|daily|every|weekly|per|for|intra\w+|oral\w*|subcut\w+|IV|IM|over)\b",
    re.IGNORECASE,
)
_CASES = re.compile(  # "severe: …; mild: …", bullets, arrows
    r"[^.;:]{3,80}:\s[^.;]+[.;]\s*[^.;:]{3,80}:\s|→|"
    r"\s[–-]\s[^;]+;[^;]+\s[–-]\s|[•▪][^•▪]+[•▪]|\bclass [^;]+;[^;]*\bclass "
)
_BACKGROUND = re.compile(
    r"\b(?:incidence|prevalence|epidemiolog\w+|mortality|prognosis|pathogenesis|pathophysiolog\w+|aetiolog\w+|etiolog\w+|"
    r"lifetime risk|affects?|caus(?:es?|ed by)|is defined|points? each|scores? (?:is|are) made up|classif\w+|"
    r"accounts? for|mechanism|half-life|trials?|"
    r"scope|this (?:guideline|guidance|document)|one in (?:\w+)|(?:half|third|quarter|percent|%) of)\b",
    re.IGNORECASE,
)

_CASE = re.compile(  # words that tell some patients from others
    r"\b(?:above|below|over|under|older|younger|exceed\w*|(?:more|less|fewer|greater|rather) than|higher|lower|"
    r"at least|at most|up to|or (?:more|less|above|below)|from \d|between|sever\w+|mild\w*|moderate\w*|large|small|"
    r"high|low|pregnan\w+|breastfeeding|(?:second|third)[- ]line|alternativ\w+|only|those|others?|remaining|rest|"
    r"fail\w*|positive|negative|abnormal|normal|suspect\w+|confirmed|grade|stage|class|type|with(?:out)? \w+|whose|"
    r"because of|not respond\w*|emergenc\w+|contraindication|risk|demands?|prompts?|warrants?|calls? for|obliges?|"
    r"requires?|needs?|leads? to|decides?|governed|depends?|until|after|before|during|by|according)\b|[<>≤≥]|"
    r"^(?:for|in|with|without|among|after|under|on|at|to|as)\b[^,.]{3,60},",
    re.IGNORECASE,
)
_MARKS = " .:;•▪–-"
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+")


def decision_cue(text: str) -> str | None:
    """The words that make `text` a candidate for a decision, or None where it holds none.

    A condition counts unless its sentence speaks of frequency, causes or scores; cases laid out as "case: action"
    count. Advice, an order or a dose alone is for everyone and no decision: it counts where its sentence also names a
    case (a degree, a comparison, some patients of all), or another sentence a condition. Made for recall: the model
    itself still answers "none" to what slips through.
    """
    sentences = _SENTENCE_END.split(text)
    conditions = [_CONDITION.search(sentence) for sentence in sentences]
    for sentence, condition in zip(sentences, conditions, strict=True):
        if condition and not _BACKGROUND.search(sentence):
            return condition[0]
    if found := _CASES.search(text):
        return found[0].strip(_MARKS)
    somewhere = any(conditions)
    for pattern in (_ADVICE, _DOSE, _ORDER):
        for sentence in sentences:
            if (found := pattern.search(sentence)) and (somewhere or _CASE.search(sentence)):
                return found[0].strip(_MARKS)
    return None
