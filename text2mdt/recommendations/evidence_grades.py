"""Printed grades of a recommendation: "(1A)", "Grade B", "Class IIa, level C", "strong recommendation"."""

from __future__ import annotations

import re

from text2mdt.grounding import Place

_LEVEL = r"(?:very[ -]low|low|moderate|high|insufficient)"
_LETTERS = r"(?:[A-D](?:-(?:NR|LD|EO|R))?|[1-5](?:[a-d]|\+{1,2}|[-−–])?|[IV]{1,3}[abc]?)"
_PARTS = (
    r"(?:grade )?(?-i:[12][A-D])\+?",
    r"(?-i:I|IIa|IIb|III) ?[,/-] ?(?-i:[A-C])",
    r"(?:grade(?: of recommendation)?|recommendation grade|strength|SORT):? (?:(?-i:[A-D])|strong|weak|conditional)",
    r"(?:class|COR)(?: of recommendation)?:? (?:I{1,3}[ab]?|[123][ab]?)(?:: ?(?:harm|no benefit))?",
    rf"(?:levels?(?: of evidence)?|LoE|EL|evidence(?: level)?|quality(?: of evidence)?|certainty(?: of evidence)?):? ?"
    rf"(?:{_LETTERS}(?![\w+])|{_LEVEL})",
    rf"GRADE:? (?:{_LEVEL}|[⊕⊝⊖○◯+]+)",
    r"(?:strong|weak|conditional|discretionary)(?: recommendation)?(?: (?:for|against))?",
    r"strength of recommendation:? (?:strong|weak|conditional|[A-D])",
    rf"{_LEVEL}(?:[- ](?:quality|certainty))?(?:(?: of)? evidence)?",
    r"(?:good practice (?:point|statement)|GPP|expert (?:opinion|consensus)|consensus(?: statement)?|ungraded)",
    r"[1-4](?:\+{1,2}|−|–)",
    r"⊕[⊕⊝⊖○◯]{1,3}",
)
_PART = "(?:" + "|".join(_PARTS) + ")"
_JOIN = r"(?:\s*[,;/|–-]\s*|\s+(?:with |based on |and )?)"
_GRADE = rf"{_PART}(?:{_JOIN}{_PART}){{0,3}}"
_BRACKETED = re.compile(rf"[(\[]\s*(?P<words>{_GRADE})\s*[.;]?\s*[)\]]", re.IGNORECASE)
_BARE = re.compile(rf"(?:^|(?<=[.;:,)–—•] ))(?P<words>{_GRADE})(?=\s*(?:[.;]|$))", re.IGNORECASE)
_WORD = re.compile(  # what a bare word or number needs to be a grade: "moderate" alone is none
    r"\b(?:recommendation|evidence|grade|certainty|quality|good practice|consensus|opinion|ungraded|GPP|SORT|LoE|COR|"
    r"EL ?\d|class|level|strong|weak|conditional)",
    re.IGNORECASE,
)
_CODE = re.compile(r"[12][A-D]|[⊕]|[1-4](?:\+|−|–)|(?:I|II[ab]|III) ?[,/-] ?[A-C]")
_STRENGTH = re.compile(
    r"\b(?P<strength>strong|weak|conditional|discretionary) recommendation(?P<against> against)?"
    r"|strength(?: of recommendation)?:? (?P<named>strong|weak|conditional)",
    re.IGNORECASE,
)


def find_grades(text: str) -> list[Place]:
    """Where grades are printed, without their brackets, in order.

    Outside brackets a grade has to stand alone ("… is given. Grade B."): "grade 3 toxicity", "NYHA class II" are none.
    """
    found: list[Place] = []
    for pattern in (_BRACKETED, _BARE):
        for match in pattern.finditer(text):
            place = match.span("words")
            inside = any(start < place[1] and place[0] < end for start, end in found)
            if not inside and (_WORD.search(match["words"]) or (pattern is _BRACKETED and _CODE.match(match["words"]))):
                found.append(place)
    return sorted(found)


def printed_strength(text: str, grade: Place) -> tuple[str, Place] | None:
    """The strength that a grade names ("strong recommendation"): "strong", "weak" or "against", and its words."""
    match = _STRENGTH.search(text, *grade)
    if match is None:
        return None
    if match["against"]:
        return "against", match.span()
    return "strong" if (match["strength"] or match["named"]).lower() == "strong" else "weak", match.span()
