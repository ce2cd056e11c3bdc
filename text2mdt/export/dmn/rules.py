"""Decision tree → the rules of a decision table, of which exactly one fits every case."""

from __future__ import annotations

from dataclasses import dataclass

from text2mdt.cases.questions import QuestionKey, distinct_questions, question_key
from text2mdt.errors import Text2MDTError
from text2mdt.graph import node_truth
from text2mdt.schema import DecisionTree, Triple

MOST_RULES = 5000


@dataclass(frozen=True)
class Rule:
    """One row.

    Attributes:
        answers: for some inputs, by index, the answer that the rule asks for; the others do not matter.
        conditions: the nodes on the way to the decision.
        decision: index of the decision in the tree.
    """

    answers: dict[int, bool]
    conditions: tuple[int, ...]
    decision: int


@dataclass(frozen=True)
class RuleTable:
    """The inputs of a tree, one for each distinct triple of its conditions, and its rules."""

    inputs: tuple[Triple, ...]
    rules: tuple[Rule, ...]


def rule_table(tree: DecisionTree, where: str = "") -> RuleTable:
    """The rules in the order of the tree, yes before no; they exclude each other and leave no case out.

    A path through "A or B" needs two rules: A; not A and B. So does one past "A and B". A triple that stands again
    further down keeps its answer; what it rules out is no rule.

    Raises:
        Text2MDTError: T2M049 for more than `MOST_RULES`; `where` names the tree in it.
    """
    asked = distinct_questions([tree])
    inputs = {key: index for index, key in enumerate(asked)}
    children = tree.children()
    rules: list[Rule] = []
    waiting: list[tuple[int, dict[QuestionKey, bool], tuple[int, ...]]] = [(0, {}, ())]
    while waiting:
        index, known, conditions = waiting.pop()
        pair = children[index]
        if pair is None:
            if len(rules) == MOST_RULES:
                raise Text2MDTError("T2M049", where, limit=MOST_RULES)
            rules.append(Rule({inputs[key]: holds for key, holds in known.items()}, conditions, index))
            continue
        node = tree.nodes[index]
        truth = node_truth(node, lambda triple, known=known: known.get(question_key(triple)))  # type: ignore[misc]
        if truth is not None:
            waiting.append((pair[0] if truth else pair[1], known, (*conditions, index)))
            continue
        open_key = next(key for key in map(question_key, node.triples) if key not in known)
        waiting += [(index, known | {open_key: holds}, conditions) for holds in (False, True)]
    return RuleTable(tuple(asked.values()), tuple(rules))
