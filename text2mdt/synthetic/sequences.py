"""Treatments in a row: what follows a failure, and what replaces the usual treatment."""

from __future__ import annotations

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import condition_phrases as cond
from text2mdt.synthetic import sentences as say
from text2mdt.synthetic.told import Teller, Told
from text2mdt.synthetic.tree import Condition, Fork, Leaf, Tree


def failure(t: Teller, steps: int = 1) -> Told:
    """X first; Y when it fails; Z when that fails: each failure above the treatment that failed."""
    treatments = [t.facts.treatment() for _ in range(steps)]
    last = Leaf((t.facts.treatment(),)) if t.w.chance(0.7) else t.facts.leaf()
    failures = [t.facts.failure(treatment, first=index == 0) for index, treatment in enumerate(treatments)]
    leaves = [*(Leaf((treatment,)) for treatment in treatments), last]
    tree: Tree = last
    for index in reversed(range(steps)):
        tree = Fork((failures[index],), tree, leaves[index])
    if t.w.chance(0.12):
        marks = t.w.pick((" → if ", "; if "))
        path = act.short(t.w, leaves[0])
        for item, leaf in zip(failures, leaves[1:], strict=True):
            path += f"{marks}{cond.subordinate(t.w, [item], 'and')}: {act.short(t.w, leaf)}"
        return Told(
            tree, (f"{t.w.pick(('step by step', 'sequence', 'order of treatment'))}: {path}",), ("failure",) * steps
        )
    if steps == 1 and not _by_pronoun(failures[0]) and t.w.chance(0.2):
        then = say.next_treatment(t.w, failures[0], last)
        return Told(tree, (then, say.first_treatment(t.w, treatments[0])), ("failure_first",))
    clauses = [say.first_treatment(t.w, treatments[0])]
    clauses += [say.next_treatment(t.w, item, leaf) for item, leaf in zip(failures, leaves[1:], strict=True)]
    return Told(tree, tuple(clauses), ("failure",) * steps)


def _by_pronoun(condition: Condition) -> bool:
    text = condition.clause or condition.noun or condition.does
    return text.startswith(("it ", "they ", "this ")) or " after starting" in text or "within" in text


def two_failures(t: Teller) -> Told:
    return failure(t, steps=2)


def exceptions(t: Teller, number: int = 2) -> Told:
    """X is usual; in A, Y instead; in B, Z instead."""
    usual = t.facts.drug()
    groups = [((t.facts.nominal(),), "and") if t.w.chance(0.75) else t.conditions() for _ in range(number)]
    others = [t.facts.drug() for _ in range(number)]
    tree: Tree = Leaf((usual,))
    for (conditions, logic), other in reversed(list(zip(groups, others, strict=True))):
        tree = Fork(conditions, Leaf((other,)), tree, logic)
    clauses = [say.usual_treatment(t.w, usual)]
    for (conditions, logic), other in zip(groups, others, strict=True):
        clauses.append(say.instead(t.w, conditions, logic, other))
    return Told(tree, tuple(clauses), ("exceptions",))


def one_exception(t: Teller) -> Told:
    return exceptions(t, number=1)
