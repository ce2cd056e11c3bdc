"""The words that tell how firmly something is recommended ("should", "consider", "do not offer"), and their reach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Strength = Literal["strong", "weak", "against"]
Reach = Literal["forward", "backward", "both"]


@dataclass(frozen=True)
class Cue:
    """Words of strength.

    Attributes:
        start, end: their characters.
        strength: what they say.
        reach: whether what they govern follows ("offer …"), goes before ("… is recommended") or either ("should …").
        frames: they govern a whole clause with a verb of its own ("we suggest that … is given").
        stops: an order to end a treatment ("stop …"): says nothing of what is named beside it.
    """

    start: int
    end: int
    strength: Strength
    reach: Reach
    frames: bool = False
    stops: bool = False


_ORDERS = (
    "give offer prescribe administer start begin initiate use add refer admit arrange obtain perform do check measure "
    "repeat monitor treat seek order request continue keep resume restart reduce increase raise halve "
    "titrate taper escalate intensify change switch substitute replace return take assess reassess review reevaluate "
    "transfer send call discuss plan schedule place insert remove infuse inject apply provide exclude investigate "
    "confirm test screen observe drain transfuse advise encourage ensure proceed choose reassure teach wait"
)
_PASSIVES = (
    "given offered prescribed administered started begun initiated used added referred admitted arranged obtained "
    "performed done checked measured repeated monitored treated sought ordered requested continued kept resumed "
    "restarted reduced increased raised lowered halved doubled changed switched replaced taken assessed reassessed "
    "reviewed transferred sent discussed planned scheduled placed inserted removed infused injected applied provided "
    "excluded investigated confirmed tested screened observed drained transfused chosen managed carried tried made "
    "taught drawn collected determined undertaken"
)


def _any(words: str) -> str:
    return "|".join(words.split())


_ADVERB = (
    r"(?: (?:\w+ly|also|then|therefore|instead|always|first|either|usually|now|still|both|only|all|each|at least))*"
)
_BE = r"(?:is|are|be|being|remains?)"
_MODAL = r"(?:must|should|shall|ought to)"
_LOOSE = r"(?:may|might|could|can)"
_BEGINS = (
    r"(?:(?<=^)|(?<=[:;,.!?)•▪–—] )|(?<=\band )|(?<=\bor )|(?<=\bthen )|(?<=\bbut )|(?<=\bplease )|(?<=\botherwise ))"
)
_NO_NOUN = r"(?! (?:of|is|are|was|were|should|must|may|can|has|have|to be|and|or)\b|[,.;:])"
_EFFECT = (  # "may cause": a fact, not advice
    r"(?! (?:also )?(?:cause|have|occur|develop|lead|result|worsen|mask|mislead|reflect|indicate|mean|tolerate|drink|"
    r"swallow|eat|walk|become|affect|need|precipitate|improve|help|harm|fail|persist|recur|be (?:due|caused|present|"
    r"associated|normal|missed|seen|found|fatal|severe|absent|difficult|toxic))\b)"
)

_PATTERNS: tuple[tuple[str, Strength | None, Reach], ...] = (
    (rf"{_MODAL} (?:not|never){_ADVERB}(?: be)? (?:delay\w*|postpon\w+|withh\w+|stopped|omitted|interrupted)", "strong",
     "both"),
    (r"(?:do|does) not (?:delay|stop|omit|withhold|interrupt|postpone)", None, "forward"),
    (rf"{_MODAL} (?:not|never){_ADVERB}(?: be)?(?: \w+)?", "against", "both"),
    (rf"(?:do|does) not{_ADVERB} (?:consider|recommend|suggest|{_any(_ORDERS)})", "against", "forward"),
    (rf"{_BEGINS}never (?:{_any(_ORDERS)})", "against", "forward"),
    (r"cannot be recommended", "against", "both"),
    (r"(?:recommend|suggest|advise)(?:s|ed)? against", "against", "forward"),
    (rf"{_MODAL}{_ADVERB} (?:be )?(?:avoid|stop|withh|discontinu|withdraw|omit)\w*(?:eld|awn)?", "against", "both"),
    (rf"{_BE} (?:not|never|no longer){_ADVERB} (?:recommended|advised|indicated|appropriate|suitable|needed|required|"
     rf"necessary|reasonable|suggested|{_any(_PASSIVES)})", "against", "both"),
    (rf"{_BE} not to be \w+", "against", "both"),
    (rf"(?:{_BE} )?(?:\w+ly )?(?:contraindicated|discouraged|inappropriate)", "against", "backward"),
    (rf"(?:{_BE}{_ADVERB} )?(?:avoided|stopped|withheld|discontinued|withdrawn|omitted|left out)", "against",
     "backward"),
    (r"avoid(?:ing|s)?", "against", "forward"),
    (r"(?:stop|discontinue|withhold|withdraw|omit)s?|rules? out", "against", "forward"),
    (rf"(?:{_MODAL}|{_LOOSE}){_ADVERB} (?:be )?consider(?:ed)?", "weak", "both"),
    (rf"it {_BE}{_ADVERB} (?:reasonable|suggested)(?: to| that)?", "weak", "forward"),
    (rf"{_BE}{_ADVERB} considered", "weak", "both"),
    (r"consider(?:ing|s)?(?: whether)?", "weak", "forward"),
    (r"considered", "weak", "both"),
    (rf"{_BE}{_ADVERB} (?:reasonable|suggested|optional|(?:another |an )?options?(?! of))", "weak", "backward"),
    (r"suggests?(?: that)?", "weak", "forward"),
    (rf"{_LOOSE}{_EFFECT}{_ADVERB}(?: be)? \w+", "weak", "both"),
    (rf"it {_BE}{_ADVERB} (?:recommended|advised|mandatory|essential|necessary)(?: to| that)?", "strong", "forward"),
    (r"(?:strongly )?recommends?(?: that)?", "strong", "forward"),
    (rf"{_MODAL}{_ADVERB} (?:be )?\w+|{_MODAL}", "strong", "both"),
    (rf"(?:has|have|needs?|is|are) to (?:be )?(?:{_any(_PASSIVES)}|{_any(_ORDERS)})", "strong", "both"),
    (rf"{_BE}{_ADVERB} (?:recommended|advised|indicated|required|mandatory|necessary|needed|essential)", "strong",
     "backward"),
    (rf"{_BE} (?:the )?(?:\w+ )?(?:treatment|drug|test|agent|method|procedure)s? of (?:first )?choice", "strong",
     "backward"),
    (rf"{_BE}{_ADVERB} (?:{_any(_PASSIVES)})(?: out)?", "strong", "both"),
    (r"(?:receives?|undergo(?:es)?|warrants?|calls? for)", "strong", "forward"),
    (r"(?<!in )(?<!the )(?<!no )(?:needs?|requires?)(?! to\b)", "strong", "forward"),
    (r"(?<!to )(?<!not )(?:give|offer|prescribe|administer)", "strong", "forward"),
    (rf"{_BEGINS}(?:{_any(_ORDERS)}){_NO_NOUN}", "strong", "forward"),
)  # fmt: skip

_CUE = re.compile(
    "|".join(rf"(?P<p{number}>\b(?:{pattern})\b)" for number, (pattern, _, _) in enumerate(_PATTERNS)), re.IGNORECASE
)
_STOPS = re.compile(r"stop|discontinu|with[hd]|omit|rules? out", re.IGNORECASE)
_FRAMES = re.compile(r"\bthat$", re.IGNORECASE)


def find_cues(text: str) -> list[Cue]:
    """All words of strength, in order, none overlapping; the longest meaning first ("should not be considered")."""
    cues = []
    for match in _CUE.finditer(text):
        _, strength, reach = _PATTERNS[int(str(match.lastgroup)[1:])]
        if strength is not None:
            words = match[0]
            stops = strength == "against" and reach == "forward" and bool(_STOPS.match(words))
            cues.append(Cue(*match.span(), strength, reach, bool(_FRAMES.search(words)), stops))
    return cues
