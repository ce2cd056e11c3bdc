"""The relations of a triple: which role each stands in, and the short word that the target text uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from text2mdt.errors import Text2MDTError
from text2mdt.schema import Record


@dataclass(frozen=True)
class Relation:
    """One relation of the triples.

    Attributes:
        name: as it stands in a tree (`clinical_feature`).
        keyword: the one-token word for it in the outline format (`feature`).
        role: `C` (condition nodes) or `D` (decision nodes).
        meaning: what its object holds, for people.
    """

    name: str
    keyword: str
    role: str
    meaning: str


@dataclass(frozen=True)
class RelationSet:
    """The relations that a corpus uses; order matters only for display."""

    name: str
    """As an adapter notes it."""
    relations: tuple[Relation, ...]
    dosage: str
    """The relation whose subject is a drug of the same node, not the population."""
    drugs: tuple[str, ...]
    """The relations whose object may be the subject of `dosage`."""
    granularity: Literal["words", "chars"] = "words"
    """Where an object may begin and end in a passage: at words, or at any character (Chinese has no word borders)."""

    @cached_property
    def by_name(self) -> dict[str, Relation]:
        return {relation.name: relation for relation in self.relations}

    @cached_property
    def by_keyword(self) -> dict[str, Relation]:
        return {relation.keyword: relation for relation in self.relations}

    def named(self, name: str) -> Relation:
        """The relation of this name; raises T2M004 where there is none."""
        try:
            return self.by_name[name]
        except KeyError:
            raise Text2MDTError("T2M004", relation=name, known=", ".join(self.by_name)) from None

    def of_role(self, role: str) -> tuple[Relation, ...]:
        return tuple(relation for relation in self.relations if relation.role == role)


ENGLISH = RelationSet(
    name="english",
    relations=(
        Relation("clinical_feature", "feature", "C", "symptom, sign, diagnosis, severity, test result, response"),
        Relation("basic_information", "basic", "C", "age, sex, pregnancy, history, comorbidity, allergy, preference"),
        Relation("therapeutic_drug", "drug", "D", "drug or drug class to give"),
        Relation("contraindicated_drug", "avoid", "D", "drug or drug class to avoid or stop"),
        Relation("dosage", "dose", "D", "dose, route, frequency or duration of a named drug"),
        Relation("treatment_plan", "plan", "D", "procedure, supportive care, monitoring, follow-up"),
        Relation("investigation", "test", "D", "test, imaging or assessment to carry out"),
        Relation("referral", "refer", "D", "referral, admission, transfer, specialist advice"),
    ),
    dosage="dosage",
    drugs=("therapeutic_drug", "contraindicated_drug"),
)
"""The eight relations of the English corpus; the first six (without the last two) are those of Text2DT."""

TEXT2DT = RelationSet(
    name="text2dt",
    relations=(
        Relation("临床表现", "feature", "C", "symptom, sign, diagnosis, severity, test result, response"),
        Relation("基本情况", "basic", "C", "age, sex, pregnancy, history, comorbidity, allergy"),
        Relation("治疗药物", "drug", "D", "drug or drug class to give"),
        Relation("禁用药物", "avoid", "D", "drug or drug class to avoid"),
        Relation("用法用量", "dose", "D", "dose, route, frequency or duration of a named drug"),
        Relation("治疗方案", "plan", "D", "any other treatment, test or referral"),
    ),
    dosage="用法用量",
    drugs=("治疗药物", "禁用药物"),
    granularity="chars",
)
"""The six relations of the Chinese data set Text2DT. The keywords stay English: each is one token of any model."""

RELATION_SETS = {relations.name: relations for relations in (ENGLISH, TEXT2DT)}
"""All sets by name."""


def relation_set(name: str, where: object = "") -> RelationSet:
    """The set of this name; raises T2M172 where there is none."""
    try:
        return RELATION_SETS[name]
    except KeyError:
        raise Text2MDTError("T2M172", where, name=name, known=", ".join(RELATION_SETS)) from None


def relations_of(records: Iterable[Record]) -> RelationSet | None:
    """The set that most of the records' triples are of; None where they have no triple of any."""
    counted = Counter(triple.relation for record in records for node in record.tree for triple in node.triples)
    totals = {name: sum(counted[relation] for relation in known.by_name) for name, known in RELATION_SETS.items()}
    best = max(totals, key=lambda name: totals[name])
    return RELATION_SETS[best] if totals[best] else None
