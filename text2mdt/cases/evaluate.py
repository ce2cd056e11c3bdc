"""Tree and case → the decision reached, or those that are still possible and what they hang on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from text2mdt.cases.case import Case
from text2mdt.cases.possible import possible_leaves
from text2mdt.graph import walk
from text2mdt.guideline.normal_triples import node_key
from text2mdt.schema import DecisionTree


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PossibleDecision(_Model):
    """A decision that the answers do not rule out.

    Attributes:
        node: its index in the tree.
        hangs_on: the open conditions on the way to it, each with the answer that leads there, from the root on.
    """

    node: int
    hangs_on: tuple[tuple[int, bool], ...] = ()


class Evaluation(_Model):
    """How far a case comes in a tree.

    Attributes:
        steps: the conditions that are settled, from the root on, each with its answer, up to the first open one.
        node: where these lead: a decision, or the open condition.
        possible: all decisions that are possible, in pre-order; the only one where the case has reached it.
        settled: the possible decisions all say the same, so that no more need be asked.
    """

    steps: tuple[tuple[int, bool], ...]
    node: int
    possible: tuple[PossibleDecision, ...]
    settled: bool

    @property
    def reached(self) -> int | None:
        """The decision that the case has come to; None while several nodes are possible."""
        return self.possible[0].node if len(self.possible) == 1 else None


def evaluate(tree: DecisionTree, answers: Case) -> Evaluation:
    """Walks a case through a tree in three-valued logic; what is unknown or not yet asked leaves both branches open.

    A condition counts as settled also where earlier answers leave only one of its branches.
    """
    leaves = possible_leaves(tree, answers)
    settled = {step.node: step.holds for leaf in leaves for step in leaf.steps if not step.open}
    position = walk(tree, settled)
    possible = tuple(
        PossibleDecision(node=leaf.node, hangs_on=tuple((step.node, step.holds) for step in leaf.steps if step.open))
        for leaf in leaves
    )
    return Evaluation(
        steps=position.steps,
        node=position.node_index,
        possible=possible,
        settled=len({node_key(tree.nodes[leaf.node]) for leaf in leaves}) == 1,
    )
