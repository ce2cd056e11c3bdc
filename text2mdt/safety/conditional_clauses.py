"""Clauses that make what stands beside them depend on something: "if …", "in patients with …" (English)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text2mdt.grounding import Place

_PEOPLE = (
    r"(?:patients?|people|persons?|individuals|adults?|children|child|infants?|neonates|newborns|babies|women|woman|"
    r"men|adolescents|travellers|those|anyone|everyone|cases|survivors|recipients|carriers|smokers)"
)
BUT_NOT = r"but not (?:in|for|to|during|if|when|where|with)"
"""Words behind an action that take some patients out of it, as a regular expression."""

_CUE = re.compile(
    r"(?<![\w-])(?<!\beven )(?:(?P<unless>unless|except(?:ing)?(?: (?:if|when|where|for|in))?|"
    rf"{BUT_NOT})|(?P<if>if|"
    r"when(?:ever)?|provided(?= that| the)|providing|as long as|should(?= (?:this|the|these|symptoms)\b)|"
    r"in (?:the )?(?:case|event|absence|presence)s? of|(?<!\bis )(?<!\bacts )where|(?<!at )once(?= (?:the|this|these|"
    r"it|they|all|there|symptoms)\b))|(?P<people>(?:(?:in|for|among|to) )?(?:(?:the|all|any|other|older|younger|some|"
    r"most) )*"
    rf"{_PEOPLE} (?:who|with|without|whose|aged|taking|in whom|under|over|younger|older|at (?:high|low|increased)))"
    r")\b",
    re.IGNORECASE,
)
_END = re.compile(r"[,;:](?=\s)|[.!?](?=\s|$)|[•▪]|\s[–—-]\s|\)|→")
_LONGEST = 300
"""Characters after which a clause ends in any case."""
_EMPTY = re.compile(r"\W*\w+\W*")
_BACK_REFERENCE = re.compile(
    r"\w+ (?:so|not|necessary|needed|required|possible|appropriate|in doubt|indicated|available|feasible|"
    r"tolerated)\W*$|.*\b(?:this|these|such|them|they|it|she|he|found|above|following|same|(?<!provided )that|as in)\b",
    re.IGNORECASE | re.DOTALL,
)
_OPPOSITE = re.compile(
    r"\b(?:no|none|nobody|neither|either|others?|another|otherwise|instead|rest|remaining|remains|lower|higher|less|"
    r"fewer|more|older|younger|later|earlier|longer|shorter|lesser|better|worse|larger|smaller|milder|same|one of)\b",
    re.IGNORECASE,
)
_WEAKLY_OPPOSITE = re.compile(
    r"\b(?:not|without|absen\w+|nor|never|only|again|still|any|all|low|high|mild|moderate|severe|normal|abnormal|"
    r"negative|positive|intact|controlled|adequate|good|poor|well|fit|able|stable|secure|spared|free|clear|alone|met|"
    r"reached|un\w{3,}|in\w{3,}able)\b|\d",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A conditional clause.

    Attributes:
        place: from its cue to the comma or full stop.
        cue: "if", "people" or "unless".
        refers_back: its words name no condition of their own ("if so", "in these patients").
        opposite: how well its words can be the other case of a condition named elsewhere: 2 for "when it is lower",
            1 for "when it is normal", else 0.
    """

    place: Place
    cue: str
    refers_back: bool
    opposite: int


def conditional_clauses(text: str, within: Place) -> Iterator[Clause]:
    """The conditional clauses that begin in a piece of the text."""
    for match in _CUE.finditer(text, *within):
        last = min(within[1], match.start() + _LONGEST)
        end = _END.search(text, match.end(), last)
        if end and _EMPTY.fullmatch(text[match.start() : end.start()]):  # "if, however, …"
            end = _END.search(text, end.end(), last)
            end = end and _END.search(text, end.end(), last)
        place = (match.start(), end.start() if end else last)
        words = text[slice(*place)]
        yield Clause(
            place,
            match.lastgroup or "if",
            bool(_BACK_REFERENCE.match(words)),
            2 if _OPPOSITE.search(words) else int(bool(_WEAKLY_OPPOSITE.search(words))),
        )
