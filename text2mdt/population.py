"""Which patients a passage speaks of: from its headings, its words, or the document's title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.util import filter_spans

_Pattern = list[dict[str, Any]]

UNKNOWN = "Patients"

_GROUPS = [
    *("adults", "children", "infants", "neonates", "newborns", "babies", "toddlers", "adolescents", "people"),
    *("persons", "patients", "women", "men", "individuals", "girls", "boys", "mothers", "residents"),
]
_BEFORE = ["pregnant", "breastfeeding", "postmenopausal", "older", "younger", "young", "elderly", "adult", "newborn"]
_STARTS = [
    "with",
    "who",
    "taking",
    "using",
    "receiving",
    "before",
    "undergoing",
    "awaiting",
    "after",
    "on",
    "without",
    "hospitalised",
]
_VERBS = ["is", "are", "was", "were", "should", "must", "may", "can", "could", "will", "shall", "need"]
_STOPS = [
    *_VERBS,
    *(
        "needs",
        "and",
        "if",
        "when",
        "unless",
        "except",
        "where",
        "whose",
        "than",
        "in",
        "at",
        "by",
        "from",
        "which",
        "that",
    ),
    *("receive", "receives", "undergo", "require", "requires", "or", "but", "while", "whereas", "offer", "give"),
]
_AGE_WORD = r"^(?:\d+|to|or|and|over|under|older|younger|than|between|years?|months?|weeks?|–|-)$"
_PEOPLE = [*_GROUPS, "workers", "partners", "relatives", "siblings", "carriers", "survivors", "travellers", "smokers"]
_AGE_OR_MORE = "and|or|aged|over|under|older|younger|of (?:childbearing|reproductive)"
_PLACE = (
    r"(?:(?:the|an?) )?(?:(?:(?:neonatal|paediatric) )?(?:intensive|critical) care(?: units?)?|(?:primary|secondary|"
    r"palliative) care|(?:care|nursing) homes?|hospitals?|emergency departments?|community|general practice)"
)
_QUALIFIED = re.compile(
    rf"(?:(?:{'|'.join(_BEFORE)}|male|female)\s+)*(?:{'|'.join(_PEOPLE)})(?!\s+(?:(?:{_AGE_OR_MORE})\b|in {_PLACE}$))"
    rf"(?:\s+(?:who\s+(?:are|have|had|were)\b|(?!(?:{'|'.join(_VERBS)})\b)[\w’'-]+)){{2,11}}|(?:male|female)\s+partners",
    re.IGNORECASE,
)
"""A group and what sets it apart, as the whole of a heading; an age or a place alone is completed with the condition of
the title."""
_KIN = re.compile(
    r"(?:(?:male|female|close|first-degree|sexual|household)\s+)*(?:partners|relatives|siblings|contacts)",
    re.IGNORECASE,
)
"""People who are named for what they are to the patients, as the whole of a heading."""
_TREATED = re.compile(r"\b(?:treated|admitted|seen|hospitalised)\b(?!.*\b(?:for|with)\b)", re.IGNORECASE)
_BEFORE_DISEASE = re.compile(r"\b(?:screening|prevention|prophylaxis|early detection)\b", re.IGNORECASE)
"""Of people who do not have the title's condition."""
_CARE = (
    "assessment|care|diagnosis|follow-up|investigation|management|monitoring|prescribing|recognition|referral|support|"
    "therapy|treatment"
)
"""What guidelines say that they are about, beside the patients."""
_LEAD = re.compile(
    r"^(?:(?:clinical|practice|national|local|short|quick|evidence-based)\s+)*"
    r"(?:(?:guidelines?|guidance|recommendations?|pathway|protocol|statement|standards?)\s+(?:for|on|about|of)\s+)?"
    rf"(?:the\s+)?(?:(?:{_CARE}|approach|diagnostics|evaluation|initial|prevention|acute|emergency|pharmacological|"
    r"drug|first-line|detection|screening|identification|testing|work-?up|staging|rehabilitation|control|"
    r"surveillance|and|,|&|/)\s*)+\s+(?:of|for|in|to)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_LEAD_NOUN = re.compile(
    r"^(?:[\w-]+\s+){0,3}(?:guidelines?|guidance|recommendations?|pathway|protocol)\s*(?:for|on|about|of|:|–|-)\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[:–—(]\s*(?:[^:–—(]*\b)?(?:guidelines?|guidance|management|diagnosis|treatment|summary|pathway|version|draft|"
    r"assessment|recommendations?|edition|20\d\d)\b.*|,?\s+(?:clinical\s+)?(?:guidelines?|guidance|pathway|protocol))$",
    re.IGNORECASE,
)
_AGE_OR_PLACE = (
    r"(?:\s+(?:aged|over|under|older|younger|of (?:childbearing|reproductive)|in (?:labour|pregnancy)|"
    rf"in {_PLACE})\b[^,;:()]{{0,80}})?"
)
_GROUP = rf"(?:(?:{'|'.join(_BEFORE)})\s+(?:and\s+)?)*(?:{'|'.join(_GROUPS)}){_AGE_OR_PLACE}"
_JOINT = rf"{_GROUP}(?:\s+and\s+{_GROUP})?"
"""One group or two: "women and girls", "children under 5"."""
_SUBTITLE = re.compile(
    rf"(?P<condition>[^:–—()]{{2,100}})(?::| [–—(-]) ?(?:[\w-]+ )?(?:{_CARE})(?:(?:,|,? and) (?:{_CARE})){{0,3}} "
    rf"(?:of|in|for) (?P<group>{_JOINT})\)?",
    re.IGNORECASE,
)
"""A title that names the patients behind what it is: "Frostbite: care of adults"."""
_NUMBER = re.compile(r"^(?:(?:section|chapter|part)\s+)?\d[\d.]*[.:)]?\s+", re.IGNORECASE)
_NOT_A_CONDITION = re.compile(
    r"introduction|scope|background|recommendations?|summary|purpose|overview|guidelines?|guidance|document|"
    r"untitled|readme|notes?|stdin|"
    r"(?:drug |first-line |initial )?(?:management|treatment|therapy|diagnosis|assessment)",
    re.IGNORECASE,
)


