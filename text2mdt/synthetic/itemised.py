"""Lists with a line before them, as a document's reader gives them: the items one after the other, without marks."""

from __future__ import annotations

from text2mdt.synthetic import action_phrases as act
from text2mdt.synthetic import condition_phrases as cond
from text2mdt.synthetic.layouts import cells
from text2mdt.synthetic.told import NOTHING, Teller, Told
from text2mdt.synthetic.tree import Action, Condition, Fork, Leaf, Tree
from text2mdt.synthetic.writer import Writer, capital

_ANY = (
    "if any of the following is present", "if there is any of", "if at least one of these is found", "where there is",
    "in the presence of one or more of the following", "if one of the following applies", "in case of",
)  # fmt: skip
_ALL = (
    "if all of the following are present", "only if all of these are present", "where each of the following is found",
    "if every one of these applies",
)  # fmt: skip


def itemised_conditions(t: Teller) -> Told:
    """X if any of: A; B; C."""
    conditions = tuple(t.facts.nominal() for _ in range(t.rng.choice((2, 3, 3, 4))))
    logic, leaf, w = t.w.pick(("or", "or", "and")), t.facts.leaf(), t.w
    while not act.one_verb(leaf):
        leaf = t.facts.leaf()
    items = w.pick(("; ", "; ", ", ")).join(w.mark(item, item.noun) for item in conditions)
    text = f"{act.said(w, leaf)} {w.pick(_ANY if logic == 'or' else _ALL)}: {items}"
    return Told(Fork(conditions, leaf, NOTHING, logic), (text,), ("itemised_conditions",), nested=True)


def itemised_actions(t: Teller) -> Told:
    """If A: X; Y; Z."""
    conditions: tuple[Condition, ...] = (t.facts.condition(),)
    logic = t.w.pick(("and", "or"))
    if t.w.chance(0.3):
        conditions = (t.facts.nominal(), t.facts.nominal())
    leaf, w = _several(t), t.w
    choice = leaf.logic == "or"
    if w.chance(0.5):
        case = f"if {cond.subordinate(w, conditions, logic)}"
        opening = f"{case}, {w.pick(('offer one of', 'choose one of', 'give either') if choice else _DO)}"
    else:
        people = cond.group(w, conditions, logic, w.people())
        opening = f"offer {people} one of the following" if choice else w.pick(("for {}", "in {}", "{}")).format(people)
    items = "; ".join(act.short(w, Leaf((action,))) for action in leaf.actions)
    return Told(Fork(conditions, leaf, NOTHING, logic), (f"{opening}: {items}",), ("itemised_actions",), nested=True)


_DO = ("do the following", "arrange", "the plan is", "offer all of")


def _several(t: Teller) -> Leaf:
    """Two to four actions that can stand as nouns: all of them, or a choice of drugs."""
    if t.w.chance(0.3):
        return Leaf(tuple(t.facts.drug() for _ in range(t.rng.choice((2, 3)))), "or")
    further = (t.facts.drug, t.facts.test, lambda: t.facts.plan(nouns_only=True), t.facts.referral)
    return Leaf((t.facts.drug(), *(t.w.pick(further)() for _ in range(t.rng.choice((1, 2, 2, 3))))))


def dose_table(t: Teller, number: int) -> Told | None:
    """Doses of one drug by the bands of a number, as a table or a list; None where no drug has a dose for it."""
    doses = t.facts.doses(number)
    if len(doses) < number:
        return None
    bands, w = t.facts.bands(number), t.w
    tree: Tree = Leaf((doses[-1],))
    for band, dose in reversed(list(zip(bands[:-1], doses[:-1], strict=True))):
        tree = Fork((band,), Leaf((dose,)), tree)
    return Told(tree, (_dose_text(w, bands, doses),), ("bands", "dose_table", "layout"), nested=True)


def _dose_text(w: Writer, bands: list[Condition], doses: list[Action]) -> str:
    by = bands[0].heading or "age"
    name = act.shared_name(w, doses, bare=True)
    labels = [cond.label(w, [band], "and", short=True) for band in bands]
    amounts = [w.mark(dose, dose.dose, "dose 1") for dose in doses]
    table = list(zip(labels, amounts, strict=True))
    if w.chance(0.5):
        first = cells((capital(by), f"{capital(name)} dose"), table[:1])
        return f"{first} {cells((capital(by), f'{capital(doses[0].name)} dose'), table[1:])}"
    opening = capital(w.pick((f"{name}, dose by {by}:", f"dose of {name} by {by}:", f"{name}:")))
    if w.chance(0.5) or by not in opening:
        return f"{opening} {cells((capital(by), w.pick(('Dose', 'Daily dose', 'Amount'))), table)}"
    return f"{opening} " + w.pick(("; ", ". ")).join(f"{label}: {amount}" for label, amount in table) + "."
