"""What a number of a text is, when it is no quantity: a page, a year, a reference, a figure of a trial (English)."""

from __future__ import annotations

import re

from text2mdt.grounding import Place

_SIGN = r"\s*(?:[<>≤≥=:#]|no\.?)?\s*"
_LABEL = re.compile(
    r"(?<!\w)(?:(?P<page>pages?|pp?\.|pg\.?)|(?P<section>(?<!caesarean )(?<!cesarean )(?<!C-)(?:sub)?sections?|"
    r"chapters?|paragraphs?|appendix|annex|§|modules?|footnotes?|notes?)|(?P<table>tables?|figures?|figs?\.?|"
    r"box(?:es)?|algorithms?|flow ?charts?|panels?|equations?)|(?P<recommendation>recommendations?|recs?\.|"
    r"statements?|key points?|steps? in table)|(?P<reference>references?|refs?\.?|citations?))"
    rf"{_SIGN}(?:\d+(?:\.\d+)*{_SIGN}(?:,|and|to|-|–|&){_SIGN})*$",
    re.IGNORECASE,
)
_NAMES = {
    "page": "a page number",
    "section": "the number of a section",
    "table": "the number of a table or figure",
    "recommendation": "the number of a recommendation",
    "reference": "the number of a reference",
}
_YEAR = re.compile(r"(?:19|20)\d\d")
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|until|from|of|by|during|before|after|the|and|to|updated?|published|revised|version|edition|"
    r"guidelines?|(?:January|February|March|April|May|June|July|August|September|October|November|December))\s$|"
    r"[(\[]$|[A-Z][A-Za-z]+,?\s$|\bal\.?,?\s$",
)
_CITED = re.compile(r"\[[\d\s,;–-]*$"), re.compile(r"^[\d\s,;–-]*\]")
_ALONE = re.compile(r"\((?:\d{1,3}\s*[,;–-]\s*)*$"), re.compile(r"^(?:\s*[,;–-]\s*\d{1,3})*\)")
_ITEM_START = re.compile(r"(?:^|[.:;!?\n•▪]\s+)\(?$"), re.compile(r"^(?:[.)]\s+\w|\s+[A-Z][a-z])")
_SAMPLE = re.compile(
    r"\b[nN]\s*=\s*$|\b[pP]\s*[<>=]\s*$|\b(?:CI|confidence interval|hazard ratio|odds ratio|"
    r"relative risk)\b[^.;]{0,25}$"
)
_OF_PATIENTS = re.compile(
    r"^\s?(?:%|per ?cent)?\s(?:of (?:the |all |these |those |our |treated |such )*)?(?:\w+ )?(?:patients|people|"
    r"persons|individuals|women|men|children|adults|infants|cases|participants|subjects|trials?|studies|cohorts?|"
    r"recipients|survivors|travellers)\b"
)
_TRIAL = re.compile(
    r"\b(?:trials?|stud(?:y|ies)|cohorts?|randomi[sz]ed|placebo|meta-analys[ie]s|registr(?:y|ies)|enrolled|"
    r"participants|incidence|prevalence|mortality)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"^\s?(?:%|per ?cent)")


def number_context(text: str, place: Place, sentence: Place, has_unit: bool) -> str | None:
    """What a number is ("a page number"), or None where it may well be a quantity.

    Args:
        text: the passage.
        place: the digits alone.
        sentence: the sentence that they stand in.
        has_unit: a unit follows them; such a number is at most a figure of a trial.
    """
    before, behind = text[max(0, place[0] - 60) : place[0]], text[place[1] : place[1] + 60]
    if not has_unit and (name := _label(text[slice(*place)], before, behind)):
        return name
    if _SAMPLE.search(before):
        return "a figure of a trial"
    return _statistic(text, place, sentence, behind)


def _label(digits: str, before: str, behind: str) -> str | None:
    if label := _LABEL.search(before):
        return _NAMES[label.lastgroup or "page"]
    if _YEAR.fullmatch(digits) and _YEAR_BEFORE.search(before):
        return "a year"
    if any(left.search(before) and right.search(behind) for left, right in (_CITED, _ALONE)):
        return "a citation"
    return "the number of a recommendation" if _ITEM_START[0].search(before) and _ITEM_START[1].search(behind) else None


def _statistic(text: str, place: Place, sentence: Place, behind: str) -> str | None:
    """A share or number of patients, in a sentence that reports what was found."""
    if not _TRIAL.search(text[slice(*sentence)]):
        return None
    return "a figure of a trial" if _PERCENT.match(behind) or _OF_PATIENTS.match(behind) else None