def find_population(heading_path: Sequence[str], title: str, text: str = "", name: str = "") -> str:
    """The population of a passage, for instance "Adults with chronic urticaria".

    The nearest heading that names patients decides; a heading that names only a group ("Pregnant women") is
    completed with the title's condition. Then the title itself, then patients named in the text, then the file's
    name; `UNKNOWN` where all are silent.
    """
    from_title = title_population(title)
    for heading in reversed(heading_path):
        if heading == title:
            continue
        if found := _named_in_heading(heading, from_title):
            return found
    return from_title or mentioned_population(text) or title_population(_from_name(name)) or UNKNOWN


def mentioned_population(text: str) -> str:
    """The first patients that the text names with what they have ("adults with gout"), or nothing."""
    doc = _nlp()(text[:2000])
    spans = filter_spans(_matcher()(doc, as_spans=True))
    return _sentence_case(min(spans, key=lambda span: span.start).text) if spans else ""


def title_population(title: str) -> str:
    """A title as a population: "Management of gout in adults" → "Adults with gout"; or nothing."""
    title = " ".join(title.split())  # many blanks in a row take the patterns long
    if (subtitle := _SUBTITLE.fullmatch(title[:300])) and (found := _of_subtitle(subtitle)):
        return found
    words = _clean(title)
    if not words or _NOT_A_CONDITION.fullmatch(words):
        return ""
    if found := mentioned_population(words):
        return found
    condition, group = _split_group(words)
    if not condition:
        return _sentence_case(group)
    return _with_condition(group, condition)


def _of_subtitle(subtitle: re.Match[str]) -> str:
    """The population of "Frostbite: care of adults"; nothing where no condition stands in front."""
    condition = _clean(subtitle["condition"])
    if not condition or _NOT_A_CONDITION.fullmatch(condition) or _split_group(condition)[1]:
        return ""
    return _with_condition(subtitle["group"], condition)


def _named_in_heading(heading: str, from_title: str) -> str:
    words = _clean(heading)
    if _KIN.fullmatch(words) and from_title:
        return f"{_sentence_case(words)} of {_lower_start(from_title)}"
    if _QUALIFIED.fullmatch(words):  # "Adults unfit for surgery"
        _, with_, condition = from_title.partition(" with ")
        return _sentence_case(words) + (f" for {condition}" if with_ and _TREATED.search(words) else "")
    if found := mentioned_population(words):
        return found
    condition, group = _split_group(words)
    if not group:
        return _subtype(words, from_title)
    if condition:
        # "First-line treatment in adults" names a group, but no condition.
        treated = re.search(
            r"\b(?:treatment|therapy|management|dos\w+|drugs?|prescribing|care|line)\b", condition, re.I
        )
        if not treated:
            return _with_condition(group, condition)
    if _BEFORE_DISEASE.search(heading) or " with " in group:
        return _sentence_case(group)
    _, with_, condition = from_title.partition(" with ")
    return _sentence_case(group) + with_ + condition


