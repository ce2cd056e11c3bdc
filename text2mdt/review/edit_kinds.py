"""The edits that a person can make of a passage's trees, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from text2mdt.review.review_tree import Verdict
from text2mdt.schema import Logic, Node, Role, Span

Branch = Literal["yes", "no"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewTriple(_Model):
    """A triple made by hand; its verdict is "fixed".

    Attributes:
        relation: one that stands in nodes of this role.
        object: its words; None takes the words of `object_span`. Words that are not in the text are ungrounded.
        subject: None takes the population and, for a dose, the only drug of the node.
        subject_span, object_span: where the user marked the words; None looks for them in the text.
    """

    relation: str
    object: str | None = None
    subject: str | None = None
    subject_span: Span | None = None
    object_span: Span | None = None


class SetVerdict(_Model):
    """Judges a triple."""

    kind: Literal["set_verdict"] = "set_verdict"
    triple: str
    verdict: Verdict


class FixTriple(_Model):
    """Corrects a triple: what is None stays. Its verdict becomes "fixed"; doses follow a drug to its new name."""

    kind: Literal["fix_triple"] = "fix_triple"
    triple: str
    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    subject_span: Span | None = None
    object_span: Span | None = None


class CommentOn(_Model):
    """Writes a comment on a node or a triple, in place of the one before; an empty one removes it."""

    kind: Literal["comment_on"] = "comment_on"
    target: str
    comment: str


class AddTriple(_Model):
    """Adds a triple to a node, at an index or at the end.

    `logical_rel` says how the triples of the node belong together from then on; None leaves it as it is, which with a
    second triple is an open question (`problems_of`).
    """

    kind: Literal["add_triple"] = "add_triple"
    node: str
    triple: NewTriple
    position: int | None = None
    logical_rel: Logic | None = None


class DeleteTriple(_Model):
    """Takes a triple away for good; `SetVerdict` with "rejected" leaves it to be seen."""

    kind: Literal["delete_triple"] = "delete_triple"
    triple: str


class SetLogic(_Model):
    """Says how the triples of a node belong together."""

    kind: Literal["set_logic"] = "set_logic"
    node: str
    logical_rel: Logic


class SetRole(_Model):
    """Makes a decision a condition, with two empty decisions below it, or a condition a decision, without its children.

    Attributes:
        relation: the relation of all its triples from now on; None leaves them, and `problems_of` names those that do
            not stand in the new role.
        may_drop: children that hold anything may be lost.
    """

    kind: Literal["set_role"] = "set_role"
    node: str
    role: Role
    relation: str | None = None
    may_drop: bool = False


class AddNode(_Model):
    """Puts a condition above a node; the node goes to `branch` of it, an empty decision to the other."""

    kind: Literal["add_node"] = "add_node"
    node: str
    branch: Branch
    triples: tuple[NewTriple, ...] = ()
    logical_rel: Logic | None = None


class DeleteNode(_Model):
    """Replaces a condition by one of its children, or a node by an empty decision.

    Attributes:
        keep: the branch that takes the condition's place; None for an empty decision.
        may_drop: children that are not kept and hold anything may be lost.
    """

    kind: Literal["delete_node"] = "delete_node"
    node: str
    keep: Branch | None = None
    may_drop: bool = False


class SwapBranches(_Model):
    """Exchanges the yes-branch and the no-branch of a condition."""

    kind: Literal["swap_branches"] = "swap_branches"
    node: str


class MoveSubtree(_Model):
    """Moves a node with all below it into the place of an empty decision, leaving an empty decision behind.

    A whole tree can be moved so; nothing of it is left behind then. With `exchange` the two subtrees change places,
    and the target may hold anything.
    """

    kind: Literal["move_subtree"] = "move_subtree"
    node: str
    target: str
    exchange: bool = False


class SplitTree(_Model):
    """Makes a subtree an independent tree behind its own, leaving an empty decision behind."""

    kind: Literal["split_tree"] = "split_tree"
    node: str


class AddTree(_Model):
    """Adds an independent tree: a condition with two empty decisions, or a lone decision; at an index or at the end."""

    kind: Literal["add_tree"] = "add_tree"
    role: Role = Role.CONDITION
    triples: tuple[NewTriple, ...] = ()
    logical_rel: Logic | None = None
    position: int | None = None


class DeleteTree(_Model):
    """Takes a whole tree away; `node` is its root."""

    kind: Literal["delete_tree"] = "delete_tree"
    node: str


class TakenTree(_Model):
    """A whole tree from elsewhere: its nodes in pre-order, and the root of the tree that it replaces, if any."""

    nodes: tuple[Node, ...]
    replaces: str | None = None


class TakeTrees(_Model):
    """Takes trees that were edited elsewhere, in place of others or behind them.

    Nodes and triples that stay keep their ids; a triple that stays to the letter its verdict, all others are open.

    Attributes:
        population: the patients that the passage speaks of from then on; None leaves them.
    """

    kind: Literal["take_trees"] = "take_trees"
    trees: tuple[TakenTree, ...]
    population: str | None = None


class SetPopulation(_Model):
    """Changes the patients that the passage speaks of, and with them the subject of every triple that had them."""

    kind: Literal["set_population"] = "set_population"
    population: str


class AcceptAll(_Model):
    """Accepts the open triples of a node, with `below` also of all nodes below it; without a node, of all trees."""

    kind: Literal["accept_all"] = "accept_all"
    node: str | None = None
    below: bool = False


Edit = Annotated[
    SetVerdict
    | FixTriple
    | CommentOn
    | AddTriple
    | DeleteTriple
    | SetLogic
    | SetRole
    | AddNode
    | DeleteNode
    | SwapBranches
    | MoveSubtree
    | SplitTree
    | AddTree
    | DeleteTree
    | SetPopulation
    | TakeTrees
    | AcceptAll,
    Field(discriminator="kind"),
]
"""Any of the edits; `kind` tells which."""
