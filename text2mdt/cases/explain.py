"""Why a case comes to a decision: the conditions on the way, their answers, and the words and pages of the source."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from text2mdt.cases.case import Answer, Case
from text2mdt.cases.evaluate import evaluate
from text2mdt.cases.forest import CaseTree
from text2mdt.schema import DecisionTree, Logic, Triple
from text2mdt.sourced_tree import Quote


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExplainedTriple(_Model):
    """A triple, the answer to it (of a condition), and the words it was taken from."""

    triple: Triple
    answer: Answer | None = None
    quotes: tuple[Quote, ...] = ()


class ExplainedCondition(_Model):
    """A condition of the tree and its answer; None where it is open."""

    node: int
    holds: bool | None
    logical_rel: Logic
    triples: tuple[ExplainedTriple, ...]


class ExplainedDecision(_Model):
    """A decision that is reached or possible; without triples the text recommends nothing.

    Attributes:
        strengths: how firmly the text recommends it.
        hangs_on: the open conditions on the way to it; `holds` is the answer that leads there.
    """

    node: int
    logical_rel: Logic
    triples: tuple[ExplainedTriple, ...]
    strengths: tuple[str, ...] = ()
    hangs_on: tuple[ExplainedCondition, ...] = ()


class Explanation(_Model):
    """What a tree says of a case.

    Attributes:
        population: whom the tree speaks of.
        passages: ids of the passages that say it.
        path: the settled conditions from the root on.
        open: the condition that the case stands before; None at a decision.
        decisions: the one that is reached, or all that are possible.
        settled: no further answer changes what is decided.
    """

    population: str
    passages: tuple[str, ...]
    path: tuple[ExplainedCondition, ...]
    open: ExplainedCondition | None
    decisions: tuple[ExplainedDecision, ...]
    settled: bool


def explain(tree: CaseTree | DecisionTree, answers: Case) -> Explanation:
    """The way of a case through a tree; a bare `DecisionTree` has no source to quote."""
    told = CaseTree("", tree) if isinstance(tree, DecisionTree) else tree
    found = evaluate(told.tree, answers)
    is_condition = told.tree.nodes[found.node].is_condition
    decisions = tuple(
        ExplainedDecision(
            node=one.node,
            logical_rel=told.tree.nodes[one.node].logical_rel,
            triples=_triples(told, one.node, None),
            strengths=told.strengths(one.node),
            hangs_on=tuple(_condition(told, node, holds, answers) for node, holds in one.hangs_on),
        )
        for one in found.possible
    )
    return Explanation(
        population=told.population,
        passages=tuple(dict.fromkeys(source.result.id for source in told.sources)),
        path=tuple(_condition(told, node, holds, answers) for node, holds in found.steps),
        open=_condition(told, found.node, None, answers) if is_condition else None,
        decisions=decisions,
        settled=found.settled,
    )


def _condition(told: CaseTree, node: int, holds: bool | None, answers: Case) -> ExplainedCondition:
    logic = told.tree.nodes[node].logical_rel
    return ExplainedCondition(node=node, holds=holds, logical_rel=logic, triples=_triples(told, node, answers))


def _triples(told: CaseTree, node: int, answers: Case | None) -> tuple[ExplainedTriple, ...]:
    quotes = told.quotes(node)
    return tuple(
        ExplainedTriple(
            triple=triple,
            answer=None if answers is None else answers.answer(triple),
            quotes=tuple(quote for quote in quotes if quote.triple == number),
        )
        for number, triple in enumerate(told.tree.nodes[node].triples)
    )
