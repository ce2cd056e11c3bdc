"""The edit that takes trees from elsewhere: what stays of the old ones keeps its ids, verdicts and comments."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from text2mdt.guideline.tree_alignment import TreeAlignment
from text2mdt.guideline.triple_pairs import triple_pairs
from text2mdt.review.counted_forest import counted_tree
from text2mdt.review.edit_kinds import SetPopulation, TakenTree, TakeTrees
from text2mdt.review.edit_trees import set_population
from text2mdt.review.edit_words import at_node, checked_relation, checked_words, misfit
from text2mdt.review.reading_again import Part, grounded
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.review.tree_places import NewIds, place_of
from text2mdt.schema import DecisionTree, Node, Triple


def take_trees(review: PassageReview, edit: TakeTrees) -> PassageReview:
    where = f"passage {review.passage.id}"
    if edit.population is not None:
        review = set_population(review, SetPopulation(population=edit.population))
    trees, taking = list(review.trees), _Taking(review)
    replaced: set[str] = set()
    for one in edit.trees:
        if one.replaces is None:
            trees.append(taking.tree(_closed(one, where), None))
            continue
        place = place_of(review, one.replaces)
        if not place.is_root_of(review) or one.replaces in replaced:
            mend = "name the root of a tree, and each once"
            raise misfit(at_node(review, one.replaces), "it is not the root of a tree that is still there", mend)
        replaced.add(one.replaces)
        trees[place.tree] = taking.tree(_closed(one, where), place.node)
    after = review.model_copy(update={"trees": tuple(trees), "next_id": taking.ids.next})
    return grounded(after, taking.unplaced)


def _closed(one: TakenTree, where: str) -> DecisionTree:
    try:
        return DecisionTree(nodes=one.nodes)
    except ValidationError:
        mend = "give a condition both its children, and nothing behind the tree"
        raise misfit(where, "the nodes are not one whole tree", mend) from None


class _Taking:
    """Makes the nodes of taken trees; `unplaced` are the parts whose words are still to be found in the text."""

    def __init__(self, review: PassageReview) -> None:
        self._review = review
        self.ids = NewIds(review)
        self.unplaced: list[Part] = []

    def tree(self, tree: DecisionTree, old: ReviewNode | None) -> ReviewNode:
        partners = _partners(tree, old, self._review.population)
        made = [self._node(node, partners.get(index)) for index, node in enumerate(tree.nodes)]
        children = tree.children()
        for index in range(len(made) - 1, -1, -1):  # children stand behind their condition
            if (pair := children[index]) is not None:
                made[index] = made[index].model_copy(update={"yes": made[pair[0]], "no": made[pair[1]]})
        return made[0]

    def _node(self, node: Node, old: ReviewNode | None) -> ReviewNode:
        name = old.id if old else self.ids.node()
        triples = self._triples(node, old, at_node(self._review, name))
        # Its children come later: until then it would not be valid.
        return ReviewNode.model_construct(
            id=name,
            role=node.role,
            logical_rel=node.logical_rel,
            triples=triples,
            yes=None,
            no=None,
            comment=old.comment if old else "",
            warnings=(),
        )

    def _triples(self, node: Node, old: ReviewNode | None, where: str) -> tuple[ReviewTriple, ...]:
        before = old.counted if old else ()
        partner = {j: before[i] for i, j in _pairs(before, node.triples)}
        rejected = [triple for triple in old.triples if not triple.counts] if old else []
        made = [self._triple(triple, partner.get(j), node, where) for j, triple in enumerate(node.triples)]
        return (*made, *rejected)

    def _triple(self, triple: Triple, old: ReviewTriple | None, node: Node, where: str) -> ReviewTriple:
        if old is not None and old.triple == triple:
            return old
        if old is None or old.relation != triple.relation:
            checked_relation(triple.relation, node.role, where)
        subject = checked_words(triple.subject, "subject", where)
        words = checked_words(triple.object, "object", where)
        fresh = ReviewTriple(
            id=old.id if old else self.ids.triple(),
            subject=subject,
            relation=triple.relation,
            object=words,
            verdict=Verdict.OPEN,
            comment=old.comment if old else "",
            subject_span=old.subject_span if old and old.subject == subject else None,
            object_span=old.object_span if old and old.object == words else None,
        )
        spans = (("subject", fresh.subject_span), ("object", fresh.object_span))
        self.unplaced += [(fresh.id, part) for part, span in spans if span is None]
        return fresh


def _partners(tree: DecisionTree, old: ReviewNode | None, population: str) -> dict[int, ReviewNode]:
    """For the nodes of a tree, by number, the nodes that they were in the old one."""
    if old is None:
        return {}
    nodes = list(old.subtree())
    alignment = TreeAlignment(counted_tree(old, population), tree)
    steps = alignment.steps if alignment.is_small else []
    return {
        step.new: nodes[step.old]
        for step in steps
        if step.kind in ("same", "swapped") and step.old is not None and step.new is not None
    }


def _pairs(old: Sequence[ReviewTriple], new: Sequence[Triple]) -> list[tuple[int, int]]:
    found = triple_pairs([one.triple for one in old], new)
    return [(i, j) for i, j in found if i is not None and j is not None]
