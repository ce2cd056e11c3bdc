"""More training records from those there are: other drugs and doses in the same sentences.

A record teaches where a drug stands in the sentence and where it belongs in the tree, whatever drug it is. So each copy
of a record has some of its drugs and doses replaced, in the passage and in the trees alike: by those of other records
(entity substitution), or by words and numbers that nobody has ever read, so that nothing but copying helps. Such
records are no statements about medicine; they are for training alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from random import Random

from text2mdt.relations import RelationSet
from text2mdt.schema import Node, Record, Triple

SHARE = 0.6
"""Chance of each drug and dose to be replaced."""
_CONSONANTS, _VOWELS = "bcdfglmnprstvz", "aeiou"


def substituted(
    records: Sequence[Record], relations: RelationSet, copies: int = 1, seed: int = 0, made_up: bool = False
) -> list[Record]:
    """Copies of the records with other drugs and doses; records with nothing to replace have none.

    Args:
        records: the originals; they are not among the result.
        relations: says what drugs and doses are.
        copies: at most, of each record.
        seed: of the choices; those of a record do not depend on the records before it.
        made_up: replace by words and numbers that are made up, not by those of other records.
    """
    wanted = [*sorted(relations.drugs), relations.dosage]
    pools = {relation: sorted({value for _, value in _said(records, [relation])}) for relation in wanted}
    found = []
    for record in records:
        for copy in range(1, copies + 1):
            random = Random(f"{seed} {record.id} {copy}")
            changed = _changed(record, wanted, pools, random, made_up)
            if changed is not None:
                found.append(changed.model_copy(update={"id": f"{record.id}-substituted-{copy}"}))
    return found


def _said(records: Sequence[Record], wanted: Sequence[str]) -> list[tuple[str, str]]:
    """(relation, object) of the triples with these relations, each once, in their order."""
    triples = (triple for record in records for node in record.tree for triple in node.triples)
    return list(dict.fromkeys((triple.relation, triple.object) for triple in triples if triple.relation in wanted))


def _changed(
    record: Record, wanted: Sequence[str], pools: dict[str, list[str]], random: Random, made_up: bool
) -> Record | None:
    found = record
    for relation, old in _said([record], wanted):
        if random.random() > SHARE:
            continue
        new = _made_up(old, random) if made_up else random.choice(pools[relation])
        if old[:1].isupper():  # it may open a sentence
            new = new[:1].upper() + new[1:]
        if _meets(old, new) or _meets(new, found.text):
            continue
        replaced = _replaced(found, old, new)
        if _is_whole(replaced):  # else two things to replace lie across each other
            found = replaced
    return None if found is record else found


def _meets(one: str, other: str) -> bool:
    return one.lower() in other.lower() or other.lower() in one.lower()


def _replaced(record: Record, old: str, new: str) -> Record:
    """The record with a piece of text replaced wherever it stands as words of its own."""
    change = partial(re.compile(rf"(?<!\w){re.escape(old)}(?!\w)").sub, lambda _: new)

    def in_node(node: Node) -> Node:
        triples = tuple(Triple(change(each.subject), each.relation, change(each.object)) for each in node.triples)
        return node.model_copy(update={"triples": triples})

    return record.model_copy(
        update={
            "population": change(record.population),
            "text": change(record.text),
            "tree": tuple(map(in_node, record.tree)),
        }
    )


def _is_whole(record: Record) -> bool:
    return all(triple.object in record.text for node in record.tree for triple in node.triples)


def _made_up(old: str, random: Random) -> str:
    """Other digits where there are some, else a word of some syllables."""
    if re.search(r"\d", old):
        return re.sub(r"\d", lambda digit: str(random.randint(1, 9)), old)
    syllables = (random.choice(_CONSONANTS) + random.choice(_VOWELS) for _ in range(random.randint(3, 4)))
    return "".join(syllables) + random.choice("lnrx")
