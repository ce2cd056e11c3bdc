"""Clauses that say one fork of a tree: a case, the other case, an exception, a proviso, a treatment that failed.

Every function returns clauses: lower case in front, no full stop behind, so that they can be joined or stand alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import condition_phrases as cond
from text2mdt.synthetic.areas import is_plural
from text2mdt.synthetic.tree import Action, Condition, Leaf
from text2mdt.synthetic.writer import Writer

Choice = Callable[[], str]


def case(w: Writer, conditions: Sequence[Condition], logic: str, leaf: Leaf) -> str:
    """ "if A, do X", in one of many ways."""
    choices: list[Choice] = [
        lambda: f"{_if(w)} {cond.subordinate(w, conditions, logic)}, {act.said(w, leaf)}",
        lambda: f"{w.pick(('in', 'for', 'in'))} {cond.group(w, conditions, logic)}, {act.said(w, leaf)}",
    ]
    if act.one_verb(leaf):
        choices.append(lambda: f"{act.said(w, leaf)} {_if(w)} {cond.subordinate(w, conditions, logic)}")
    if act.one_verb(leaf) and leaf.actions[0].form == "noun":
        choices.append(lambda: f"{act.passive(w, leaf)} {w.pick(('in', 'for'))} {cond.group(w, conditions, logic)}")
    if act.can_receive(leaf):
        choices += [lambda: f"{cond.group(w, conditions, logic)} {act.receive(w, leaf)}"] * 2
    if act.can_name(leaf):
        choices += _with_nouns(w, conditions, logic, leaf)
    if cond.nominal(conditions) and all(item.relation == "clinical_feature" for item in conditions):
        opening = w.pick(("in case of", "in the presence of", "in the event of", "with", "given"))
        choices.append(lambda: f"{opening} {cond.noun_list(w, conditions, logic)}, {act.said(w, leaf)}")
    if len(conditions) == 1 and conditions[0].noun:
        item = conditions[0]
        choices.append(lambda: f"should the {w.one} have {item.article}{w.mark(item, item.noun)}, {act.said(w, leaf)}")
    return w.pick(choices)()


def _to_whom(w: Writer, conditions: Sequence[Condition], logic: str, leaf: Leaf) -> str:
    verb = w.pick(("give", "offer", "provide"))
    return f"{verb} {act.named(w, leaf)} to {cond.group(w, conditions, logic)}"


def _with_nouns(w: Writer, conditions: Sequence[Condition], logic: str, leaf: Leaf) -> list[Choice]:
    plural = leaf.logic == "and" and len(leaf.actions) > 1
    plural = plural or act.is_many(leaf.actions[-1])
    be = "are" if plural else "is"
    choices: list[Choice] = [
        lambda: (
            f"the {w.pick(('choice', 'preferred option', 'answer', 'recommendation'))} for "
            f"{cond.group(w, conditions, logic)} is {act.named(w, leaf)}"
        ),
        lambda: (
            f"{act.named(w, leaf)} {be} {w.pick(('reserved for', 'intended for', 'best suited to', 'limited to'))} "
            f"{cond.group(w, conditions, logic)}"
        ),
    ]
    if all(action.relation in ("therapeutic_drug", "treatment_plan") for action in leaf.actions):
        choices.append(lambda: _to_whom(w, conditions, logic, leaf))
    if cond.nominal(conditions) and all(item.relation == "clinical_feature" for item in conditions):
        many = logic == "and" and len(conditions) > 1
        many = many or (is_plural(conditions[-1].noun) and not conditions[-1].article)
        verbs = w.pick(
            (
                ("calls for", "call for"), ("requires", "require"), ("warrants", "warrant"), ("prompts", "prompt"),
                ("is managed with", "are managed with"), ("is an indication for", "are an indication for"),
                ("makes a case for", "make a case for"), ("should lead to", "should lead to"),
            )
        )  # fmt: skip
        present = w.pick(("", "", ", if present,", ", once confirmed,"))
        if len(conditions) > 2:
            present = ""
        choices.append(lambda: f"{cond.noun_list(w, conditions, logic)}{present} {verbs[many]} {act.named(w, leaf)}")
    return choices


def _if(w: Writer) -> str:
    return w.pick(("if", "if", "if", "when", "when", "where", "whenever", "in the event that", "once"))


def by_label(w: Writer, conditions: Sequence[Condition], logic: str, leaf: Leaf) -> str:
    """ "A: X", a clause without a verb."""
    return f"{cond.label(w, conditions, logic)}{w.pick((': ', ': ', ' – ', ' → '))}{act.short(w, leaf)}"


def in_one(w: Writer, conditions: Sequence[Condition], logic: str, yes: Leaf, no: Leaf) -> str:
    """ "X if A and Y if not": both cases in one clause; both decisions can be named."""
    plural = act.is_many(yes.actions[-1])
    be = "are" if plural or (len(yes.actions) > 1 and yes.logic == "and") else "is"
    when = w.pick(("if", "when", "where"))
    choices: list[Choice] = [
        lambda: (
            f"{act.named(w, yes)} {be} used {when} {cond.subordinate(w, conditions, logic)}, and "
            f"{act.named(w, no)} {w.pick((f'{when} not', 'otherwise', 'in all other cases'))}"
        ),
        lambda: (
            f"{act.named(w, yes)} rather than {act.named(w, no)} {be} given {when} "
            f"{cond.subordinate(w, conditions, logic)}"
        ),
        lambda: f"use {act.named(w, yes)} in {cond.group(w, conditions, logic)} and {act.named(w, no)} in the rest",
        lambda: (
            f"the choice is {act.named(w, yes)} {when} {cond.subordinate(w, conditions, logic)}, but "
            f"{act.named(w, no)} otherwise"
        ),
        lambda: (
            f"{when} {cond.subordinate(w, conditions, logic)}, the choice is {act.named(w, yes)}, otherwise "
            f"{act.named(w, no)}"
        ),
    ]
    return w.pick(choices)()


def asked(w: Writer, condition: Condition, yes: Leaf, no: Leaf) -> tuple[str, ...]:
    """ "Is there A? If so, X; if not, Y"."""
    noun = condition.article + w.mark(condition, condition.noun)
    be = "are" if is_plural(condition.noun) and not condition.article else "is"
    question = w.pick((f"does the {w.one} have {noun}?", f"{be} there {noun}?"))
    if w.chance(0.4):
        answers = w.pick((("Yes", "No", ": "), ("Yes", "No", " – "), ("Yes", "No", " → ")))
        parts = [f"{answers[0]}{answers[2]}{act.short(w, yes)}"]
        if no.actions:
            parts.append(f"{answers[1]}{answers[2]}{act.short(w, no)}")
        return question, ". ".join(parts)
    parts = [f"{w.pick(('if so', 'if yes', 'if this is the case'))}, {act.said(w, yes)}"]
    if no.actions:
        parts.append(f"{w.pick(('if not', 'otherwise', 'if the answer is no'))}, {act.said(w, no)}")
    return question, "; ".join(parts)


def otherwise(w: Writer, leaf: Leaf, condition: Condition | None = None, after: str = "") -> str:
    """What holds in every other case.

    `condition` is the one condition before it, if there was only one; `after` is the clause that it follows: "if not"
    can only be said after "if".
    """
    choices: list[Choice] = [
        lambda: f"otherwise, {act.said(w, leaf)}",
        lambda: f"in all other cases, {act.said(w, leaf)}",
        lambda: f"{w.pick(('for', 'in'))} {_rest(w)}, {act.said(w, leaf)}",
    ]
    if act.one_verb(leaf) and leaf.actions[0].form == "noun":
        choices += [lambda: f"{act.passive(w, leaf)} {w.pick(('otherwise', f'in {_rest(w)}', f'for {_rest(w)}'))}"]
    if act.can_receive(leaf):
        choices += [lambda: f"{_rest(w)} {act.receive(w, leaf)}"] * 2
    if act.can_name(leaf):
        choices.append(
            lambda: f"for {_rest(w)}, the {w.pick(('choice', 'recommendation', 'plan'))} is {act.named(w, leaf)}"
        )
    if condition:
        if after.startswith(("if ", "when ", "where ")):
            choices.append(lambda: f"{w.pick(('if not', 'if this is not the case'))}, {act.said(w, leaf)}")
        if act.can_receive(leaf):
            choices += [lambda: f"{cond.absence(w, condition)} {act.receive(w, leaf)}"] * 2
        if condition.noun and condition.relation == "clinical_feature" and not condition.heading:
            choices.append(lambda: f"in the absence of {condition.article}{condition.noun}, {act.said(w, leaf)}")
    return w.pick(choices)()


def _rest(w: Writer) -> str:
    return w.pick(
        (
            f"all other {w.noun}",
            f"the remaining {w.noun}",
            "all others",
            f"the other {w.noun}",
            "the rest",
        )
    )


def unless(w: Writer, condition: Condition, leaf: Leaf, under: Leaf) -> str:
    """ "X, unless A", with what holds under A where there is something."""
    one = [condition]
    pause = w.pick((",", "")) if act.one_verb(leaf) else ","
    if under.actions:
        choices: list[Choice] = [
            lambda: (
                f"{act.said(w, leaf)}, unless {cond.subordinate(w, one, 'and')}, in which case {act.passive(w, under)}"
            ),
            lambda: f"{act.said(w, leaf)}, unless {cond.subordinate(w, one, 'and')}; then {act.said(w, under)}",
            lambda: f"unless {cond.subordinate(w, one, 'and')}, when {act.passive(w, under)}, {act.said(w, leaf)}",
        ]
        if act.can_receive(under):
            choices += [
                lambda: f"{act.said(w, leaf)}, except in {cond.group(w, one, 'and')}, who {act.receive(w, under)}",
                lambda: (
                    f"{act.said(w, leaf)}; the exception is {cond.group(w, one, 'and')}, who {act.receive(w, under)}"
                ),
                lambda: f"{act.said(w, leaf)}, but {cond.group(w, one, 'and')} {act.receive(w, under)} instead",
            ]
        return w.pick(choices)()
    choices = [
        lambda: f"{act.said(w, leaf)}{pause} unless {cond.subordinate(w, one, 'and')}",
        lambda: f"{act.said(w, leaf)}{pause} unless {cond.subordinate(w, one, 'and')}",
        lambda: f"unless {cond.subordinate(w, one, 'and')}, {act.said(w, leaf)}",
        lambda: f"{act.said(w, leaf)}{pause} except in {cond.group(w, one, 'and')}",
        lambda: f"except in {cond.group(w, one, 'and')}, {act.said(w, leaf)}",
        lambda: f"{act.said(w, leaf)}; {cond.group(w, one, 'and')} are the {w.pick(('only exception', 'exception'))}",
        lambda: f"{act.said(w, leaf)}, except {w.pick(('when', 'where', 'if'))} {cond.subordinate(w, one, 'and')}",
    ]
    if act.can_receive(leaf):
        choices.append(
            lambda: f"with the exception of {cond.group(w, one, 'and')}, {w.people()} {act.receive(w, leaf)}"
        )
    return w.pick(choices)()


def provided(w: Writer, conditions: Sequence[Condition], leaf: Leaf) -> str:
    """ "X, provided that A (and B)"."""
    openings = [", provided that", ", as long as", ", so long as", ", but only where", ", on condition that"]
    if act.one_verb(leaf):
        openings += [" provided", " on condition that", " only if", " only when"]
    opening = w.pick(openings)
    return f"{act.said(w, leaf)}{opening} {cond.subordinate(w, conditions, 'and')}"


def first_treatment(w: Writer, action: Action) -> str:
    leaf = Leaf((action,))
    be = act.be(action)
    return w.pick(
        (
            lambda: (
                f"{act.noun(w, action)} {be} {w.pick(('the first choice', 'tried first', 'the initial treatment'))}"
            ),
            lambda: (
                f"{act.noun(w, action)} {be} the {w.pick(('first-line treatment', 'first step', 'usual first choice'))}"
            ),
            lambda: f"{w.pick(('start', 'begin'))} with {act.noun(w, action)}{w.pick(('', ' initially'))}",
            lambda: f"treatment {w.pick(('begins', 'starts', 'should begin'))} with {act.noun(w, action)}",
            lambda: f"{w.pick(('initially', 'at first', 'to begin with'))}, {act.said(w, leaf)}",
            lambda: (
                f"{w.pick(('first-line treatment', 'the initial step', 'the first option'))} is {act.noun(w, action)}"
            ),
        )
    )()


def next_treatment(w: Writer, failure: Condition, leaf: Leaf) -> str:
    """The step that follows a failure; the failure may name what failed by a pronoun, so it comes after it."""
    one = [failure]
    when = w.pick(("if", "if", "when", "where", "should it happen that", "in the event that"))
    choices: list[Choice] = [
        lambda: f"{when} {cond.subordinate(w, one, 'and')}, {act.said(w, leaf)}",
    ]
    if act.can_name(leaf) and leaf.actions[0].form == "noun":
        be = act.be(leaf.actions[0])
        step = w.pick(("switch to", "change to", "move on to", "proceed to", "turn to", "add", "try", "go on to"))
        choices += [
            lambda: f"{when} {cond.subordinate(w, one, 'and')}, {step} {act.named(w, leaf)}",
            lambda: (
                f"{step} {act.named(w, leaf)} {when if when in ('if', 'when') else 'if'} "
                f"{cond.subordinate(w, one, 'and')}"
            ),
            lambda: (
                f"{act.named(w, leaf)} {be} {w.pick(('the next step', 'used', 'added', 'tried next'))} "
                f"{w.pick(('if', 'when', 'where'))} {cond.subordinate(w, one, 'and')}"
            ),
            lambda: (
                f"{act.named(w, leaf)} {be} {w.pick(('reserved for', 'kept for', 'the alternative for'))} "
                f"{cond.group(w, one, 'and')}"
            ),
        ]
    if act.can_receive(leaf):
        choices.append(lambda: f"{cond.group(w, one, 'and')} {act.receive(w, leaf)}")
    return w.pick(choices)()


def usual_treatment(w: Writer, action: Action) -> str:
    """What most people get, before the exceptions are named."""
    leaf = Leaf((action,))
    be = act.be(action)
    return w.pick(
        (
            lambda: (
                f"{act.noun(w, action)} {be} {w.pick(('the standard choice', 'the usual treatment', 'the default'))}"
            ),
            lambda: f"most {w.noun} {act.receive(w, leaf)}",
            lambda: f"as a rule, {act.said(w, leaf)}",
            lambda: f"{w.pick(('usually', 'in general', 'by default'))}, {act.said(w, leaf)}",
        )
    )()


def instead(w: Writer, conditions: Sequence[Condition], logic: str, action: Action) -> str:
    """An exception to the usual treatment, with what takes its place."""
    be = act.be(action)
    takes = "take its place" if be == "are" else "takes its place"
    return w.pick(
        (
            lambda: f"in {cond.group(w, conditions, logic)}, {act.noun(w, action)} {be} used instead",
            lambda: (
                f"{w.pick(('if', 'when', 'where'))} {cond.subordinate(w, conditions, logic)}, "
                f"{act.noun(w, action)} {w.pick((takes, f'{be} preferred', f'{be} given instead'))}"
            ),
            lambda: f"{cond.group(w, conditions, logic)} {act.receive(w, Leaf((action,)))} instead",
            lambda: (
                f"{act.noun(w, action)} {be} the alternative {w.pick(('if', 'when', 'where'))} "
                f"{cond.subordinate(w, conditions, logic)}"
            ),
            lambda: (
                f"replace it with {act.noun(w, action)} {w.pick(('if', 'when'))} "
                f"{cond.subordinate(w, conditions, logic)}"
            ),
        )
    )()


def for_everybody(w: Writer, leaf: Leaf) -> str:
    """Advice without a condition; its actions are in no tree."""
    return w.pick(
        (
            lambda: f"{w.pick((f'all {w.noun}', f'every {w.one}'))} should {_bare(w, leaf)}",
            lambda: f"{act.passive(w, leaf)} in all {w.noun}, whatever the {w.pick(('cause', 'severity', 'age'))}",
            lambda: (
                f"{w.pick(('regardless of severity', 'in every case', 'as a matter of routine'))}, {act.said(w, leaf)}"
            ),
        )
    )()


def _bare(w: Writer, leaf: Leaf) -> str:
    return f"{w.pick(('have', 'be offered'))} {act.named(w, leaf)}"
