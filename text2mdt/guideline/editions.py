"""The comparison of two editions of a guideline."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from text2mdt.guideline.guideline import Place
from text2mdt.guideline.word_diff import WordChange
from text2mdt.schema import DocumentInfo

PassageKind = Literal["unchanged", "changed", "added", "removed", "moved"]
TreeChangeKind = Literal[
    "tree_added",
    "tree_removed",
    "tree_moved",
    "condition_added",
    "condition_removed",
    "condition_changed",
    "decision_added",
    "decision_removed",
    "decision_changed",
    "triple_added",
    "triple_removed",
    "dose_changed",
    "relation_changed",
    "logic_changed",
    "branches_swapped",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TreeChange(_Model):
    """One thing that changed in the trees of a passage.

    Attributes:
        kind: `tree_*` is about a whole tree, `condition_added`, `decision_removed` and their like about a whole node,
            `*_changed` about two triples one of which came for the other, `triple_*` about one of a node that stayed.
        text: for people, for instance "the dose of 'prednisolone' changed from '40 mg' to '30 mg'".
        old, new: where it stood and stands; None where it did not or does not.
    """

    kind: TreeChangeKind
    text: str
    old: Place | None = None
    new: Place | None = None


class PassageChange(_Model):
    """What became of a passage.

    Attributes:
        change: "moved" has the same words in another place; a changed passage may have moved as well.
        old, new: its ids in the two editions.
        moved: it stands in another order among the passages that both editions have.
        words: of a changed passage its words as runs.
        changed_words: how many words changed.
        population: of a passage that now speaks of other patients, the old and the new population.
        headings: the old and the new heading path, where they differ.
        trees_equal: whether the trees say the same; None where they cannot be compared.
        text: all that in one sentence for people.
    """

    change: PassageKind
    old: str | None
    new: str | None
    moved: bool = False
    words: tuple[WordChange, ...] = ()
    changed_words: int = 0
    population: tuple[str, str] | None = None
    headings: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    trees_equal: bool | None = True
    tree_changes: tuple[TreeChange, ...] = ()
    text: str


class EditionComparison(_Model):
    """Two editions, passage by passage in the order of the new one, removed passages behind the one before them.

    Attributes:
        passage_counts: passages by `change`, and "changed_with_equal_trees".
        tree_counts: tree changes by kind.
        notes: what stands against the comparison, for instance that two models read the editions.
    """

    schema_version: int = 1
    old: DocumentInfo
    new: DocumentInfo
    passages: tuple[PassageChange, ...] = ()
    passage_counts: dict[str, int]
    tree_counts: dict[str, int]
    notes: tuple[str, ...] = ()
