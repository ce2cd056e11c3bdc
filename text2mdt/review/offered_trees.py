"""Trees from a file beside those of a stored review: what they would change, and the edits that take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.imports.differences import Difference, differences, fitted
from text2mdt.imports.imported import ImportedTree
from text2mdt.review.counted_forest import counted_forest
from text2mdt.review.edit_kinds import TakenTree, TakeTrees
from text2mdt.review.review_tree import PassageReview
from text2mdt.review.reviewing import review_in
from text2mdt.review.store import ReviewStore
from text2mdt.review.stored import StoredPassage
from text2mdt.schema import Extraction, join_forest


@dataclass(frozen=True)
class Offer:
    """What a file would change in one passage.

    Attributes:
        stored: the passage as it was compared; the edit is of this version.
        differences: of its trees that change.
    """

    stored: StoredPassage
    differences: tuple[Difference, ...]
    edit: TakeTrees


@dataclass(frozen=True)
class Offered:
    """What a file holds for an extraction.

    Attributes:
        offers: a passage that would change each, in the order of the document.
        unchanged: trees that are as they were.
        unplaced: trees that name no passage, so that they cannot be taken.
    """

    offers: tuple[Offer, ...]
    unchanged: int
    unplaced: int


def offered_trees(store: ReviewStore, extraction: int, imported: Sequence[ImportedTree]) -> Offered:
    """Compares imported trees with a review as it is now; nothing is changed.

    Raises:
        Text2MDTError: T2M104 for an extraction that is not there, T2M123 and T2M129 as
            `text2mdt.imports.differences`.
    """
    stored = {one.key: one for one in store.passages(extraction)}
    reviews = {key: review_in(one) for key, one in stored.items()}
    original = _as_it_counts(store.extracted(extraction), reviews)
    trees = fitted(original, imported)
    found = differences(original, trees)
    offers = []
    for key, one in stored.items():
        changed = tuple(each for each in found if each.passage == key and not each.identical)
        if changed:
            offers.append(Offer(one, changed, _edit(changed, trees, reviews[key])))
    return Offered(tuple(offers), sum(each.identical for each in found), sum(each.passage is None for each in found))


def _as_it_counts(made: Extraction, reviews: dict[str, PassageReview]) -> Extraction:
    """The extraction with the trees of the reviews, unfinished ones as well."""
    passages = []
    for result in made.passages:
        if result.id in reviews:
            review = reviews[result.id]
            tree = tuple(join_forest(counted_forest(review).trees))
            result = result.model_copy(update={"tree": tree, "population": review.population})
            passages.append(result)
    return made.model_copy(update={"passages": tuple(passages)})


def _edit(changed: Sequence[Difference], trees: Sequence[ImportedTree], review: PassageReview) -> TakeTrees:
    taken = tuple(
        TakenTree(nodes=trees[one.new].tree.nodes, replaces=None if one.old is None else review.trees[one.old - 1].id)
        for one in changed
    )
    population = next((one.population[1] for one in changed if one.population is not None), None)
    return TakeTrees(trees=taken, population=population)
