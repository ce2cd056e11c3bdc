"""More training records from those there are: other drugs and doses in the same sentences.

A record teaches where a drug stands in the sentence and where it belongs in the tree, whatever drug it is. So each copy
of a record has some of its drugs and doses replaced, in the passage and in the trees alike: by those of other records
(entity substitution), or by words and numbers that nobody has ever read, so that nothing but copying helps. Such
records are no statements about medicine; they are for training alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        relations: says what drugs and doses are, and whether words have borders.
        copies: at most, of each record.
        seed: of the choices.
        made_up: replace by words and numbers that are made up, not by those of other records.
    """
    wanted = [*sorted(relations.drugs), relations.dosage]
    pools = {relation: sorted({value for _, value in _said(records, [relation])}) for relation in wanted}
    change = _Change(wanted, {} if made_up else pools, relations.granularity == "words")
    found = []
    for record in records:
        for copy in range(1, copies + 1):
            changed = change.of(record, Random(f"{seed} {record.id} {copy}"))
            if changed is not None:
                found.append(changed.model_copy(update={"id": f"{record.id}-substituted-{copy}"}))
    return found


def _said(records: Sequence[Record], wanted: Sequence[str]) -> list[tuple[str, str]]:
    """(relation, object) of the triples with these relations, each once, in their order."""
    triples = (triple for record in records for node in record.tree for triple in node.triples)
    return list(dict.fromkeys((triple.relation, triple.object) for triple in triples if triple.relation in wanted))


@dataclass(frozen=True)
class _Change:
    """How records are changed.

    Attributes:
        wanted: the relations of what is replaced.
        pools: by what, for each relation; empty where words are made up.
        borders: whether words have borders, which a replacement must keep.
    """

    wanted: Sequence[str]
    pools: Mapping[str, Sequence[str]]
    borders: bool

    def of(self, record: Record, random: Random) -> Record | None:
        """The record with some of its drugs and doses replaced; None where there is nothing to replace."""
        found = record
        for relation, old in _said([record], self.wanted):
            if random.random() > SHARE:
                continue
            new = random.choice(self.pools[relation]) if self.pools else _made_up(old, random)
            if old[:1].isupper():  # it may open a sentence
                new = new[:1].upper() + new[1:]
            if _meets(old, new) or _meets(new, found.text):
                continue
            replaced = self._replaced(found, old, new)
            if self._is_whole(replaced, record):
                found = replaced
        return None if found is record else found

    def _replaced(self, record: Record, old: str, new: str) -> Record:
        """The record with a piece of text replaced wherever it stands as words or numbers of its own."""
        pattern = rf"(?<![\w.,/-]){re.escape(old)}(?![\w-]|[.,/]\w)" if self.borders else re.escape(old)
        change = partial(re.compile(pattern).sub, lambda _: new)

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

    def _is_whole(self, record: Record, original: Record) -> bool:
        """Whether all objects are still words of the passage, and those of other relations are what they were."""
        pairs = zip(record.tree, original.tree, strict=True)
        triples = (pair for node, before in pairs for pair in zip(node.triples, before.triples, strict=True))
        return all(
            each.object in record.text and (each.relation in self.wanted or each.object == before.object)
            for each, before in triples
        )


def _meets(one: str, other: str) -> bool:
    return one.lower() in other.lower() or other.lower() in one.lower()


def _made_up(old: str, random: Random) -> str:
    """Other digits where there are some, else a word of some syllables."""
    if re.search(r"\d", old):
        return re.sub(r"\d", lambda digit: str(random.randint(1, 9)), old)
    syllables = (random.choice(_CONSONANTS) + random.choice(_VOWELS) for _ in range(random.randint(3, 4)))
    return "".join(syllables) + random.choice("lnrx")
