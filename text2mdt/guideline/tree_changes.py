"""What changed between a tree and its other edition, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.guideline.editions import TreeChange, TreeChangeKind
from text2mdt.guideline.normal_triples import same_tree, triple_key
from text2mdt.guideline.placed_trees import PlacedTree
from text2mdt.guideline.tree_alignment import Step, TreeAlignment
from text2mdt.guideline.triple_pairs import triple_pairs
from text2mdt.relations import ENGLISH
from text2mdt.schema import Node, Triple

_GIVEN, _FORBIDDEN = ENGLISH.drugs


def tree_changes(old: PlacedTree, new: PlacedTree) -> Iterator[TreeChange]:
    """The changes from one tree to another in the order of the nodes; none where they say the same.

    Trees that are too large to be aligned are reported as removed and added.
    """
    if same_tree(old.tree, new.tree):
        return
    alignment = TreeAlignment(old.tree, new.tree)
    if not alignment.is_small:
        yield removed_tree(old)
        yield added_tree(new)
        return
    sides = _Side(old), _Side(new)
    for step in alignment.steps:
        yield from _of_step(step, *sides)


def removed_tree(tree: PlacedTree) -> TreeChange:
    """A whole tree that the new edition does not have."""
    return TreeChange(kind="tree_removed", text=f"the tree {tree_in_words(tree)} was removed", old=tree.place())


def added_tree(tree: PlacedTree) -> TreeChange:
    """A whole tree that the old edition does not have."""
    return TreeChange(kind="tree_added", text=f"the tree {tree_in_words(tree)} was added", new=tree.place())


def moved_tree(old: PlacedTree, new: PlacedTree) -> TreeChange:
    """A whole tree that stands in another passage."""
    text = f"the tree {tree_in_words(new)} moved from {old.passage_id} to {new.passage_id}"
    return TreeChange(kind="tree_moved", text=text, old=old.place(), new=new.place())


def tree_in_words(tree: PlacedTree) -> str:
    """Its first question, and how many conditions and decisions it has."""
    conditions = sum(node.is_condition for node in tree.tree.nodes)
    decisions = sum(bool(node.triples) for node in tree.tree.nodes) - conditions
    counted = ((conditions, "condition"), (decisions, "decision"))
    said = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counted)
    return f"{_label(tree.tree.nodes[0])} ({said})"


class _Side:
    """A tree of one edition with the place of each node below its condition."""

    def __init__(self, placed: PlacedTree) -> None:
        self.placed = placed
        self.nodes = placed.tree.nodes
        self._above: dict[int, tuple[int, bool]] = {}
        for node, pair in enumerate(placed.children):
            for child, answer in zip(pair or (), (True, False), strict=False):
                self._above[child] = node, answer

    def where(self, node: int) -> str:
        """Under which condition a node stands: " where 'fever' holds"."""
        if node not in self._above:
            return ""
        above, holds = self._above[node]
        return f" where {_label(self.nodes[above])} {'holds' if holds else 'does not hold'}"

    def answer_to(self, node: int) -> str:
        return "holds" if self._above[node][1] else "does not hold"


def _of_step(step: Step, old: _Side, new: _Side) -> Iterator[TreeChange]:
    if step.kind == "added" and step.new is not None:
        yield from _added_node(step.new, step.old, old, new)
    elif step.kind == "removed" and step.old is not None:
        yield from _removed_node(step.old, step.new, old, new)
    elif step.old is not None and step.new is not None:
        if step.kind == "swapped":
            text = f"the yes-branch and the no-branch of {_label(new.nodes[step.new])} changed places"
            yield _change("branches_swapped", text, old, step.old, new, step.new)
        yield from _of_pair(step.old, step.new, old, new)


def _added_node(node: int, below: int | None, old: _Side, new: _Side) -> Iterator[TreeChange]:
    label = _label(new.nodes[node])
    if not new.nodes[node].is_condition:
        if new.nodes[node].triples:
            yield _change("decision_added", f"the decision {label} was added{new.where(node)}", old, None, new, node)
        return
    above = "" if below is None else f" above {_label(old.nodes[below])}"
    yield _change("condition_added", f"the condition {label} was added{above or new.where(node)}", old, None, new, node)


def _removed_node(node: int, below: int | None, old: _Side, new: _Side) -> Iterator[TreeChange]:
    label = _label(old.nodes[node])
    if not old.nodes[node].is_condition:
        if old.nodes[node].triples:
            yield _change(
                "decision_removed", f"the decision {label} was removed{old.where(node)}", old, node, new, None
            )
        return
    above = "" if below is None else f" from above {_label(new.nodes[below])}"
    text = f"the condition {label} was removed{above or old.where(node)}"
    yield _change("condition_removed", text, old, node, new, None)


def _of_pair(one: int, other: int, old: _Side, new: _Side) -> Iterator[TreeChange]:
    before, after = old.nodes[one], new.nodes[other]
    where = new.where(other)
    if not before.triples and after.triples:
        yield _change("decision_added", f"the decision {_label(after)} was added{where}", old, one, new, other)
        return
    if before.triples and not after.triples:
        yield _change("decision_removed", f"the decision {_label(before)} was removed{where}", old, one, new, other)
        return
    pairs = triple_pairs(before.triples, after.triples)
    for i, j in pairs:
        left = None if i is None else before.triples[i]
        right = None if j is None else after.triples[j]
        if left and right:
            renamed = any(
                a is not None
                and b is not None
                and before.triples[a].object == left.subject
                and after.triples[b].object == right.subject
                for a, b in pairs
            )
            found = None if triple_key(left) == triple_key(right) else _changed_triple(left, right, after, renamed)
            if found:
                yield _change(found[0], found[1] + where, old, one, new, other, i, j)
        elif right:
            text = f"{_named(right)} was added to {_kind(after)} {_label(before)}{where}"
            yield _change("triple_added", text, old, one, new, other, None, j)
        elif left:
            text = f"{_named(left)} was removed from {_kind(after)} {_label(before)}{where}"
            yield _change("triple_removed", text, old, one, new, other, i, None)
    if len(before.triples) > 1 and len(after.triples) > 1 and before.logical_rel is not after.logical_rel:
        text = f"{_label(before)} is now {_label(after)}: '{before.logical_rel}' became '{after.logical_rel}'{where}"
        yield _change("logic_changed", text, old, one, new, other)


def _changed_triple(left: Triple, right: Triple, node: Node, renamed: bool) -> tuple[TreeChangeKind, str] | None:
    """The kind of change and its sentence; nothing for a dose that follows its drug to another name."""
    if left.relation != right.relation:
        if (left.relation, right.relation) == (_GIVEN, _FORBIDDEN):
            return "relation_changed", f"'{right.object}' was given and is now forbidden"
        if (left.relation, right.relation) == (_FORBIDDEN, _GIVEN):
            return "relation_changed", f"'{right.object}' was forbidden and is now given"
        return "relation_changed", f"'{right.object}' was {_relation(left)} and is now {_relation(right)}"
    if right.relation == ENGLISH.dosage:
        if triple_key(left).object != triple_key(right).object:
            return "dose_changed", f"the dose of '{right.subject}' changed from '{left.object}' to '{right.object}'"
        text = f"the dose '{right.object}' of '{left.subject}' is now that of '{right.subject}'"
        return None if renamed else ("dose_changed", text)
    if node.is_condition:
        return "condition_changed", f"the condition '{left.object}' became '{right.object}'"
    return "decision_changed", f"the {_relation(right)} '{left.object}' became '{right.object}'"


def _change(
    kind: TreeChangeKind,
    text: str,
    old: _Side,
    old_node: int | None,
    new: _Side,
    new_node: int | None,
    old_triple: int | None = None,
    new_triple: int | None = None,
) -> TreeChange:
    return TreeChange(
        kind=kind,
        text=text,
        old=None if old_node is None else old.placed.place(old_node, old_triple),
        new=None if new_node is None else new.placed.place(new_node, new_triple),
    )


def _label(node: Node) -> str:
    """A node in words: "'fever' or 'rash'"."""
    objects = [f"'{triple.object}'" for triple in node.triples if triple.relation != ENGLISH.dosage]
    objects = objects or [f"'{triple.object}'" for triple in node.triples]
    return f" {node.logical_rel} ".join(objects) if objects else "an empty decision"


def _named(triple: Triple) -> str:
    if triple.relation == ENGLISH.dosage:
        return f"the dose '{triple.object}' of '{triple.subject}'"
    return f"the {_relation(triple)} '{triple.object}'"


def _relation(triple: Triple) -> str:
    return triple.relation.replace("_", " ")


def _kind(node: Node) -> str:
    return "the condition" if node.is_condition else "the decision"
