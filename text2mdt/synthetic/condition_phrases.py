"""Conditions in words: after "if", behind the noun for the people, in a bare noun phrase, or as a label."""

from __future__ import annotations

import re
from collections.abc import Sequence

from text2mdt.synthetic.areas import is_plural
from text2mdt.synthetic.tree import Condition
from text2mdt.synthetic.writer import Writer, capital, listed

_BEHIND = re.compile(r"\w+ing |(?:older|younger|under|aged|below|born|unable|discharged|cared|\d+)\b")
_PLURAL_STATE = re.compile(
    r"(?:current |night-shift |manual |heavy |professional |nursing home |contact lens )?"
    r"(?:smokers|residents|drivers|workers|drinkers|wearers|Jehovah's Witnesses|carriers|contacts)\b"
)


def subordinate(w: Writer, conditions: Sequence[Condition], logic: str) -> str:
    """What follows "if": a finite clause that names every condition."""
    if len(conditions) > 1 and all(item.noun for item in conditions):
        plural = logic == "and" or (is_plural(conditions[-1].noun) and not conditions[-1].article)
        background = any(item.relation == "basic_information" for item in conditions)
        return _carried(w, noun_list(w, conditions, logic), plural, background)
    parts = [_finite(w, item, first=index == 0) for index, item in enumerate(conditions)]
    return listed(parts, logic if w.chance(0.6) else f"{logic} if")


def _finite(w: Writer, item: Condition, first: bool = True) -> str:
    forms = [form for form in ("noun", "clause", "does", "has") if getattr(item, form)] or ["state"]
    form = w.pick(forms)
    one = f"the {w.one}" if first else w.pick((f"the {w.one}", "the patient"))
    if form == "clause":
        return item.clause_article + w.mark(item, item.clause)
    if form == "noun":
        plural = is_plural(item.noun) and item.article not in ("a ", "an ")
        return _carried(w, item.article + w.mark(item, item.noun), plural, item.relation == "basic_information")
    if form == "does":
        return f"{w.people()} {w.mark(item, item.does)}"
    if form == "has":
        return f"{one} {w.mark(item, item.has)}"
    if _PLURAL_STATE.match(item.state):
        return f"{w.people()} are {w.mark(item, item.state)}"
    return f"{one} is {w.mark(item, item.state)}"


def _carried(w: Writer, noun: str, plural: bool, background: bool = False) -> str:
    one = w.pick((f"the {w.one}", f"a {w.one}" if w.one[0] not in "aeiou" else f"an {w.one}"))
    choices = [f"{one} has {noun}", f"{w.people()} have {noun}"]
    if re.match(r"\W*\d*\W*no ", noun):
        return w.pick((*choices, f"there {'are' if plural else 'is'} {noun}"))
    if not background:
        be = "are" if plural else "is"
        choices += [f"there {be} {noun}", f"{noun} {be} present", f"{noun} {be} found"]
    return w.pick(choices)


def noun_list(w: Writer, conditions: Sequence[Condition], logic: str) -> str:
    """ "a fever", "both a fever and a rash", "either …", "a fever together with a rash"."""
    parts = [item.article + w.mark(item, item.noun) for item in conditions]
    if len(parts) == 1:
        return parts[0]
    if len(parts) > 2 and w.chance(0.45):
        head = w.pick(("any of the following", "one or more of the following", "one of these findings"))
        if logic == "and":
            head = w.pick(("all of the following", "each of the following"))
        return f"{head}: {listed(parts, logic)}"
    if len(parts) == 2 and logic == "and" and w.chance(0.5):
        return w.pick(("{} together with {}", "both {} and {}", "{} as well as {}", "{} combined with {}")).format(
            *parts
        )
    if len(parts) == 2 and logic == "or" and w.chance(0.4):
        return w.pick(("either {} or {}", "{} and/or {}")).format(*parts)
    return listed(parts, logic)


def nominal(conditions: Sequence[Condition]) -> bool:
    return all(item.noun for item in conditions)


def group(w: Writer, conditions: Sequence[Condition], logic: str, noun: str = "") -> str:
    """The people who meet the conditions: "patients with a fever", "those older than 70 years", "women whose …"."""
    noun = noun or w.pick((w.people(), w.people(), "those", w.people()))
    if len(conditions) > 1 and nominal(conditions):
        return f"{noun} {w.pick(('with', 'with', 'who have'))} {noun_list(w, conditions, logic)}"
    parts = [_behind(w, item) for item in conditions]
    return f"{noun} {listed(parts, logic)}"


def _behind(w: Writer, item: Condition) -> str:
    if item.noun and (not item.clause or w.chance(0.5)):
        carrier = w.pick(("with", "with", "with", "who have", "in whom there is"))
        if carrier == "in whom there is" and (is_plural(item.noun) or item.relation == "basic_information"):
            carrier = "who have"
        return f"{carrier} {item.article}{w.mark(item, item.noun)}"
    if item.clause:
        if item.clause_article == "the " and w.chance(0.5):
            return f"whose {w.mark(item, item.clause)}"
        return f"in whom {item.clause_article}{w.mark(item, item.clause)}"
    if item.does:
        return f"who {w.mark(item, item.does)}"
    if _BEHIND.match(item.state) and (item.state.startswith(("weighing", "aged")) or w.chance(0.7)):
        return w.mark(item, item.state)
    return f"who are {w.mark(item, item.state)}"


def label(w: Writer, conditions: Sequence[Condition], logic: str, short: bool = False) -> str:
    """The conditions alone, as at the head of a list item."""
    parts = []
    for item in conditions:
        text = item.short if short and item.short else item.noun or item.clause or item.state or item.does
        parts.append(w.mark(item, text))
    if len(parts) == 2 and logic == "and":
        return capital(w.pick(("{} and {}", "{} plus {}", "{} with {}")).format(*parts))
    return capital(listed(parts, logic))


def absence(w: Writer, item: Condition) -> str:
    """The people of the other side, without a new object."""
    noun = w.pick((w.people(), "those"))
    if w.chance(0.75) and (named := opposite(w, item)):
        return f"{noun} {named}"
    return w.pick((f"all other {w.noun}", "all others", f"the remaining {w.noun}", f"other {w.noun}"))


def opposite(w: Writer, item: Condition) -> str:
    """How people of the other side are described behind their noun; empty where it takes a new object."""
    if item.heading or item.noun.startswith(("at least", "two or more", "any two", "no ")):
        return ""
    if item.noun:
        return f"{w.pick(('without', 'without', 'who do not have'))} {item.article}{item.noun}"
    if item.state and not re.match(r"aged|weighing|\d", item.state):
        return f"who are not {item.state}"
    return ""
