"""Mistakes to plant in gold trees, of the kinds that models make, for `safety_checks.py`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from text2mdt.relations import ENGLISH
from text2mdt.safety.table_rows import table_rows
from text2mdt.safety.text_pieces import sentences
from text2mdt.schema import Logic, Node, Record, Role, Triple

Nodes = list[Node]
Spoilt = tuple[str, Nodes] | None
"""The text and the nodes with the mistake, None where the record has no place for it."""
Place = tuple[int, int]
"""A node and a triple of it."""

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?![\w]*[.,]\d)")
_UNITS = {
    "mg": "g", "g": "mg", "micrograms": "mg", "years": "months", "months": "weeks", "days": "weeks", "weeks": "days",
    "hours": "days", "mL": "L", "minutes": "hours", "mmol/L": "mg/dL", "kg": "g",
}  # fmt: skip
_TURNED = {
    "below": "above", "above": "below", "under": "over", "over": "under", "less": "more", "more": "less",
    "younger": "older", "older": "younger", "lower": "higher", "higher": "lower", "exceeds": "is below",
}  # fmt: skip
_COMPARED = re.compile(r"\b(?:below|above|under|over|(?:less|more|younger|older|lower|higher) than|exceeds) (\d.*)")
_LIMIT = re.compile(r"\b(below|under|above|over|less than|more than|younger than|older than) (\d+)(?![.\d])")


class Mistake(NamedTuple):
    """A way to spoil a record: its name, the kinds of warning meant for it, and how it is done."""

    name: str
    kinds: tuple[str, ...]
    plant: Callable[[Record, random.Random], Spoilt]


def _places(record: Record, chosen: Callable[[Triple], bool]) -> list[tuple[Place, Triple]]:
    return [
        ((number, index), triple)
        for number, node in enumerate(record.tree)
        for index, triple in enumerate(node.triples)
        if chosen(triple)
    ]


def _with_object(nodes: Sequence[Node], place: Place, words: str) -> Nodes:
    """The nodes with another object in one triple; the doses of a drug follow its name."""
    number, index = place
    old = nodes[number].triples[index]
    triples = [
        triple._replace(subject=words)
        if triple.relation == ENGLISH.dosage and triple.subject == old.object and old.relation in ENGLISH.drugs
        else triple
        for triple in nodes[number].triples
    ]
    triples[index] = old._replace(object=words)
    return [*nodes[:number], nodes[number].model_copy(update={"triples": tuple(triples)}), *nodes[number + 1 :]]


def _with_triples(nodes: Sequence[Node], number: int, triples: tuple[Triple, ...]) -> Nodes:
    """The nodes with some of the triples of one of them."""
    logic = nodes[number].logical_rel if len(triples) > 1 else Logic.NULL
    changed = Node(role=nodes[number].role, triples=triples, logical_rel=logic)
    return [*nodes[:number], changed, *nodes[number + 1 :]]


def _edit(
    chosen: Callable[[Triple], bool], edit: Callable[[str, str], str]
) -> Callable[[Record, random.Random], Spoilt]:
    """Edits one object, drawn from those that the edit (of the object and the text) changes."""

    def plant(record: Record, rng: random.Random) -> Spoilt:
        edited = [(place, edit(triple.object, record.text)) for place, triple in _places(record, chosen)]
        changed = [(place, words) for place, words in edited if words != record.tree[place[0]].triples[place[1]].object]
        if not changed:
            return None
        return record.text, _with_object(record.tree, *rng.choice(changed))

    return plant


def _is_condition(triple: Triple) -> bool:
    return ENGLISH.by_name[triple.relation].role == "C"


def _is_dose(triple: Triple) -> bool:
    return triple.relation == ENGLISH.dosage


def _number(change: Callable[[float], float]) -> Callable[[str, str], str]:
    def edit(words: str, text: str) -> str:
        return _NUMBER.sub(lambda found: f"{change(float(found[0].replace(',', '.'))):g}", words, count=1)

    return edit


def _other_unit(words: str, text: str) -> str:
    units = "|".join(map(re.escape, _UNITS))
    return re.sub(rf"(?<=\d )({units})(?![\w/])", lambda found: _UNITS[found[1]], words, count=1)


def _turned(words: str, text: str) -> str:
    if not _NUMBER.search(words):
        return words
    return re.sub(rf"\b({'|'.join(_TURNED)})\b", lambda found: _TURNED[found[1]], words, count=1)


def _no_comparator(words: str, text: str) -> str:
    match = _COMPARED.search(words)
    return match[1] if match else words


def _no_unit_rest(words: str, text: str) -> str:
    """ "5 mg" of "5 mg/kg"."""
    return re.sub(r"(?<=g)/(?:kg|day|hour|min)\b.*", "", words)


def _no_negation(words: str, text: str) -> str:
    """ "improvement" of "no improvement", where it stands so in the text."""
    left = re.sub(r"^(?:no|not|without|never) ", "", words, flags=re.IGNORECASE)
    return left if left in text else words


def _invented(words: str, text: str) -> str:
    return "ciprofloxacin" if "ciprofloxacin" not in text.lower() else "teriparatide"


def page_as_threshold(record: Record, rng: random.Random) -> Spoilt:
    """A page reference is put behind a condition in the text, and read as its threshold."""
    places = _places(record, lambda triple: _is_condition(triple) and not re.search(r"\d", triple.object))
    if not places:
        return None
    place, triple = rng.choice(places)
    page = rng.choice([page for page in range(12, 99) if not re.search(rf"\b{page}\b", record.text)])
    text = record.text.replace(triple.object, f"{triple.object} (see page > {page})", 1)
    return text, _with_object(record.tree, place, f"{triple.object} > {page}")


def _ends(nodes: Sequence[Node], condition: int) -> tuple[int, int]:
    """Where the yes-subtree and the no-subtree of a condition end."""
    ends, position = [], condition + 1
    for _ in range(2):
        missing = 1
        while missing:
            missing += 1 if nodes[position].role is Role.CONDITION else -1
            position += 1
        ends.append(position)
    return ends[0], ends[1]


def _conditions(record: Record) -> list[int]:
    return [number for number, node in enumerate(record.tree) if node.role is Role.CONDITION]


def _roots(record: Record) -> list[int]:
    starts = [0]
    for tree in record.trees[:-1]:
        starts.append(starts[-1] + len(tree))
    return starts


def _gate_dropped(chosen: Callable[[Record], list[int]]) -> Callable[[Record, random.Random], Spoilt]:
    """A condition goes with its no-branch; what it made conditional takes its place."""

    def plant(record: Record, rng: random.Random) -> Spoilt:
        nodes = record.tree
        gates = [
            gate for gate in chosen(record) if any(node.triples for node in nodes[gate + 1 : _ends(nodes, gate)[0]])
        ]
        if not gates:
            return None
        gate = rng.choice(gates)
        middle, end = _ends(nodes, gate)
        return record.text, [*nodes[:gate], *nodes[gate + 1 : middle], *nodes[end:]]

    return plant


def _with_branches(
    change: Callable[[Sequence[Node], int, int, int], Nodes | None],
) -> Callable[[Record, random.Random], Spoilt]:
    """Changes what stands below one condition."""

    def plant(record: Record, rng: random.Random) -> Spoilt:
        nodes = record.tree
        changed = [change(nodes, number, *_ends(nodes, number)) for number in _conditions(record)]
        possible = [found for found in changed if found is not None]
        return (record.text, rng.choice(possible)) if possible else None

    return plant


def _swapped(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes:
    return [*nodes[: number + 1], *nodes[middle:end], *nodes[number + 1 : middle], *nodes[end:]]


def _asked_again(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes:
    """The condition once more, on its own no-branch."""
    return [*nodes[:middle], nodes[number], Node(role=Role.DECISION), *nodes[middle:]]


def _narrower(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes | None:
    """Behind "above 5", on its no-branch, "above 6" with the same decision."""
    words = nodes[number].triples[0].object
    match = _LIMIT.search(words)
    if len(nodes[number].triples) != 1 or not match or middle != number + 2:
        return None
    amount = int(match[2]) + (-1 if match[1] in ("below", "under", "less than", "younger than") else 1)
    again = _with_object([nodes[number]], (0, 0), words[: match.start(2)] + str(amount) + words[match.end(2) :])
    return [*nodes[:middle], *again, nodes[number + 1], *nodes[middle:]] if amount > 0 else None


def _emptied(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes | None:
    if middle != number + 2 or not nodes[number + 1].triples:
        return None
    return [*nodes[: number + 1], Node(role=Role.DECISION), *nodes[middle:]]


def _no_branch_emptied(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes | None:
    if end != middle + 1 or not nodes[middle].triples:
        return None
    return [*nodes[:middle], Node(role=Role.DECISION), *nodes[end:]]


def _made_equal(nodes: Sequence[Node], number: int, middle: int, end: int) -> Nodes | None:
    if (middle, end) != (number + 2, number + 3) or not nodes[number + 1].triples:
        return None
    return [*nodes[:middle], nodes[number + 1], *nodes[end:]]


def or_as_and(record: Record, rng: random.Random) -> Spoilt:
    """What a node joins by "or" is joined by "and"."""
    numbers = [number for number, node in enumerate(record.tree) if node.logical_rel is Logic.OR]
    if not numbers:
        return None
    nodes, number = list(record.tree), rng.choice(numbers)
    nodes[number] = nodes[number].model_copy(update={"logical_rel": Logic.AND})
    return record.text, nodes


def list_split(record: Record, rng: random.Random) -> Spoilt:
    """The first of several conditions joined by "or" is asked alone, and the others only where it holds."""
    long = [number for number, node in enumerate(record.tree) if node.is_condition and node.logical_rel is Logic.OR]
    if not long:
        return None
    nodes, number = list(record.tree), rng.choice(long)
    first, *rest = nodes[number].triples
    above = Node(role=Role.CONDITION, triples=(first,))
    logic = Logic.OR if len(rest) > 1 else Logic.NULL
    below = Node(role=Role.CONDITION, triples=tuple(rest), logical_rel=logic)
    middle, end = _ends(nodes, number)
    return record.text, [*nodes[:number], above, below, *nodes[number + 1 : end], *nodes[middle:end], *nodes[end:]]


def doses_swapped(record: Record, rng: random.Random) -> Spoilt:
    """Two drugs of a record exchange their doses."""
    doses = _places(record, _is_dose)
    pairs = [
        (one, other)
        for position, (one, dose) in enumerate(doses)
        for other, second in doses[position + 1 :]
        if dose.subject.lower() != second.subject.lower() and dose.object != second.object
    ]
    if not pairs:
        return None
    one, other = rng.choice(pairs)
    words = [record.tree[number].triples[index].object for number, index in (other, one)]
    return record.text, _with_object(_with_object(record.tree, one, words[0]), other, words[1])


def _relation(old: str, new: str, added: bool) -> Callable[[Record, random.Random], Spoilt]:
    """A drug gets another relation, or (added) a second triple of it."""

    def plant(record: Record, rng: random.Random) -> Spoilt:
        places = _places(record, lambda triple: triple.relation == old)
        if not places:
            return None
        (number, index), triple = rng.choice(places)
        node = record.tree[number]
        kept = node.triples if added else (*node.triples[:index], *node.triples[index + 1 :])
        triples = (*kept, triple._replace(relation=new))
        logic = Logic.AND if added else node.logical_rel
        changed = Node(role=Role.DECISION, triples=triples, logical_rel=logic)
        return record.text, [*record.tree[:number], changed, *record.tree[number + 1 :]]

    return plant


def dose_dropped(record: Record, rng: random.Random) -> Spoilt:
    """A drug loses its doses."""
    places = _places(record, _is_dose)
    if not places:
        return None
    (number, _), dose = rng.choice(places)
    node = record.tree[number]
    kept = tuple(triple for triple in node.triples if not (_is_dose(triple) and triple.subject == dose.subject))
    return record.text, _with_triples(record.tree, number, kept)


def item_dropped(record: Record, rng: random.Random) -> Spoilt:
    """A node loses an item of a list (behind a colon, with semicolons) whose items it alone holds; not of a table."""
    if table_rows(record.text, sentences(record.text)):
        return None
    held = [
        (min(owners), item)
        for words in re.findall(r":([^:.]*;[^:.]*)", record.text)
        if len(owners := _holders(record, words)) == 1
        for item in words.split(";")
        if _holders(record, item)
    ]
    if not held:
        return None
    number, item = rng.choice(held)
    node = record.tree[number]
    kept = tuple(triple for triple in node.triples if triple.object not in item and triple.subject not in item)
    if not kept:
        return None
    return record.text, _with_triples(record.tree, number, kept)


def condition_given(record: Record, rng: random.Random) -> Spoilt:
    """A decision has the words of a condition in place of its own; a drug with a dose stays as it is."""
    asked = [triple.object for _, triple in _places(record, _is_condition)]
    kept = {ENGLISH.dosage, _FORBIDDEN}
    dosed = _subjects(record)
    places = _places(
        record,
        lambda triple: not _is_condition(triple) and triple.relation not in kept and triple.object not in dosed,
    )
    if not places or not asked:
        return None
    return record.text, _with_object(record.tree, rng.choice(places)[0], rng.choice(asked))


def dose_in_name(record: Record, rng: random.Random) -> Spoilt:
    """The dose right behind a drug is taken for a part of its name."""
    named = [
        ((number, index), f"{dose.subject} {dose.object}")
        for (number, _), dose in _places(record, _is_dose)
        for index, triple in enumerate(record.tree[number].triples)
        if triple.object == dose.subject and triple.relation == _THERAPEUTIC
        if f"{dose.subject} {dose.object}" in record.text
    ]
    if not named:
        return None
    (number, index), words = rng.choice(named)
    drug = record.tree[number].triples[index]
    kept = [
        triple for triple in record.tree[number].triples if not (_is_dose(triple) and triple.subject == drug.object)
    ]
    renamed = tuple(triple._replace(object=words) if triple == drug else triple for triple in kept)
    return record.text, _with_triples(record.tree, number, renamed)


def neighbour_taken(record: Record, rng: random.Random) -> Spoilt:
    """An object runs on over the next one ("A and B" for A, and B stands in its own triple)."""
    dosed = _subjects(record)
    places = _places(record, lambda triple: not _is_dose(triple) and triple.object not in dosed)
    wider = [
        (place, found[0])
        for place, triple in places
        for _, other in places
        if (found := re.search(rf"{re.escape(triple.object)},? (?:and|or) {re.escape(other.object)}", record.text))
    ]
    return (record.text, _with_object(record.tree, *rng.choice(wider))) if wider else None


def _subjects(record: Record) -> set[str]:
    """The drugs with a dose."""
    return {triple.subject for _, triple in _places(record, _is_dose)}


def _holders(record: Record, words: str) -> set[int]:
    """The nodes with an object in some words of the text."""
    return {number for (number, _), _ in _places(record, lambda triple: triple.object in words)}


def _small_roots(record: Record) -> list[int]:
    return [root for root in _roots(record) if record.tree[root + 1].role is Role.DECISION]


def _large_roots(record: Record) -> list[int]:
    return [root for root in _roots(record) if record.tree[root + 1].role is Role.CONDITION]


def _inner(record: Record) -> list[int]:
    return [number for number in _conditions(record) if number not in _roots(record)]


_THERAPEUTIC, _FORBIDDEN = "therapeutic_drug", "contraindicated_drug"
MISTAKES = (
    Mistake("threshold one higher", ("quantity_differs",), _edit(_is_condition, _number(lambda value: value + 1))),
    Mistake("dose tenfold", ("quantity_differs",), _edit(_is_dose, _number(lambda value: value * 10))),
    Mistake("another unit", ("quantity_differs",), _edit(lambda triple: True, _other_unit)),
    Mistake("'/kg' cut from a dose", ("quantity_differs",), _edit(_is_dose, _no_unit_rest)),
    Mistake("'below' for 'above'", ("quantity_differs",), _edit(_is_condition, _turned)),
    Mistake("'below' cut from a threshold", ("quantity_differs",), _edit(_is_condition, _no_comparator)),
    Mistake("page number as threshold", ("number_out_of_context",), page_as_threshold),
    Mistake("decision without its condition", ("lost_gate",), _gate_dropped(_small_roots)),
    Mistake("root of a larger tree dropped", ("lost_gate", "missing_case"), _gate_dropped(_large_roots)),
    Mistake("inner condition dropped", ("lost_gate", "missing_case"), _gate_dropped(_inner)),
    Mistake("'no' cut from a condition", ("lost_negation",), _edit(_is_condition, _no_negation)),
    Mistake("forbidden drug given", ("lost_negation",), _relation(_FORBIDDEN, _THERAPEUTIC, added=False)),
    Mistake("given drug to avoid", ("invented_contraindication",), _relation(_THERAPEUTIC, _FORBIDDEN, added=False)),
    Mistake("given drug forbidden as well", ("contradiction",), _relation(_THERAPEUTIC, _FORBIDDEN, added=True)),
    Mistake("'or' read as 'and'", ("wrong_logic",), or_as_and),
    Mistake("first of a list asked alone", ("wrong_logic",), list_split),
    Mistake("branches swapped", ("swapped_branch", "lost_negation", "empty_branch"), _with_branches(_swapped)),
    Mistake("yes-branch emptied", ("empty_branch", "missing_case", "missing_dose"), _with_branches(_emptied)),
    Mistake("no-branch emptied", ("empty_branch", "missing_case", "missing_dose"), _with_branches(_no_branch_emptied)),
    Mistake("no-branch as the yes-branch", ("same_decision",), _with_branches(_made_equal)),
    Mistake("condition asked again", ("contradiction",), _with_branches(_asked_again)),
    Mistake("range inside an earlier one", ("not_exclusive",), _with_branches(_narrower)),
    Mistake("doses of two drugs swapped", ("wrong_drug_dose",), doses_swapped),
    Mistake("condition given as a decision", ("asked_and_given",), condition_given),
    Mistake("dose in the drug's name", ("drug_with_dose",), dose_in_name),
    Mistake("object over its neighbour", ("words_twice",), neighbour_taken),
    Mistake("dose dropped", ("missing_dose",), dose_dropped),
    Mistake("item of a list dropped", ("missing_item",), item_dropped),
    Mistake("invented drug", ("ungrounded",), _edit(lambda triple: triple.relation == _THERAPEUTIC, _invented)),
)
