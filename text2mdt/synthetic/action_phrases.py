"""Decisions in words: as a command, in the passive, as what people receive, or as bare nouns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from text2mdt.synthetic.areas import is_plural
from text2mdt.synthetic.tree import Action, Leaf
from text2mdt.synthetic.writer import Writer, listed

_COMMAND = {
    "therapeutic_drug": ["give", "offer", "prescribe", "use", "start", "begin", "consider", "recommend"],
    "treatment_plan": ["offer", "arrange", "recommend", "provide", "consider", "advise"],
    "investigation": ["arrange", "perform", "request", "obtain", "order", "carry out", "consider"],
    "referral": ["arrange", "organise", "offer"],
    "contraindicated_drug": ["avoid", "stop", "do not give", "do not use", "withhold", "do not prescribe"],
}
_PASSIVE = {
    "therapeutic_drug": (
        "{is} given|{is} recommended|should be given|should be started|{is} the treatment of choice|{is} preferred|"
        "may be used|{is} indicated|{is} prescribed|should be offered|can be tried|{is} advised|{is} used"
    ),
    "treatment_plan": (
        "{is} recommended|should be offered|{is} advised|{is} appropriate|{is} indicated|{is} offered|can be considered"
    ),
    "investigation": "should be performed|{is} indicated|{is} required|{is} requested|should be arranged|{is} advised",
    "referral": "{is} indicated|{is} required|should be arranged|{is} recommended|{is} advised|{is} necessary",
    "contraindicated_drug": (
        "should be avoided|{is} contraindicated|should not be given|must not be used|{is} not recommended|{is} withheld"
    ),
}
_RECEIVE = {
    "therapeutic_drug": "receive|be given|be treated with|be offered|take|be started on|be prescribed",
    "treatment_plan": "be offered|receive|have",
    "investigation": "have|undergo|be offered",
    "referral": "have|be offered",
    "contraindicated_drug": "not receive|not be given|avoid|not take",
}
_MODAL = ("should", "should", "should", "must", "ought to", "are to")


def is_many(action: Action) -> bool:
    """Whether its name takes a plural verb."""
    return is_plural(action.name) and not action.article


def be(action: Action) -> str:
    """ "is" or "are", as its name wants it."""
    return "are" if is_many(action) else "is"


def noun(w: Writer, action: Action, bare: bool = False, split_dose: bool = False) -> str:
    """The action as a noun phrase, with its dose behind it."""
    article = "" if bare else action.article
    if action.form == "target":
        return w.mark(action, f"referral to {action.article}{action.name}")
    text = article + w.mark(action, action.name)
    return f"{text}{_dose(w, action)}"


def shared_name(w: Writer, actions: Sequence[Action], bare: bool = False) -> str:
    """The name of a drug that stands once for several doses of it."""
    named = actions[0].named_by or actions[0]
    return ("" if bare else named.article) + w.mark(named, named.name)


def _dose(w: Writer, action: Action) -> str:
    if not action.dose:
        return ""
    draw = w.rng.random()
    if draw < 0.12 and "dose" not in action.dose and re.match(r"[\d.]+ (?:mg|g|micrograms|units)\b", action.dose):
        return f" at a dose of {w.mark(action, action.dose, 'dose 1')}"
    pieces = re.fullmatch(r"(.+?) (for \d+ (?:days|weeks|months)|over \d+ (?:minutes|hours?))", action.dose)
    if draw < 0.3 and pieces:
        first, second = w.mark(action, pieces[1], "dose 1"), w.mark(action, pieces[2], "dose 2")
        return w.pick((f" ({first}, {second})", f" {first} ({second})", f" ({first}) {second}"))
    if draw < 0.45:
        return f" ({w.mark(action, action.dose, 'dose 1')})"
    return f" {w.mark(action, action.dose, 'dose 1')}"


def _groups(leaf: Leaf) -> list[list[Action]]:
    """Neighbours that can share a verb."""
    groups: list[list[Action]] = []
    for action in leaf.actions:
        last = groups[-1][-1] if groups else None
        if last and last.form == action.form == "noun" and last.relation == action.relation:
            groups[-1].append(action)
        else:
            groups.append([action])
    return groups


def _joined(w: Writer, actions: Sequence[Action], logic: str, bare: bool = False) -> str:
    parts = [noun(w, action, bare) for action in actions]
    if len(parts) == 2 and logic == "and" and actions[0].relation != "contraindicated_drug":
        return w.pick(("{} and {}", "{} plus {}", "{} together with {}", "{} and {}")).format(*parts)
    if len(parts) == 2 and logic == "or" and w.chance(0.25):
        return "either {} or {}".format(*parts)
    return listed(parts, logic)


def command(w: Writer, leaf: Leaf) -> str:
    """ "give X and refer to Y"."""
    parts = []
    for actions in _groups(leaf):
        first = actions[0]
        if first.form == "verb":
            parts.append(w.mark(first, first.name))
        elif first.form == "target":
            whom = w.pick(("", f"the {w.one} "))
            parts.append(f"refer {whom}to {first.article}{w.mark(first, first.name)}")
        else:
            parts.append(f"{w.pick(_COMMAND[first.relation])} {_joined(w, actions, leaf.logic)}")
    return _clauses(w, parts)


def _clauses(w: Writer, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}{w.pick((' and', ', and'))} {parts[-1]}"


def passive(w: Writer, leaf: Leaf) -> str:
    """ "X is given and Y should be arranged"."""
    parts = []
    for actions in _groups(leaf):
        first = actions[0]
        if first.form == "verb":
            opening = w.pick(("it is advisable to", "the next step is to", "the advice is to", "it is best to"))
            parts.append(f"{opening} {w.mark(first, first.name)}")
        elif first.form == "target":
            if w.chance(0.3):
                parts.append(f"{noun(w, first)} {w.pick(('is indicated', 'should be arranged', 'is advised'))}")
            else:
                who = w.pick((f"the {w.one} should be", f"{w.noun} are", f"{w.noun} should be"))
                parts.append(f"{who} referred to {first.article}{w.mark(first, first.name)}")
        else:
            phrase = w.pick(_PASSIVE[first.relation].split("|"))
            plural = (len(actions) > 1 and leaf.logic == "and") or is_many(actions[-1])
            if phrase.endswith("of choice") and plural:
                phrase = "{is} recommended"
            subject = _joined(w, actions, leaf.logic)
            parts.append(f"{subject} {phrase.replace('{is}', 'are' if plural else 'is')}")
    return _clauses(w, parts)


def one_verb(leaf: Leaf) -> bool:
    """Whether one verb serves all actions, so that a condition behind them is read with all of them."""
    return len({(action.relation, action.form) for action in leaf.actions}) == 1


def can_receive(leaf: Leaf) -> bool:
    return bool(leaf.actions) and all(action.form != "verb" for action in leaf.actions)


def receive(w: Writer, leaf: Leaf) -> str:
    """What follows the people in the plural: "should receive X and be referred to Y"; see `can_receive`."""
    actions = leaf.actions
    if all(action.relation == "therapeutic_drug" for action in actions) and w.chance(0.45):
        verb = w.pick(("receive", "are given", "are treated with", "may be given", "can take", "need", "benefit from"))
        return f"{verb} {_joined(w, actions, leaf.logic)}"
    parts = []
    for number, items in enumerate(_groups(leaf)):
        first = items[0]
        if first.form == "target":
            parts.append(f"be referred to {first.article}{w.mark(first, first.name)}")
            continue
        choices = _RECEIVE[first.relation].split("|")
        verb = w.pick(choices if number == 0 else [item for item in choices if not item.startswith("not")] or choices)
        parts.append(f"{verb} {_joined(w, items, leaf.logic)}")
    if parts[0].startswith("not"):
        return f"{w.pick(_MODAL[:4])} {', but '.join(parts)}"
    return f"{w.pick(_MODAL)} {_clauses(w, parts)}"


def can_name(leaf: Leaf) -> bool:
    """Whether the decision can stand as nouns: no command, nothing to avoid."""
    return bool(leaf.actions) and all(
        action.form != "verb" and action.relation != "contraindicated_drug" for action in leaf.actions
    )


def named(w: Writer, leaf: Leaf, bare: bool = False) -> str:
    """The actions as nouns; see `can_name`."""
    return _joined(w, leaf.actions, leaf.logic, bare)


def short(w: Writer, leaf: Leaf) -> str:
    """As behind a label: nouns without articles, commands as they are."""
    if can_name(leaf):
        return named(w, leaf, bare=True)
    if len(leaf.actions) > 1 and any(action.relation == "contraindicated_drug" for action in leaf.actions):
        return command(w, leaf)  # in a bare list, "avoid" could be read as reaching over all of it
    parts = []
    for action in leaf.actions:
        if action.form == "verb":
            parts.append(w.mark(action, action.name))
        elif action.relation == "contraindicated_drug":
            parts.append(f"{w.pick(('no', 'avoid', 'stop'))} {w.mark(action, action.name)}")
        else:
            parts.append(noun(w, action, bare=True))
    return listed(parts, leaf.logic)


def said(w: Writer, leaf: Leaf) -> str:
    """A main clause, as a command or in the passive."""
    return w.pick((command, passive, passive))(w, leaf)
