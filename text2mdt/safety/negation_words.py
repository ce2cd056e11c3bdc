"""Words that deny what stands beside them (English)."""

from __future__ import annotations

import re

from text2mdt.grounding import Place
from text2mdt.mention_context import is_negated

_OWN = re.compile(
    r"\b(?:no|not|non|none|never|without|neither|nor|cannot|absen\w+|lack\w*|free (?:of|from)|avoid\w*|stop\w*|"
    r"withh\w+|omit\w*|discontinu\w+|contraindicat\w+|un\w+|in(?:ability|adequate\w*|sufficient\w*|effective|"
    r"toleran\w+)|negative|fail(?:s|ed)?)\b|n't\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:non-|(?:absence|lack) of (?:an? |the |any )?|other than (?:an? |the )?|not (?:yet|currently) )$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^ (?:is|are|was|were|has|have|had|does|do|did) (?:not|never)\b|^ (?:is|are|was|were) (?:both |all )?(?:absent|"
    r"lacking|excluded|ruled out)\b",
    re.IGNORECASE,
)


def denies(words: str) -> bool:
    """Whether a phrase holds a negation itself ("no fever", "cannot swallow")."""
    return bool(_OWN.search(words))


def is_denied(text: str, place: Place) -> bool:
    """Whether the words beside a finding say that it is absent ("without fever", "fever is absent")."""
    before = text[max(0, place[0] - 40) : place[0]]
    return bool(is_negated(text, place[0]) or _BEFORE.search(before) or _BEHIND.match(text[place[1] : place[1] + 40]))
