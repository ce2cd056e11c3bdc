"""Two readings of one passage side by side: before and after a review, one reviewer or model against another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from text2mdt.errors import Text2MDTError
from text2mdt.guideline.placed_trees import PlacedTree
from text2mdt.guideline.tree_alignment import Step, TreeAlignment
from text2mdt.guideline.tree_pairs import paired_trees
from text2mdt.guideline.triple_pairs import triple_pairs
from text2mdt.relations import ENGLISH
from text2mdt.review.counted_forest import CountedForest, counted_forest
from text2mdt.review.passage_review import review_of
from text2mdt.review.review_tree import PassageReview, ReviewTriple
from text2mdt.review.reviewer_agreement import Agreement, agreement
from text2mdt.schema import Logic, PassageResult, Triple

__all__ = ["Agreement", "Change", "NodeDifference", "PassageDifference", "TreeDifference", "TripleDifference"]
__all__ += ["agreement", "differences"]

Change = Literal["same", "changed", "added", "removed"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TripleDifference(_Model):
    """A triple on both sides; `left` and `right` are its ids there, None where it is not."""

    change: Change
    left: str | None
    right: str | None
    left_triple: Triple | None = None
    right_triple: Triple | None = None


class NodeDifference(_Model):
    """A node on both sides; `left` and `right` are its ids there, None where it is not.

    Attributes:
        change: "changed" where its triples, its logic or the order of its branches differ.
        triples: in the order of the right side, then those of the left alone.
        logic: how its triples belong together on both sides, where both say so and differ.
        swapped: its branches changed places.
    """

    change: Change
    left: str | None
    right: str | None
    triples: tuple[TripleDifference, ...] = ()
    logic: tuple[Logic, Logic] | None = None
    swapped: bool = False


class TreeDifference(_Model):
    """A tree on both sides; `left` and `right` are its numbers there, from 0.

    `nodes` are in pre-order of the right side, those of the left alone where they stood.
    """

    change: Change
    left: int | None
    right: int | None
    nodes: tuple[NodeDifference, ...] = ()


class PassageDifference(_Model):
    """What differs between two readings of a passage.

    Attributes:
        population: on both sides, where it differs.
        trees: in the order of the right side, then those of the left alone.
        triple_counts: how many triples are same, changed, added and removed.
    """

    population: tuple[str, str] | None
    trees: tuple[TreeDifference, ...]

    @property
    def triple_counts(self) -> dict[Change, int]:
        found = Counter(triple.change for tree in self.trees for node in tree.nodes for triple in node.triples)
        names: tuple[Change, ...] = ("same", "changed", "added", "removed")
        return {name: found[name] for name in names}

    @property
    def is_same(self) -> bool:
        return self.population is None and all(tree.change == "same" for tree in self.trees)


def differences(left: PassageReview | PassageResult, right: PassageReview | PassageResult) -> PassageDifference:
    """What differs from the left reading to the right one; rejected triples count as absent.

    Trees are paired by what they share, nodes by the structure of the trees with the fewest changes, triples by
    relation and words. A triple is changed where its words differ in any letter; its subject counts only where it is
    not the population of its side.

    Raises:
        Text2MDTError: T2M083 where the texts differ; T2M001 and T2M085 as `review_of`.
    """
    sides = _Side(left), _Side(right)
    if sides[0].review.passage.text != sides[1].review.passage.text:
        names = f"passages {sides[0].review.passage.id} and {sides[1].review.passage.id}"
        raise Text2MDTError("T2M083", names, detail="their texts differ", mend="compare two readings of one passage")
    pairs = paired_trees(sides[0].trees, sides[1].trees)
    partner = {new.number: old for old, new in pairs.pairs}
    trees = [_tree_difference(partner.get(tree.number), tree, *sides) for tree in sides[1].trees]
    trees += [_tree_difference(tree, None, *sides) for tree in pairs.removed]
    populations = sides[0].review.population, sides[1].review.population
    return PassageDifference(population=populations if populations[0] != populations[1] else None, trees=tuple(trees))


class _Side:
    """A reading with its trees as they count."""

    def __init__(self, reading: PassageReview | PassageResult) -> None:
        self.review = reading if isinstance(reading, PassageReview) else review_of(reading)
        self.forest: CountedForest = counted_forest(self.review)
        self.trees: list[PlacedTree] = []
        first = 0
        for number, tree in enumerate(self.forest.trees):
            self.trees.append(PlacedTree(0, self.review.passage.id, number, first, tree))
            first += len(tree)

    def plain(self, triple: ReviewTriple) -> Triple:
        """Without the population, which may have another name on the other side."""
        is_common = triple.subject == self.review.population and triple.relation != ENGLISH.dosage
        return triple.triple._replace(subject="") if is_common else triple.triple


def _tree_difference(old: PlacedTree | None, new: PlacedTree | None, left: _Side, right: _Side) -> TreeDifference:
    nodes = [_node_difference(step, old, new, left, right) for step in _steps(old, new)]
    change: Change = "added" if old is None else "removed" if new is None else "same"
    if change == "same" and any(node.change != "same" for node in nodes):
        change = "changed"
    return TreeDifference(change=change, left=old and old.number, right=new and new.number, nodes=tuple(nodes))


def _steps(old: PlacedTree | None, new: PlacedTree | None) -> Sequence[Step]:
    if old and new:
        alignment = TreeAlignment(old.tree, new.tree)
        if alignment.is_small:
            return alignment.steps
    removed = [Step("removed", node, None) for node in range(len(old.tree))] if old else []
    return removed + ([Step("added", None, node) for node in range(len(new.tree))] if new else [])


def _node_difference(
    step: Step, old: PlacedTree | None, new: PlacedTree | None, left: _Side, right: _Side
) -> NodeDifference:
    # A condition put above a part of the old tree has that part as its old node; it stands on the right alone.
    one = step.old + old.first if old and step.old is not None and step.kind != "added" else None
    other = step.new + new.first if new and step.new is not None and step.kind != "removed" else None
    triples = _triple_differences(one, other, left, right)
    logic = _logic(one, other, left, right)
    change: Change = "added" if one is None else "removed" if other is None else "same"
    if change == "same" and (logic or step.kind == "swapped" or any(triple.change != "same" for triple in triples)):
        change = "changed"
    return NodeDifference(
        change=change,
        left=None if one is None else left.forest.nodes[one].id,
        right=None if other is None else right.forest.nodes[other].id,
        triples=triples,
        logic=logic,
        swapped=step.kind == "swapped",
    )


def _logic(one: int | None, other: int | None, left: _Side, right: _Side) -> tuple[Logic, Logic] | None:
    if one is None or other is None or min(len(left.forest.triples[one]), len(right.forest.triples[other])) < 2:
        return None
    pair = left.forest.nodes[one].logical_rel, right.forest.nodes[other].logical_rel
    return pair if pair[0] is not pair[1] else None


def _triple_differences(one: int | None, other: int | None, left: _Side, right: _Side) -> tuple[TripleDifference, ...]:
    old = () if one is None else left.forest.triples[one]
    new = () if other is None else right.forest.triples[other]
    found = []
    for i, j in triple_pairs([item.triple for item in old], [item.triple for item in new]):
        before, after = None if i is None else old[i], None if j is None else new[j]
        change: Change = "added" if before is None else "removed"
        if before and after:
            change = "same" if left.plain(before) == right.plain(after) else "changed"
        found.append(
            TripleDifference(
                change=change,
                left=before and before.id,
                right=after and after.id,
                left_triple=before and before.triple,
                right_triple=after and after.triple,
            )
        )
    return tuple(found)
