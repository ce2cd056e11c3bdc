"""Trees of several conditions: chains of cases down the no-branch, and cases inside cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import condition_phrases as cond
from text2mdt.synthetic import sentences as say
from text2mdt.synthetic.constructions import INSIDE, ONE, TWO, drawn
from text2mdt.synthetic.itemised import dose_table
from text2mdt.synthetic.layouts import rows
from text2mdt.synthetic.told import NOTHING, Teller, Told
from text2mdt.synthetic.tree import Condition, Fork, Leaf, Tree
from text2mdt.synthetic.writer import Writer, listed

_SCOPE = ("in", "for", "among", "in")


@dataclass(frozen=True)
class Slot:
    """What follows in one case of a chain: a decision, or a tree that is told inside the case."""

    leaf: Leaf = NOTHING
    told: Told | None = None

    @property
    def tree(self) -> Tree:
        return self.told.tree if self.told else self.leaf


def grown(t: Teller, size: int, inner: bool = False) -> Told:
    """A tree of `size` conditions; inside another one (`inner`) without lists and with no more than two."""
    if size == 1:
        return drawn(t, INSIDE if inner else ONE)
    if size == 2 and t.w.chance(0.32):
        return drawn(t, TWO)
    if size == 2 and inner:
        return _within(t, size) if t.w.chance(0.3) else chain(t, (0, 0), inner=True)
    if t.w.chance({2: 0.36, 3: 0.22, 4: 0.1}.get(size, 0)):
        return _within(t, size)
    return chain(t, _cases(t, size))


def _cases(t: Teller, size: int) -> tuple[int, ...]:
    """How many conditions stand inside each case of a chain; together with the cases they are `size`."""
    longest = min(size, 4)
    cases = t.rng.choices(range(2, longest + 1), [1.0 + (number == longest) for number in range(2, longest + 1)])[0]
    inside = [0] * cases
    for _ in range(size - cases):
        inside[t.w.pick([index for index, count in enumerate(inside) if count < 2])] += 1
    return tuple(inside)


def _within(t: Teller, size: int) -> Told:
    """One case with a tree inside it; with three conditions or more perhaps another tree for all others."""
    below = size - 1
    other = t.rng.choice((0, 1)) if below == 2 else min(2, below - 2) if below > 2 else 0
    if other and below == 2 and t.w.chance(0.4):
        return _two_by_two(t)
    conditions, logic = t.conditions()
    slot = Slot(told=grown(t, below - other, inner=True))
    clauses = [scoped(t.w, conditions, logic, slot)]
    rest = Slot(told=grown(t, other, inner=True)) if other else Slot(t.facts.leaf() if t.w.chance(0.5) else NOTHING)
    clauses += _others(t.w, rest, conditions[0] if len(conditions) == 1 else None)
    kinds = ("within", *_kinds(slot), *_kinds(rest))
    return Told(Fork(conditions, slot.tree, rest.tree, logic), tuple(clauses), kinds, nested=True)


def _two_by_two(t: Teller) -> Told:
    """Two sides of a number, each with a tree of its own."""
    sides = t.facts.sides()
    slots = [Slot(told=grown(t, 1, inner=True)) for _ in sides]
    clauses = [scoped(t.w, [side], "and", slot) for side, slot in zip(sides, slots, strict=True)]
    kinds = ("both_sides", "within", *_kinds(slots[0]), *_kinds(slots[1]))
    return Told(Fork((sides[0],), slots[0].tree, slots[1].tree), tuple(clauses), kinds, nested=True)


def _kinds(slot: Slot) -> tuple[str, ...]:
    return slot.told.kinds if slot.told else ()


def chain(t: Teller, inside: Sequence[int], inner: bool = False) -> Told:
    """Cases that exclude one another; `inside` has the number of conditions within each of them."""
    number, facts = len(inside), t.facts
    ways: list[str] = []
    if facts.can_band(number + 1):
        ways += ["bands"] * 4
        if not inner and not any(inside):
            ways += ["doses"] * 3
    if facts.can_group(number):
        ways += ["group"] * 4 + ["group and rest"] * 2
    if number <= 3 and not inner:
        ways += ["one or another"] * 2
    if not ways:
        ways = ["one or another"]
    way = t.w.pick(ways)
    if way == "bands":
        members = facts.bands(number + 1)
        cases, last = [((item,), "and") for item in members[:-1]], members[-1]
    elif way == "one or another":
        return _one_or_another(t, inside)
    elif way == "doses":
        return dose_table(t, number + 1) or chain(t, inside, inner)
    else:
        cases, last = [((item,), "and") for item in facts.group(number)], None
    gapped = not any(inside) and t.w.chance(0.15) and all(item[0][0].noun for item in cases)

    def leaf() -> Leaf:
        return Leaf((facts.drug(),)) if gapped else _leaf(t, inner)

    slots = [Slot(told=grown(t, count, inner=True)) if count else Slot(leaf()) for count in inside]
    rest = Slot(leaf()) if way != "group" else Slot()
    return _told_chain(t, cases, slots, rest, last, inner, gapped)


def _leaf(t: Teller, inner: bool) -> Leaf:
    return t.facts.simple_leaf() if inner and t.w.chance(0.5) else t.facts.leaf()


def _told_chain(
    t: Teller,
    cases: Sequence[tuple[tuple[Condition, ...], str]],
    slots: Sequence[Slot],
    rest: Slot,
    last: Condition | None,
    inner: bool,
    gapped: bool,
) -> Told:
    """The chain in words: `last` is the band that the numbers leave for the rest, None where the rest is unnamed."""
    tree = rest.tree
    for (conditions, logic), slot in reversed(list(zip(cases, slots, strict=True))):
        tree = Fork(conditions, slot.tree, tree, logic)
    kinds = ["bands" if last else "chain_and_rest" if rest.leaf.actions else "chain"]
    kinds += [kind for slot in slots for kind in _kinds(slot)]
    named = [*cases, ((last,), "and")] if last else list(cases)
    named_slots = [*slots, rest] if last else list(slots)
    flat = all(slot.told is None for slot in named_slots)
    if (gapped or (flat and t.w.chance(0.2))) and (text := _gapped(t.w, named, named_slots)):
        clauses = [text]
        kinds.append("gapped")
    elif not inner and t.w.chance(0.5):
        text = _listed(t.w, named, named_slots, rest if not last else Slot())
        return Told(tree, (text,), (*kinds, "layout"), nested=True)
    else:
        clauses = [scoped(t.w, *case, slot) for case, slot in zip(named, named_slots, strict=True)]
    if rest.leaf.actions and not last:
        clauses.append(say.otherwise(t.w, rest.leaf) if flat else _none_of_these(t.w, rest.leaf))
    return Told(tree, tuple(clauses), tuple(kinds), nested=not flat)


def _gapped(w: Writer, cases: Sequence[tuple[tuple[Condition, ...], str]], slots: Sequence[Slot]) -> str:
    """ "treat A with X, B with Y and C with Z"; empty where the facts do not allow it."""
    leaves = [slot.leaf for slot in slots]
    drugs = all(action.relation == "therapeutic_drug" for leaf in leaves for action in leaf.actions)
    if not drugs or any(len(leaf.actions) != 1 for leaf in leaves):
        return ""
    items = [conditions[0] for conditions, _ in cases]
    if not all(item.noun for item in items):
        return ""
    if all(item.short for item in items) and w.chance(0.5):
        return _by_value(w, items, leaves)
    form = w.pick(("treat", "treated", "for", "respectively"))
    if form == "respectively":
        whom = listed([_noun(w, item) for item in items], "and")
        what = listed([act.named(w, leaf) for leaf in leaves], "and")
        return f"the treatments for {whom} are {what}, respectively"
    if form == "for":
        parts = [
            f"{act.named(w, leaf)} {'is used for' if index == 0 else 'for'} {_noun(w, item)}"
            for index, (item, leaf) in enumerate(zip(items, leaves, strict=True))
        ]
        return listed(parts, "and")
    verb = " is treated" if form == "treated" else ""
    parts = [
        f"{_noun(w, item)}{verb if index == 0 else ''} with {act.named(w, leaf)}"
        for index, (item, leaf) in enumerate(zip(items, leaves, strict=True))
    ]
    return f"treat {listed(parts, 'and')}" if form == "treat" else listed(parts, "and")


def _by_value(w: Writer, items: Sequence[Condition], leaves: Sequence[Leaf]) -> str:
    """ "the choice depends on the eGFR: X if it is below 30, Y if it is 30 to 50"."""
    opening = f"the {w.pick(('choice', 'treatment'))} depends on the {items[0].heading}:"
    values = [w.mark(item, item.short) for item in items]
    names = [act.named(w, leaf) for leaf in leaves]
    pairs = list(zip(names, values, strict=True))
    if w.chance(0.5):
        return f"{opening} {'; '.join(f'{value}, {name}' for name, value in pairs)}"
    when = w.pick(("if it is", "when it is", "where it is"))
    return f"{opening} {listed([f'{name} {when} {value}' for name, value in pairs], 'and')}"


def _noun(w: Writer, item: Condition) -> str:
    return item.article + w.mark(item, item.noun)


def _listed(w: Writer, cases: Sequence[tuple[tuple[Condition, ...], str]], slots: Sequence[Slot], rest: Slot) -> str:
    """The chain as a list or table."""
    heading = cases[0][0][0].heading
    bare = bool(heading) and w.chance(0.7)
    items = []
    for (conditions, logic), slot in zip(cases, slots, strict=True):
        label = cond.label(w, conditions, logic, short=bare)
        items.append((label, "; ".join(slot.told.clauses) if slot.told else act.short(w, slot.leaf)))
    if rest.leaf.actions:
        name = w.pick(("All others", "Otherwise", "Remaining " + w.noun, "Other " + w.noun, "Any other finding"))
        items.append((name, act.short(w, rest.leaf)))
    return rows(w, items, heading if bare else "")


def _one_or_another(t: Teller, inside: Sequence[int]) -> Told:
    """Findings that could coexist, put so that the first one named decides: "if not A but B"."""
    w = t.w
    items = [t.facts.nominal() for _ in inside]
    slots = [Slot(told=grown(t, count, inner=True)) if count else Slot(t.facts.leaf()) for count in inside]
    rest = Slot(t.facts.leaf()) if w.chance(0.7) else Slot()
    tree = rest.tree
    for item, slot in reversed(list(zip(items, slots, strict=True))):
        tree = Fork((item,), slot.tree, tree)
    clauses = [scoped(w, [items[0]], "and", slots[0])]
    for index, (item, slot) in enumerate(zip(items[1:], slots[1:], strict=True), 1):
        before = items[index - 1]
        name = item.article + w.mark(item, item.noun)
        openings = [
            f"in those without {before.article}{before.noun} who have {name}"
            if index == 1
            else f"in those with {'neither' if index == 2 else 'none of these'} who have {name}",
            f"if this is not the case but there is {name}",
            f"failing that, in the presence of {name}",
            f"in any other {w.one} with {name}",
        ]
        inner = "; ".join(slot.told.clauses) if slot.told else act.said(w, slot.leaf)
        if slot.told and inner.startswith(_SUBORDINATE):
            inner = f"{w.pick(_DEPENDS)}: {inner}"
        clauses.append(f"{w.pick(openings)}, {inner}")
    if rest.leaf.actions:
        flat = all(slot.told is None for slot in slots)
        clauses.append(say.otherwise(w, rest.leaf) if flat else _none_of_these(w, rest.leaf))
    kinds = ("one_or_another", *(kind for slot in slots for kind in _kinds(slot)))
    return Told(tree, tuple(clauses), kinds, nested=any(slot.told for slot in slots))


def _none_of_these(w: Writer, leaf: Leaf) -> str:
    """What holds outside every case of a chain, where "otherwise" could be read as part of the last case."""
    rest = w.pick(
        (
            f"{w.people()} in none of these {w.pick(('groups', 'categories', 'situations'))}",
            f"{w.people()} to whom none of the above applies",
            f"all {w.noun} outside these groups",
        )
    )
    if act.can_receive(leaf) and w.chance(0.6):
        return f"{rest} {act.receive(w, leaf)}"
    return f"{w.pick(('for', 'in'))} {rest}, {act.said(w, leaf)}"


_SUBORDINATE = (
    "if ",
    "when ",
    "where ",
    "whenever ",
    "once ",
    "unless ",
    "in ",
    "for ",
    "except ",
    "with ",
    "should ",
    "among ",
)
_DEPENDS = (
    "a further question decides", "the next step depends on a second finding", "proceed as follows",
    "a closer look is needed", "the decision goes on", "management is as follows",
)  # fmt: skip


def scoped(w: Writer, conditions: Sequence[Condition], logic: str, slot: Slot) -> str:
    """A case with its decision, or with a tree inside it that the case is the scope of."""
    if slot.told is None:
        return say.case(w, conditions, logic, slot.leaf)
    scope = w.pick(
        (
            lambda: f"{w.pick(_SCOPE)} {cond.group(w, conditions, logic, w.people())}",
            lambda: f"{w.pick(_SCOPE)} {cond.group(w, conditions, logic, w.people())}",
            lambda: f"{w.pick(('if', 'when', 'where'))} {cond.subordinate(w, conditions, logic)}",
        )
    )()
    return f"{scope}, {_inner(w, slot.told)}"


def _inner(w: Writer, told: Told) -> str:
    inner = "; ".join(told.clauses)
    return f"{w.pick(_DEPENDS)}: {inner}" if inner.startswith(_SUBORDINATE) or len(told.clauses) > 2 else inner


def _others(w: Writer, rest: Slot, condition: Condition | None) -> list[str]:
    """The no-branch of the outermost condition in words."""
    if rest.told is None and not rest.leaf.actions:
        return []
    people = w.pick((f"{w.noun} to whom this does not apply", f"{w.noun} outside this group"))
    if condition and (named := cond.opposite(w, condition)):
        people = f"{w.noun} {named}"
    if rest.told is not None:
        return [f"{w.pick(('in', 'for'))} {people}, {_inner(w, rest.told)}"]
    if act.can_receive(rest.leaf) and w.chance(0.6):
        return [f"{people} {act.receive(w, rest.leaf)}"]
    return [f"{w.pick(('for', 'in'))} {people}, {act.said(w, rest.leaf)}"]
