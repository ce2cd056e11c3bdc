"""The constructions of one condition or two: each builds a tree together with the clauses that say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import condition_phrases as cond
from text2mdt.synthetic import sentences as say
from text2mdt.synthetic.itemised import itemised_actions, itemised_conditions
from text2mdt.synthetic.sequences import exceptions, failure, one_exception, two_failures
from text2mdt.synthetic.told import NOTHING, Teller, Told
from text2mdt.synthetic.tree import Condition, Fork, Leaf
from text2mdt.synthetic.writer import PEOPLE

Construction = Callable[[Teller], Told]


def single(t: Teller) -> Told:
    """If A, X."""
    conditions, logic = t.conditions()
    leaf = t.facts.leaf()
    clauses = [say.case(t.w, conditions, logic, leaf)]
    if len(conditions) == 1 and t.w.chance(0.12):
        rest = t.w.pick(
            (f"no {act.named(t.w, Leaf((t.facts.test(),)), bare=True)} is needed", "no further action is required")
        )
        clauses.append(f"otherwise, {rest}")
    return Told(Fork(conditions, leaf, NOTHING, logic), tuple(clauses), ("single",))


def add_on(t: Teller) -> Told:
    """All have Z; in A, Y as well: Z is in no branch."""
    conditions, logic = t.conditions()
    base, leaf = t.facts.drug(), Leaf((t.facts.drug(),))
    everybody = f"all {t.w.noun} {act.receive(t.w, Leaf((base,)))}"
    extra = t.w.pick(
        (
            lambda: f"in {cond.group(t.w, conditions, logic)}, {act.named(t.w, leaf)} is added",
            lambda: f"if {cond.subordinate(t.w, conditions, logic)}, add {act.named(t.w, leaf)}",
            lambda: f"{cond.group(t.w, conditions, logic)} also {act.receive(t.w, leaf)}",
        )
    )()
    return Told(Fork(conditions, leaf, NOTHING, logic), (everybody, extra), ("add_on",))


def either_way(t: Teller) -> Told:
    """If A, X; otherwise Y."""
    conditions, logic = t.conditions()
    yes, no = t.facts.leaf(), t.facts.leaf()
    alone = conditions[0] if len(conditions) == 1 else None
    both_named = all(act.can_name(leaf) and len(leaf.actions) == 1 for leaf in (yes, no))
    if both_named and t.w.chance(0.3):
        text = say.in_one(t.w, conditions, logic, yes, no)
        return Told(Fork(conditions, yes, no, logic), (text,), ("in_one",))
    first = say.case(t.w, conditions, logic, yes)
    second = say.otherwise(t.w, no, alone, after=first)
    tree = Fork(conditions, yes, no, logic)
    if not second.startswith(("otherwise", "if not", "if this")) and t.w.chance(0.3):
        return Told(tree, (f"{first}, {t.w.pick(('whereas', 'while', 'but'))} {second}",), ("otherwise",))
    return Told(tree, (first, second), ("otherwise",))


def both_sides(t: Teller) -> Told:
    """Below 10, X; 10 or higher, Y: the second side is the no-branch."""
    low, high = t.facts.sides()
    yes, no = t.facts.leaf(), t.facts.leaf()
    first, second = say.case(t.w, [low], "and", yes), say.case(t.w, [high], "and", no)
    if second.startswith(("those", *PEOPLE)) and t.w.chance(0.4):
        first, second = f"{first}, {t.w.pick(('whereas', 'while'))} {second}", ""
    return Told(Fork((low,), yes, no), tuple(filter(None, (first, second))), ("both_sides",))


def question(t: Teller) -> Told:
    """Is there A? If so, X; if not, Y."""
    condition, yes = t.facts.nominal(), t.facts.leaf()
    no = t.facts.leaf() if t.w.chance(0.6) else NOTHING
    return Told(Fork((condition,), yes, no), say.asked(t.w, condition, yes, no), ("question",), nested=True)


def labelled(t: Teller) -> Told:
    """ "A: X", on its own."""
    conditions, logic = t.conditions()
    leaf = t.facts.leaf()
    return Told(Fork(conditions, leaf, NOTHING, logic), (say.by_label(t.w, conditions, logic, leaf),), ("labelled",))


def dosed(t: Teller) -> Told:
    """One drug, the dose by a number: the drug stands in both branches, each with its own dose."""
    doses = t.facts.doses(2)
    if not doses:
        return both_sides(t)
    low, high = t.facts.sides()
    w = t.w
    name = act.shared_name(w, doses)
    amounts = [w.mark(action, action.dose, "dose 1") for action in doses]
    groups = [
        cond.group(w, [side], "and", noun) for side, noun in ((low, w.people()), (high, w.pick(("those", w.people()))))
    ]
    text = w.pick(
        (
            f"the dose of {name} is {amounts[0]} in {groups[0]} and {amounts[1]} in {groups[1]}",
            f"{name} is given at {amounts[0]} to {groups[0]} and at {amounts[1]} to {groups[1]}",
            f"{groups[0]} receive {name} {amounts[0]}, {groups[1]} {amounts[1]}",
            f"for {name}, the dose is {amounts[0]} in {groups[0]}; for {groups[1]} it is {amounts[1]}",
        )
    )
    return Told(Fork((low,), Leaf((doses[0],)), Leaf((doses[1],))), (text,), ("dosed",))


def unless(t: Teller) -> Told:
    """X, unless A."""
    condition, leaf = t.facts.condition(), t.facts.leaf()
    return Told(Fork((condition,), NOTHING, leaf), (say.unless(t.w, condition, leaf, NOTHING),), ("unless",))


def unless_then(t: Teller) -> Told:
    """X, unless A, in which case Y."""
    condition, leaf, under = t.facts.condition(), t.facts.leaf(), t.facts.leaf()
    return Told(Fork((condition,), under, leaf), (say.unless(t.w, condition, leaf, under),), ("unless_then",))


def provided(t: Teller) -> Told:
    """X, provided that A and B."""
    conditions: tuple[Condition, ...] = (t.facts.condition(),)
    if t.w.chance(0.35):
        conditions = (t.facts.nominal(), t.facts.nominal())
    elif t.w.chance(0.3):
        conditions = (t.facts.lacking(),)
    leaf = t.facts.leaf()
    return Told(Fork(conditions, leaf, NOTHING), (say.provided(t.w, conditions, leaf),), ("provided",))


def not_without(t: Teller) -> Told:
    """X in A; without A, X is to be avoided."""
    condition, drug = t.facts.feature(), replace(t.facts.drug(), dose="")
    yes = Leaf((drug,))
    no = Leaf((replace(drug, relation="contraindicated_drug"),))
    return Told(
        Fork((condition,), yes, no),
        (say.case(t.w, [condition], "and", yes), f"{cond.absence(t.w, condition)} {act.receive(t.w, no)}"),
        ("not_without",),
    )


def and_either(t: Teller) -> Told:
    """A and (B or C): X; where there is a decision for the others, it stands twice."""
    first, others = t.facts.nominal(), (t.facts.nominal(), t.facts.nominal())
    leaf = t.facts.leaf()
    rest = t.facts.leaf() if t.w.chance(0.4) else NOTHING
    w = t.w

    def pair() -> str:
        return cond.noun_list(w, others, "or").removeprefix("either ").replace(" and/or ", " or ")

    clause = w.pick(
        (
            lambda: f"if {cond.subordinate(w, [first], 'and')}, together with either {pair()}, {act.said(w, leaf)}",
            lambda: f"in {cond.group(w, [first], 'and', w.people())} who also have {pair()}, {act.said(w, leaf)}",
            lambda: (
                f"{w.people()} {act.receive(w, leaf)} if they have {first.article}{w.mark(first, first.noun)} and, in "
                f"addition, {pair()}"
                if act.can_receive(leaf)
                else f"{act.said(w, leaf)} if there is {first.article}{w.mark(first, first.noun)} and also {pair()}"
            ),
            lambda: f"where {first.article}{w.mark(first, first.noun)} coexists with {pair()}, {act.said(w, leaf)}",
        )
    )()
    clauses = [clause, say.otherwise(w, rest)] if rest.actions else [clause]
    tree = Fork((first,), Fork(others, leaf, rest, "or"), rest)
    return Told(tree, tuple(clauses), ("and_either",))


def both_or(t: Teller) -> Told:
    """(A and B) or C: X. C comes first in the tree."""
    pair, alone = (t.facts.nominal(), t.facts.nominal()), t.facts.nominal()
    leaf, w = t.facts.leaf(), t.w

    def both() -> str:
        first, second = (item.article + w.mark(item, item.noun) for item in pair)
        return w.pick(
            (f"both {first} and {second}", f"{first} combined with {second}", f"{first} together with {second}")
        )

    def one() -> str:
        return alone.article + w.mark(alone, alone.noun)

    people = w.people()
    clause = w.pick(
        (
            lambda: f"if {people} have {one()}, or have {both()}, {act.said(w, leaf)}",
            lambda: f"{act.said(w, leaf)} if {people} have {one()} alone or {both()}",
            lambda: (
                f"{people} who have either {both()}, or {one()}, {act.receive(w, leaf)}"
                if act.can_receive(leaf)
                else f"for {people} who have either {both()}, or {one()}, {act.said(w, leaf)}"
            ),
            lambda: f"when there is {one()} on its own, or {both()}, {act.said(w, leaf)}",
        )
    )()
    return Told(Fork((alone,), leaf, Fork(pair, leaf)), (clause,), ("both_or",))


def shared(t: Teller) -> Told:
    """Z in A and in B, with Y added in B: Z stands in both branches."""
    if not t.facts.can_group(2):
        return exceptions(t)
    first, second = t.facts.group(2)
    common, extra, w = t.facts.drug(), t.facts.treatment(), t.w
    again = second.article + second.noun
    both, plus = Leaf((common,)), Leaf((common, extra))
    names = [item.article + w.mark(item, item.noun) for item in (first, second)]
    opening = w.pick(
        (
            lambda: f"{act.passive(w, both)} both in {names[0]} and in {names[1]}",
            lambda: f"{names[0]} and {names[1]} are both treated with {act.noun(w, common)}",
            lambda: f"{act.noun(w, common)} is used for {w.people()} with {names[0]} and for those with {names[1]}",
        )
    )()
    extra_leaf = Leaf((extra,))
    addition = w.pick(
        (
            lambda: f"in {again}, add {act.noun(w, extra)}",
            lambda: f"{w.people()} with {again} also {act.receive(w, extra_leaf)}",
            lambda: f"in the latter, {act.noun(w, extra)} is added",
        )
    )()
    tree = Fork((first,), both, Fork((second,), plus))
    if t.w.chance(0.5):
        return Told(tree, (f"{opening}; {addition}",), ("shared",))
    return Told(tree, (opening, addition), ("shared",))


ONE: tuple[tuple[Construction, int], ...] = (
    (single, 24),
    (either_way, 18),
    (both_sides, 10),
    (unless, 13),
    (unless_then, 8),
    (provided, 7),
    (failure, 12),
    (one_exception, 5),
    (not_without, 2),
    (add_on, 4),
    (question, 5),
    (labelled, 4),
    (dosed, 5),
    (itemised_conditions, 7),
    (itemised_actions, 5),
)
"""The constructions of one condition, with their weights."""

_OUTSIDE = (add_on, question, labelled, itemised_conditions, itemised_actions)
INSIDE = tuple((construction, weight) for construction, weight in ONE if construction not in _OUTSIDE)
"""Those that can stand inside a case: what "all" receive there would depend on it, and a list would have no end."""

TWO: tuple[tuple[Construction, int], ...] = (
    (two_failures, 7),
    (exceptions, 5),
    (and_either, 5),
    (both_or, 4),
    (shared, 4),
)
"""Those of two conditions, beside chains and nesting."""


def drawn(t: Teller, constructions: tuple[tuple[Construction, int], ...]) -> Told:
    functions, weights = zip(*constructions, strict=True)
    return t.rng.choices(functions, weights)[0](t)
