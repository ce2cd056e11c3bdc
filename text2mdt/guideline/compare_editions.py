"""Two editions of a guideline → what became of each passage and of its trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

from text2mdt.guideline.editions import EditionComparison, PassageChange, PassageKind, TreeChange
from text2mdt.guideline.normal_triples import same_tree
from text2mdt.guideline.passage_alignment import aligned, out_of_order
from text2mdt.guideline.patient_groups import patient_group
from text2mdt.guideline.placed_trees import PlacedTree, trees_of
from text2mdt.guideline.tree_changes import added_tree, moved_tree, removed_tree, tree_changes
from text2mdt.guideline.tree_pairs import paired_trees
from text2mdt.guideline.word_diff import changed_words, word_diff, word_keys
from text2mdt.schema import Extraction, PassageResult


def compare_editions(old: Extraction, new: Extraction) -> EditionComparison:
    """What changed from one edition of a document to the next.

    Passages are aligned by their words. A passage with the same words that speaks of other patients is a changed one.
    A tree that left one passage and stands in another, saying the same, is reported as moved.
    """
    drafts = _drafts(old.passages, new.passages)
    _move_trees(drafts)
    passages = tuple(draft.told() for draft in drafts)
    counts = Counter(dict.fromkeys(get_args(PassageKind), 0))
    counts.update(change.change for change in passages)
    counts["changed_with_equal_trees"] = sum(one.change == "changed" and one.trees_equal is True for one in passages)
    return EditionComparison(
        old=old.document,
        new=new.document,
        passages=passages,
        passage_counts=dict(counts),
        tree_counts=dict(Counter(change.kind for one in passages for change in one.tree_changes)),
        notes=tuple(_notes(old, new, drafts)),
    )


@dataclass
class _Draft:
    """A passage in the editions that have it; its trees, and what is found out about them."""

    old: PassageResult | None
    new: PassageResult | None
    moved: bool = False
    unreadable: str = ""
    changes: list[TreeChange] = field(default_factory=list)
    removed: list[PlacedTree] = field(default_factory=list)
    added: list[PlacedTree] = field(default_factory=list)

    def read_trees(self, old: int, new: int) -> None:
        """Pairs the trees; the indices are those of the passages in their editions."""
        old_trees, old_reason = trees_of(old, self.old) if self.old else ([], "")
        new_trees, new_reason = trees_of(new, self.new) if self.new else ([], "")
        self.unreadable = old_reason or new_reason
        if not self.unreadable:
            pairs, self.removed, self.added = paired_trees(old_trees, new_trees)
            self.changes = [change for one, other in pairs for change in tree_changes(one, other)]

    def told(self) -> PassageChange:
        tree_changes = [*self.changes, *map(removed_tree, self.removed), *map(added_tree, self.added)]
        if self.old is None or self.new is None:
            kind: PassageKind = "added" if self.old is None else "removed"
            return PassageChange(
                change=kind,
                old=self.old and self.old.id,
                new=self.new and self.new.id,
                trees_equal=None if self.unreadable else not tree_changes,
                tree_changes=tuple(tree_changes),
                text=f"the passage was {kind}",
            )
        return _both(self.old, self.new, self.moved, None if self.unreadable else not tree_changes, tree_changes)


def _both(
    old: PassageResult, new: PassageResult, moved: bool, trees_equal: bool | None, changes: list[TreeChange]
) -> PassageChange:
    same_words = word_keys(old.text) == word_keys(new.text)
    words = () if same_words else word_diff(old.text, new.text)
    other_patients = patient_group(old.population) != patient_group(new.population)
    paths = old.passage.heading_path, new.passage.heading_path
    kind: PassageKind = "moved" if moved else "unchanged"
    if words or other_patients:
        kind = "changed"
    number = changed_words(words)
    return PassageChange(
        change=kind,
        old=old.id,
        new=new.id,
        moved=moved,
        words=words,
        changed_words=number,
        population=(old.population, new.population) if other_patients else None,
        headings=paths if paths[0] != paths[1] else None,
        trees_equal=trees_equal,
        tree_changes=tuple(changes),
        text=_sentence(number, other_patients, moved, trees_equal, len(changes)),
    )


def _sentence(words: int, other_patients: bool, moved: bool, trees_equal: bool | None, changes: int) -> str:
    said = [f"{words} word{'' if words == 1 else 's'} changed" if words else "the words are the same"]
    if other_patients:
        said.append("it speaks of other patients")
    if moved:
        said.append("it stands in another place")
    if trees_equal is None:
        said.append("the trees could not be compared")
    elif trees_equal:
        said.append("the trees are the same")
    else:
        said.append(f"{changes} change{'' if changes == 1 else 's'} in the trees")
    return ", ".join(said)


def _drafts(old: Sequence[PassageResult], new: Sequence[PassageResult]) -> list[_Draft]:
    """The passages of both editions, in the order of the new one, removed ones behind the one before them."""
    pairs = aligned(old, new)
    moved = out_of_order(pairs)
    partner = {index: one for one, index in pairs.items()}
    removed_behind: dict[int, list[int]] = {}
    last = -1
    for index in range(len(old)):
        if index in pairs:
            last = pairs[index]
        else:
            removed_behind.setdefault(last, []).append(index)
    drafts: list[_Draft] = []
    for place in range(-1, len(new)):
        if place >= 0:
            one = partner.get(place)
            drafts.append(_Draft(None if one is None else old[one], new[place], one in moved))
            drafts[-1].read_trees(-1 if one is None else one, place)
        for one in removed_behind.get(place, []):
            drafts.append(_Draft(old[one], None))
            drafts[-1].read_trees(one, -1)
    return drafts


def _move_trees(drafts: Sequence[_Draft]) -> None:
    """Trees that one passage lost and another one of the same patients got are moved."""
    lost = [(draft, tree) for draft in drafts for tree in draft.removed]
    for draft in drafts:
        for tree in list(draft.added):
            for index, (giver, other) in enumerate(lost):
                if giver is not draft and same_tree(other.tree, tree.tree) and _same_patients(giver.old, draft.new):
                    draft.changes.append(moved_tree(other, tree))
                    draft.added.remove(tree)
                    giver.removed.remove(other)
                    del lost[index]
                    break


def _same_patients(one: PassageResult | None, other: PassageResult | None) -> bool:
    return bool(one and other and patient_group(one.population) == patient_group(other.population))


def _notes(old: Extraction, new: Extraction, drafts: Sequence[_Draft]) -> Iterator[str]:
    if (old.model, old.adapter) != (new.model, new.adapter):
        yield (
            f"The editions were read by different models ({_reader(old)}; {_reader(new)}): "
            "trees may differ where the text does not."
        )
    for draft in drafts:
        if draft.unreadable:
            passage = draft.new or draft.old
            yield f"The trees of {passage.id if passage else ''} were not compared: {draft.unreadable}"


def _reader(extraction: Extraction) -> str:
    return extraction.model + (f" with adapter {extraction.adapter}" if extraction.adapter else "")
