"""Random trees whose conditions share triples, and what the plain reading of a tree decides, for many tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random

from text2mdt.cases import QuestionKey, distinct_questions, question_key
from text2mdt.relations import ENGLISH
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple

POPULATION = "Children with acute otitis media"
CONDITIONS = ["fever", "temperature ≥ 38.5 °C", 'so-called "red flags"', "耳漏", "eGFR < 30", "pregnant", "=SUM(A1)"]
CONDITIONS += ["no improvement after 48 hours", "a | b [c] {d} (e)", "<script>alert(1)</script>", "👶 under 2"]
ACTIONS = ["amoxicillin", "watchful waiting", "-5% glucose", "阿莫西林", "@once daily\nwith food", "x" * 500]
ACTIONS += [
    "AND",
    "OR",
    "none",
    " blank edges ",
    "back\\slash; `tick` #35; $x$ %%{init}%%",
    "referral: a, b",
    "",
    "\x07\u2028",
]


def random_forest(
    random: Random, most_trees: int = 3, most_questions: int = 6, most_conditions: int = 7, most_triples: int = 3
) -> list[DecisionTree]:
    """One tree, or several that share their distinct triples, of which there are up to `most_questions`."""
    pool = random.sample(CONDITIONS, random.randint(min(2, most_questions), most_questions))
    number = random.randint(1, most_trees)
    return [random_tree(random, most_conditions, most_triples, pool) for _ in range(number)]


def random_tree(
    random: Random, most_conditions: int = 7, most_triples: int = 3, pool: list[str] | None = None
) -> DecisionTree:
    """A tree of up to so many conditions, over a few distinct triples each."""
    pool = pool or random.sample(CONDITIONS, random.randint(2, len(CONDITIONS)))
    left = random.randint(0, most_conditions)
    nodes: list[Node] = []
    missing = 1
    while missing:
        asks = left > 0 and (missing == 1 or random.random() < 0.5)
        left -= asks
        nodes.append(_condition(random, pool, most_triples) if asks else _decision(random, most_triples))
        missing += 1 if asks else -1
    return DecisionTree(nodes=tuple(nodes))


def _condition(random: Random, pool: list[str], most: int) -> Node:
    words = [random.choice(pool) for _ in range(random.randint(1, most))]
    return _node(random, Role.CONDITION, [Triple(POPULATION, "clinical_feature", each) for each in words])


def _decision(random: Random, most: int) -> Node:
    triples: list[Triple] = []
    for _ in range(random.randint(0, most)):
        relation = random.choice([one.name for one in ENGLISH.of_role("D")])
        subject = random.choice(ACTIONS) if relation == ENGLISH.dosage else POPULATION
        triples.append(Triple(subject, relation, random.choice(ACTIONS)))
    return _node(random, Role.DECISION, triples)


def _node(random: Random, role: Role, triples: list[Triple]) -> Node:
    logic = random.choice([Logic.AND, Logic.OR]) if len(triples) > 1 else Logic.NULL
    return Node(role=role, triples=tuple(triples), logical_rel=logic)


def decided(tree: DecisionTree, truth: Mapping[QuestionKey, bool]) -> int:
    """The index of the decision by the rules of annotation.md, node after node."""
    index = 0
    while tree.nodes[index].is_condition:
        node = tree.nodes[index]
        values = [truth[question_key(triple)] for triple in node.triples]
        holds = any(values) if node.logical_rel is Logic.OR else all(values)
        index += 1
        if not holds:
            index = _behind(tree, index)
    return index


def _behind(tree: DecisionTree, index: int) -> int:
    """The first node behind the subtree that starts at an index."""
    missing = 1
    while missing:
        missing += 1 if tree.nodes[index].is_condition else -1
        index += 1
    return index


def assignments(trees: Sequence[DecisionTree], random: Random, most: int = 1024) -> Iterator[dict[QuestionKey, bool]]:
    """Every truth of the distinct triples, or a sample where there are more than `most`."""
    keys = list(distinct_questions(trees))
    if 2 ** len(keys) <= most:
        for values in product((True, False), repeat=len(keys)):
            yield dict(zip(keys, values, strict=True))
        return
    for _ in range(most):
        yield {key: random.random() < 0.5 for key in keys}
