"""Edits of a review: what there are, reading them, and applying them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from text2mdt.errors import Text2MDTError
from text2mdt.guideline.placed_trees import DEEPEST
from text2mdt.json_problem import validation_problem
from text2mdt.review import edit_nodes, edit_taking, edit_trees, edit_triples
from text2mdt.review.counted_forest import counted_forest
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
    TakenTree,
    TakeTrees,
)
from text2mdt.review.reading_again import read_again
from text2mdt.review.review_tree import PassageReview, depth

__all__ = [
    "AcceptAll",
    "AddNode",
    "AddTree",
    "AddTriple",
    "CommentOn",
    "DeleteNode",
    "DeleteTree",
    "DeleteTriple",
    "Edit",
    "FixTriple",
    "MoveSubtree",
    "NewTriple",
    "SetLogic",
    "SetPopulation",
    "SetRole",
    "SetVerdict",
    "SplitTree",
    "SwapBranches",
    "TakeTrees",
    "TakenTree",
    "apply_edit",
    "edit_json",
    "read_edit",
]

_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)

_APPLIED: MappingProxyType[type, Callable[[PassageReview, Any], PassageReview]] = MappingProxyType(
    {
        SetVerdict: edit_triples.set_verdict,
        FixTriple: edit_triples.fix_triple,
        CommentOn: edit_triples.comment_on,
        AddTriple: edit_triples.add_triple,
        DeleteTriple: edit_triples.delete_triple,
        AcceptAll: edit_triples.accept_all,
        SetLogic: edit_nodes.set_logic,
        SetRole: edit_nodes.set_role,
        AddNode: edit_nodes.add_node,
        DeleteNode: edit_nodes.delete_node,
        SwapBranches: edit_nodes.swap_branches,
        MoveSubtree: edit_trees.move_subtree,
        SplitTree: edit_trees.split_tree,
        AddTree: edit_trees.add_tree,
        DeleteTree: edit_trees.delete_tree,
        SetPopulation: edit_trees.set_population,
        TakeTrees: edit_taking.take_trees,
    }
)


def apply_edit(review: PassageReview, edit: Edit) -> PassageReview:
    """The review after an edit, with the warnings and recommendations of its trees as they are then.

    The given review stays as it is; an edit that changes nothing gives it back. Ids of nodes and triples that stay are
    kept, new ones count on from `next_id`, and none is given twice.

    Raises:
        Text2MDTError: T2M080 (no such node or triple), T2M081 (a relation of the other role), T2M082 (something would
            be lost), T2M083 (the edit does not fit), T2M084 (marked words), T2M085 (too deep).
    """
    edited = _APPLIED[type(edit)](review, edit)
    if edited == review:
        return review
    for tree in edited.trees:
        if depth(tree) > DEEPEST:
            raise Text2MDTError("T2M085", f"passage {review.passage.id}, node {tree.id}", limit=DEEPEST)
    return read_again(edited, counted_forest(review))


def read_edit(value: str | bytes | Mapping[str, object]) -> Edit:
    """An edit from JSON text or from its fields as JSON values; raises T2M086 for what is none."""
    try:
        text = value if isinstance(value, str | bytes) else json.dumps(value)
        return _EDIT.validate_json(text)
    except ValidationError as error:
        raise Text2MDTError("T2M086", detail=validation_problem(error)) from error
    except (TypeError, ValueError, RecursionError) as error:  # values that JSON does not know
        raise Text2MDTError("T2M086", detail=str(error)) from error


def edit_json(edit: Edit) -> str:
    """An edit as JSON, without line breaks; `read_edit` reads it."""
    return _EDIT.dump_json(edit).decode()
