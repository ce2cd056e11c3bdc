"""What the words around a mention say: whether it can be the one that a triple was taken from (English cues)."""

from __future__ import annotations

import re

_NEAR = 60
"""Characters read on either side of a mention, at most to the end of its clause."""

_NEGATED = re.compile(
    r"\b(?:without|neither|nor|no|not|never|absence of|free (?:of|from))"
    r"(?: (?:any|an?|the|such|other|previous|known|definite|signs? of|evidence of|history of|been|be|in|on))* $"
    r"|\bneither [^,.;:]+ nor $|\bwithout [^,.;:]+ or (?:an? )?$"
    r"|\b(?:must|should|do|can) not (?:be )?(?:given?|used?|combined?|offer(?:ed)?|start(?:ed)?|prescribed?|add(?:ed)?)"
    r"(?: (?:with|to|an?|the))* $",
    re.IGNORECASE,
)
_PASSED_OVER = re.compile(
    r"\b(?:than|instead of|in place of|compared (?:with|to)|versus|(?:good|effective|safe) as|replac(?:es?|ing)|"
    r"stop|withhold|discontinue|omit)(?: (?:the|an?))? $",
    re.IGNORECASE,
)
_HAD_BEFORE = re.compile(  # "no relief after 4 weeks of X", "if X …", "reaction to X"
    r"\b(?:despite|on|after|under|because|if|when|where|unless|while|once|"
    r"(?:respon\w+|intoleran\w+|allerg\w+|reactions?|exposed|contraindications?|resistan\w+|refractory) (?:to|of|with)|"
    r"(?:after|despite|on|respon\w+ to) [^,.;:]{1,30} of|taking)"
    r"(?: (?:the|an?|first-line|initial))* $",
    re.IGNORECASE,
)
_HAD_BEHIND = re.compile(  # "X is not tolerated", "X has failed"
    r"^(?: (?:alone|therapy|treatment|too|also|itself|has|have|had|is|are|was|were|does|do|did|be|been|proves?))*"
    r" (?:fail(?:s|ed)?|cannot|not (?:tolerated|enough|help\w*|effective|available|suitable|worked|sufficient|possible|"
    r"controlled)|ineffective|insufficient|inadequate|contraindicated|unsuitable|unavailable|refused|declined|"
    r"causes?|makes)\b",
    re.IGNORECASE,
)
_STOP_BEFORE = re.compile(
    r"\b(?:stop\w*|avoid\w*|no|not|never|without|with(?:hold|draw)\w*|discontinu\w+|omit\w*|neither|nor|cease|"
    r"contraindicat\w+)\b",
    re.IGNORECASE,
)
_STOP_BEHIND = re.compile(
    r"\b(?:stopped|avoided|contraindicated|not|never|withheld|withdrawn|discontinued|omitted|left out)\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[.;:!?](?=\s|$)|[•▪]")


def is_negated(text: str, start: int) -> bool:
    """Whether what begins at `start` is said to be absent ("without fever")."""
    return bool(_NEGATED.search(_clause_before(text, start)))


def is_passed_over(text: str, start: int, end: int) -> bool:
    """Whether a treatment is named as one that was had, failed or gives way to another ("if X fails", "than X")."""
    before, behind = _clause_before(text, start), _clause_behind(text, end)
    return any(pattern.search(before) for pattern in (_NEGATED, _PASSED_OVER, _HAD_BEFORE)) or bool(
        _HAD_BEHIND.search(behind)
    )


def is_stopped(text: str, start: int, end: int) -> bool:
    """Whether the clause says that the treatment is stopped, avoided or not given."""
    return bool(_STOP_BEFORE.search(_clause_before(text, start)) or _STOP_BEHIND.search(_clause_behind(text, end)))


def is_gloss(text: str, start: int, end: int) -> bool:
    """Whether the words stand alone in brackets behind their long form ("direct oral anticoagulants (DOACs)")."""
    return text[max(0, start - 1) : start] == "(" and text[end : end + 1] == ")"


def _clause_before(text: str, start: int) -> str:
    return _CLAUSE_END.split(text[max(0, start - _NEAR) : start])[-1]


def _clause_behind(text: str, end: int) -> str:
    return _CLAUSE_END.split(text[end : end + _NEAR])[0]
