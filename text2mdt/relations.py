"""The relations of a triple: which role each stands in, and the short word that the target text uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from text2mdt.errors import Text2MDTError


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

    relations: tuple[Relation, ...]
    dosage: str
    """The relation whose subject is a drug of the same node, not the population."""
    drugs: tuple[str, ...]
    """The relations whose object may be the subject of `dosage`."""

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
