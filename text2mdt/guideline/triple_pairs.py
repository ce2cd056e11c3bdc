"""The triples of two nodes, paired: what stayed, what changed, what was added or removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from text2mdt.guideline.normal_triples import TripleKey, triple_key
from text2mdt.relations import ENGLISH
from text2mdt.schema import Triple
from text2mdt.token_overlap import token_f1

Pair = tuple[int | None, int | None]
"""Index of the old triple and of the new one; None where there is none."""
_MOST_COMPARED = 2500
"""Where more pairs of triples are left, they are not compared one by one."""


def triple_pairs(old: Sequence[Triple], new: Sequence[Triple]) -> list[Pair]:
    """The pairs in the order of the new triples, then the removed ones.

    Equal triples first, then doses of one drug, one object under two relations, and the closest of one relation.
    """
    left, right = [triple_key(triple) for triple in old], [triple_key(triple) for triple in new]
    partner: dict[int, int] = {}
    free = dict.fromkeys(range(len(old)))
    for rule in (_equal, _same_drug, _same_dose, _same_object):
        for j, key in enumerate(right):
            found = None if j in partner else next((i for i in free if rule(left[i], key)), None)
            if found is not None:
                partner[j] = found
                del free[found]
    waiting = [j for j in range(len(new)) if j not in partner]
    if len(free) * len(waiting) <= _MOST_COMPARED:
        same_relation = [(i, j) for j in waiting for i in free if left[i].relation == right[j].relation]
        for _, j, i in sorted((-token_f1(old[i].object, new[j].object), j, i) for i, j in same_relation):
            if j not in partner and i in free:
                partner[j] = i
                del free[i]
    pairs: list[Pair] = [(partner.get(j), j) for j in range(len(new))]
    return pairs + [(i, None) for i in free]


def _equal(old: TripleKey, new: TripleKey) -> bool:
    return old == new


def _same_drug(old: TripleKey, new: TripleKey) -> bool:
    return bool(new.drug) and old.drug == new.drug


def _same_dose(old: TripleKey, new: TripleKey) -> bool:
    return old.relation == new.relation == ENGLISH.dosage and old.object == new.object


def _same_object(old: TripleKey, new: TripleKey) -> bool:
    return old.object == new.object


def pair_cost(old: Triple, new: Triple) -> float:
    """How far two paired triples differ, 0 to 1."""
    left, right = triple_key(old), triple_key(new)
    if left == right:
        return 0.0
    if left.relation != right.relation:
        return 0.6
    if left.object == right.object:  # a dose that follows its drug
        return 0.1
    return 0.3 + 0.7 * (1 - token_f1(old.object, new.object))


def pairs_cost(old: Sequence[Triple], new: Sequence[Triple], pairs: Iterable[Pair]) -> float:
    """The cost of all pairs; a triple alone costs 1."""
    return sum(1.0 if i is None or j is None else pair_cost(old[i], new[j]) for i, j in pairs)