def _subtype(words: str, from_title: str) -> str:
    """ "Resistant hypertension" under "Adults with hypertension" → "Adults with resistant hypertension"; or nothing."""
    group, with_, condition = from_title.partition(" with ")
    parts, known = words.split(), condition.split()
    if not known or len(known[-1]) < 5 or not 2 <= len(parts) <= 5 or parts[-1].lower() != known[-1].lower():
        return ""
    if words.lower() == condition.lower() or not re.fullmatch(r"[\w’'-]+(?: [\w’'-]+)*", words):
        return ""
    if any(part.lower() in ("of", "in", "for", "and", "or", "to", "the") for part in parts):
        return ""
    return group + with_ + _lower_start(words)


def _clean(title: str) -> str:
    words = _NUMBER.sub("", " ".join(title.split()))  # many blanks in a row take the patterns long
    words = _TAIL.sub("", words)
    words = _LEAD.sub("", words)
    words = _LEAD_NOUN.sub("", words)
    if words.isupper() and " " in words:
        words = words.lower()
    capitals = [word for word in words.split() if word[:1].isupper()]
    if len(capitals) > 2 and len(capitals) >= 0.6 * len(words.split()):  # A Title in Title Case
        words = " ".join(_lower_start(word) for word in words.split())
    return words.strip(" .:,;–—-")


def _split_group(words: str) -> tuple[str, str]:
    """("gout", "adults") from "gout in adults", "adults: gout" or "gout, adults"; either may be empty."""
    if re.fullmatch(_JOINT, words, re.IGNORECASE):
        return "", words
    if match := re.match(
        rf"(?P<c>.+?)(?:\s+in\s+|\s+for\s+|\s*[,:(–-]\s*|\s+)(?P<g>{_JOINT})\)?$", words, re.IGNORECASE
    ):
        return match["c"].strip(), match["g"].strip()
    if match := re.match(rf"(?P<g>{_JOINT})\s*[:,–-]\s*(?P<c>.+)$", words, re.IGNORECASE):
        return match["c"].strip(), match["g"].strip()
    return words, ""


def _with_condition(group: str, condition: str) -> str:
    return f"{_sentence_case(group) or UNKNOWN} with {_lower_start(condition)}"


def _from_name(name: str) -> str:
    stem = re.sub(r"\.\w{1,8}$", "", name)
    return re.sub(r"[-_\s]+", " ", stem).strip()


def _lower_start(words: str) -> str:
    """The first letter small, unless the word is an abbreviation or a name ("COPD", "Crohn's disease")."""
    first = words.split(maxsplit=1)[0] if words else ""
    if any(letter.isupper() for letter in first[1:]) or first.endswith(("'s", "’s")) or len(first) == 1:
        return words
    return words[:1].lower() + words[1:]


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


@cache
def _nlp() -> Language:
    return spacy.blank("en")


@cache
def _matcher() -> Matcher:
    matcher = Matcher(_nlp().vocab)
    before: _Pattern = [{"LOWER": {"IN": _BEFORE}, "OP": "*"}]
    group: _Pattern = [*before, {"LOWER": {"IN": _GROUPS}}]
    age: _Pattern = [
        {"LOWER": {"IN": ["aged", "over", "under", "older", "younger"]}},
        {"TEXT": {"REGEX": _AGE_WORD}, "OP": "{1,6}"},
    ]
    what: _Pattern = [
        {"LOWER": {"IN": _STARTS}},
        {"LOWER": {"IN": ["have", "are", "had"]}, "OP": "?"},
        {"LOWER": {"NOT_IN": _STOPS}, "IS_PUNCT": False, "IS_SPACE": False, "OP": "{1,9}"},
    ]
    patterns = [[*group, *what], [*group, *age, *what], [*group, {"LOWER": "and"}, *group, *what]]
    matcher.add("population", patterns, greedy="LONGEST")
    return matcher
