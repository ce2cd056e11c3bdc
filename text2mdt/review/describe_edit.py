"""Edits in words: one line for people."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from text2mdt.errors import Text2MDTError
from text2mdt.relations import ENGLISH
from text2mdt.review.edit_kinds import (
    AcceptAll,
    AddNode,
    AddTree,
    AddTriple,
    CommentOn,
    DeleteNode,
    DeleteTree,
    DeleteTriple,
    Edit,
    FixTriple,
    MoveSubtree,
    NewTriple,
    SetLogic,
    SetPopulation,
    SetRole,
    SetVerdict,
    SplitTree,
    SwapBranches,
    TakeTrees,
)
from text2mdt.review.problems import ROLES
from text2mdt.review.review_tree import PassageReview, ReviewNode, ReviewTriple, Verdict
from text2mdt.review.tree_places import node_of, triple_of
from text2mdt.schema import Role, Span

_LONGEST = 80
"""Characters of quoted words."""
_VERDICTS = {
    Verdict.ACCEPTED: "accepted",
    Verdict.REJECTED: "rejected",
    Verdict.OPEN: "opened again",
    Verdict.FIXED: "marked as corrected",
}


def describe(edit: Edit, before: PassageReview) -> str:
    """What an edit does, in one line of plain text: "accepted 'drug: amoxicillin'".

    Args:
        before: the review that it is, or was, applied to. Nodes and triples that it does not have are called by id.
    """
    return _DESCRIBED[type(edit)](edit, before)


def _verdict(edit: SetVerdict, before: PassageReview) -> str:
    return f"{_VERDICTS[edit.verdict]} {_triple(edit.triple, before)}"


def _fix(edit: FixTriple, before: PassageReview) -> str:
    old = _found(edit.triple, before)
    if old is None:
        return f"corrected {quoted(edit.triple)}"
    words = edit.object or _marked(edit.object_span, before) or old.object
    new = old.model_copy(
        update={
            "subject": edit.subject or _marked(edit.subject_span, before) or old.subject,
            "relation": edit.relation or old.relation,
            "object": words,
        }
    )
    if new.triple == old.triple:
        return f"corrected the place of {_label(old)}"
    if (new.relation, new.object) == (old.relation, old.object):
        return f"corrected the subject of {_label(old)} to {quoted(new.subject)}"
    return f"corrected {_label(old)} to {_label(new)}"


def _comment(edit: CommentOn, before: PassageReview) -> str:
    target = _triple(edit.target, before) if edit.target.startswith("t") else _node(edit.target, before)
    if not edit.comment.strip():
        return f"removed the comment on {target}"
    return f"commented on {target}: {quoted(edit.comment)}"


def _add_triple(edit: AddTriple, before: PassageReview) -> str:
    return f"added {_new(edit.triple, before)} to {_node(edit.node, before)}"


def _delete_triple(edit: DeleteTriple, before: PassageReview) -> str:
    return f"deleted {_triple(edit.triple, before)}"


def _logic(edit: SetLogic, before: PassageReview) -> str:
    if edit.logical_rel == "null":
        return f"removed the logic of {_node(edit.node, before)}"
    return f"joined the triples of {_node(edit.node, before)} by '{edit.logical_rel}'"


def _role(edit: SetRole, before: PassageReview) -> str:
    return f"made {_node(edit.node, before)} a {ROLES[edit.role]}"


def _add_node(edit: AddNode, before: PassageReview) -> str:
    words = ", ".join(_new(triple, before) for triple in edit.triples) or "without words yet"
    return f"put a condition ({words}) above {_node(edit.node, before)}, which is now its {edit.branch}-branch"


def _delete_node(edit: DeleteNode, before: PassageReview) -> str:
    name = _node(edit.node, before)
    if edit.keep:
        return f"deleted {name}, keeping its {edit.keep}-branch"
    found = next((node for node in before.nodes() if node.id == edit.node), None)
    return f"deleted {name}" + (" with all below it" if found and found.is_condition else "")


def _swap(edit: SwapBranches, before: PassageReview) -> str:
    return f"swapped the branches of {_node(edit.node, before)}"


def _move(edit: MoveSubtree, before: PassageReview) -> str:
    if edit.exchange:
        return f"exchanged {_node(edit.node, before)} and {_node(edit.target, before)}"
    for node in before.nodes():
        for branch, child in zip(("yes", "no"), node.children, strict=False):
            if child.id == edit.target:
                return f"moved {_node(edit.node, before)} to the {branch}-branch of {_node(node.id, before)}"
    return f"moved {_node(edit.node, before)} to {_node(edit.target, before)}"


def _split(edit: SplitTree, before: PassageReview) -> str:
    return f"made {_node(edit.node, before)} a tree of its own"


def _add_tree(edit: AddTree, before: PassageReview) -> str:
    words = ", ".join(_new(triple, before) for triple in edit.triples) or "without words yet"
    return f"added a tree that begins with a {ROLES[edit.role]} ({words})"


def _delete_tree(edit: DeleteTree, before: PassageReview) -> str:
    return f"deleted the tree of {_node(edit.node, before)}"


def _population(edit: SetPopulation, before: PassageReview) -> str:
    return f"changed the population from {quoted(before.population)} to {quoted(edit.population)}"


def _take_trees(edit: TakeTrees, before: PassageReview) -> str:
    number = f"{len(edit.trees)} tree{'' if len(edit.trees) == 1 else 's'}"
    new = sum(one.replaces is None for one in edit.trees)
    told = f"took {number} from a file" + (f", {new} of them new" if new else "")
    return told if edit.population is None else f"{told}, and the population {quoted(edit.population)}"


def _accept_all(edit: AcceptAll, before: PassageReview) -> str:
    if edit.node is None:
        return "accepted all open triples of the passage"
    below = " and of all nodes below it" if edit.below else ""
    return f"accepted all open triples of {_node(edit.node, before)}{below}"


def quoted(words: str) -> str:
    """Words in quotes, on one line, shortened."""
    words = " ".join(words.split())
    return f"'{words if len(words) <= _LONGEST else words[: _LONGEST - 1] + '…'}'"


def _label(triple: ReviewTriple) -> str:
    return _worded(triple.relation, triple.object, triple.subject)


def _worded(relation: str, words: str, subject: str | None) -> str:
    known = ENGLISH.by_name.get(relation)
    name = known.keyword if known else relation.replace("_", " ")
    drug = f" of {subject}" if relation == ENGLISH.dosage and subject else ""
    return quoted(f"{name}: {words}{drug}")


def _new(triple: NewTriple, before: PassageReview) -> str:
    words = triple.object or _marked(triple.object_span, before) or "?"
    return _worded(triple.relation, words, triple.subject or _marked(triple.subject_span, before))


def _marked(span: Span | None, before: PassageReview) -> str | None:
    return before.passage.text[span.start : span.end] if span else None


def _found(triple: str, before: PassageReview) -> ReviewTriple | None:
    try:
        return triple_of(before, triple)[1]
    except Text2MDTError:
        return None


def _triple(triple: str, before: PassageReview) -> str:
    found = _found(triple, before)
    return _label(found) if found else quoted(triple)


def _node(node: str, before: PassageReview) -> str:
    try:
        return node_in_words(node_of(before, node))
    except Text2MDTError:
        return f"node {quoted(node)}"


def node_in_words(node: ReviewNode) -> str:
    """A node by its role and its words: "the condition 'fever' or 'rash'"."""
    if not node.triples:
        return "an empty condition" if node.role is Role.CONDITION else "an empty decision"
    triples = node.counted or node.triples
    joined = f" {node.logical_rel} " if node.logical_rel != "null" else ", "
    return f"the {ROLES[node.role]} {joined.join(quoted(triple.object) for triple in triples)}"


_DESCRIBED: MappingProxyType[type, Callable[[Any, PassageReview], str]] = MappingProxyType(
    {
        SetVerdict: _verdict,
        FixTriple: _fix,
        CommentOn: _comment,
        AddTriple: _add_triple,
        DeleteTriple: _delete_triple,
        SetLogic: _logic,
        SetRole: _role,
        AddNode: _add_node,
        DeleteNode: _delete_node,
        SwapBranches: _swap,
        MoveSubtree: _move,
        SplitTree: _split,
        AddTree: _add_tree,
        DeleteTree: _delete_tree,
        SetPopulation: _population,
        TakeTrees: _take_trees,
        AcceptAll: _accept_all,
    }
)
