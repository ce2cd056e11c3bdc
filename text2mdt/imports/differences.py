"""What imported trees would change in an extraction, and taking them into it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from text2mdt.errors import Text2MDTError
from text2mdt.guideline.editions import TreeChange
from text2mdt.guideline.placed_trees import PlacedTree
from text2mdt.guideline.tree_changes import added_tree, tree_changes
from text2mdt.guideline.tree_pairs import paired_trees
from text2mdt.imports.imported import NO_POPULATION, ImportedTree
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Extraction, PassageResult
from text2mdt.sourced_tree import SourcedTree, sourced_trees


class Difference(BaseModel):
    """An imported tree beside the tree that it would replace.

    Attributes:
        passage: id of the passage; None where the tree names none, so that it cannot be taken.
        old: which tree of the passage it replaces, from 1; None where it is a new one.
        new: which of the imported trees, from 0.
        identical: they are equal to the letter.
        population: the old and the new one, where they differ.
        changes: what changes in what is said; none where only the writing differs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    passage: str | None
    old: int | None
    new: int
    identical: bool = False
    population: tuple[str, str] | None = None
    changes: tuple[TreeChange, ...] = ()


def differences(original: Extraction, imported: Sequence[ImportedTree]) -> list[Difference]:
    """What each imported tree changes, in the order of the import.

    A tree replaces the one of its number in its passage; without a number, the one that it shares most with. Trees of
    the original that do not come back stay as they are.

    Raises:
        Text2MDTError: T2M123 for a passage that the original does not have, T2M062 where it has two of one id, T2M129
            where its imported trees speak of different populations.
    """
    passages = _passages(original)
    imported = fitted(original, imported)
    trees: dict[str, list[SourcedTree]] = {}
    for tree in sourced_trees(original):
        trees.setdefault(tree.result.id, []).append(tree)
    by_passage: dict[str, list[int]] = {}
    found: dict[int, Difference] = {}
    for new, one in enumerate(imported):
        if one.passage is None:
            found[new] = Difference(passage=None, old=None, new=new, changes=(added_tree(_placed(one, new)),))
        elif one.passage not in passages:
            raise Text2MDTError("T2M123", one.where, passage=one.passage)
        else:
            by_passage.setdefault(one.passage, []).append(new)
    for name, news in by_passage.items():
        said = dict.fromkeys(imported[new].population for new in news)
        if len(said) > 1:
            named = " and ".join(f"'{one[:60]}'" for one in said)
            raise Text2MDTError("T2M129", imported[news[0]].where, passage=name, named=named)
        partner = _partners(trees.get(name, []), [imported[new] for new in news])
        for place, new in enumerate(news):
            found[new] = _difference(passages[name], partner[place], imported[new], new)
    return [found[new] for new in sorted(found)]


def fitted(original: Extraction, imported: Sequence[ImportedTree]) -> list[ImportedTree]:
    """The imported trees; one whose file does not say whom it speaks of gets the population of its passage."""
    populations = {result.id: result.population for result in original.passages}
    return [_of_population(one, populations.get(one.passage or "", one.population)) for one in imported]


def _of_population(one: ImportedTree, population: str) -> ImportedTree:
    if one.population != NO_POPULATION or population == NO_POPULATION:
        return one
    tree = with_population(one.tree, NO_POPULATION, population)
    return one.model_copy(update={"tree": tree, "population": population})


def with_population(tree: DecisionTree, old: str, new: str) -> DecisionTree:
    """The tree with another population as the subject of the triples that had the old one."""
    nodes = []
    for node in tree.nodes:
        triples = (
            triple._replace(subject=new) if triple.subject == old and triple.relation != ENGLISH.dosage else triple
            for triple in node.triples
        )
        nodes.append(node.model_copy(update={"triples": tuple(triples)}))
    return DecisionTree(nodes=tuple(nodes))


def _passages(original: Extraction) -> dict[str, PassageResult]:
    passages: dict[str, PassageResult] = {}
    for result in original.passages:
        if result.id in passages:
            raise Text2MDTError("T2M062", original.document.name, id=result.id)
        passages[result.id] = result
    return passages


def _partners(old: Sequence[SourcedTree], new: Sequence[ImportedTree]) -> list[SourcedTree | None]:
    """For each imported tree of a passage the tree that it replaces."""
    partner: list[SourcedTree | None] = [None] * len(new)
    by_number = {one.number: one for one in old}
    for place, one in enumerate(new):
        if one.number is not None:
            partner[place] = by_number.pop(one.number, None)
    left = [place for place, one in enumerate(new) if one.number is None]
    free = list(by_number.values())
    pairs = paired_trees(
        [PlacedTree(0, one.result.id, index, one.first, one.tree) for index, one in enumerate(free)],
        [_placed(new[place], index) for index, place in enumerate(left)],
    ).pairs
    for one_old, one_new in pairs:
        partner[left[one_new.number]] = free[one_old.number]
    return partner


def _placed(one: ImportedTree, number: int) -> PlacedTree:
    return PlacedTree(0, one.passage or "", number, 0, one.tree)


def _difference(passage: PassageResult, old: SourcedTree | None, one: ImportedTree, new: int) -> Difference:
    population = (passage.population, one.population) if passage.population != one.population else None
    placed = PlacedTree(0, passage.id, (one.number or 1) - 1, old.first if old else 0, one.tree)
    changes: tuple[TreeChange, ...] = (added_tree(placed),)
    if old is not None:
        changes = tuple(tree_changes(PlacedTree(0, passage.id, old.number - 1, old.first, old.tree), placed))
    return Difference(
        passage=passage.id,
        old=old.number if old else None,
        new=new,
        identical=old is not None and old.tree == one.tree and population is None,
        population=population,
        changes=changes,
    )


def forests(original: Extraction, imported: Sequence[ImportedTree]) -> dict[str, list[DecisionTree]]:
    """For each passage that changes its trees after the import, in order; new trees stand behind the others.

    Raises:
        Text2MDTError: as `differences`.
    """
    told = differences(original, imported)
    imported = fitted(original, imported)
    populations = {one.passage: one.population for one in told if one.population is not None}
    after: dict[str, list[DecisionTree]] = {}
    for result in original.passages:
        own = [one for one in told if one.passage == result.id]
        if any(not one.identical for one in own):
            replaced = {one.old: imported[one.new].tree for one in own if one.old is not None}
            old, new = populations.get(result.id, (result.population, result.population))
            kept = [
                replaced[number] if number in replaced else with_population(tree, old, new)
                for number, tree in enumerate(result.trees, start=1)
            ]
            after[result.id] = kept + [imported[one.new].tree for one in own if one.old is None]
    return after
