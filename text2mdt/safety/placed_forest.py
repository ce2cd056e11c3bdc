"""Trees, their paths and the places of their objects in the passage, as every check reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from text2mdt.grounding import Place, mentions
from text2mdt.relations import RelationSet
from text2mdt.safety.table_rows import Row, table_rows
from text2mdt.safety.text_pieces import lead_in, overlap, piece_at, sentences, statements
from text2mdt.schema import DecisionTree, Grounding, Node, NodeWarning, Passage, Role, Span, Triple, join_forest

Step = tuple[int, bool]
"""A condition of the forest and the answer that leads on."""


@dataclass(frozen=True)
class Item:
    """A triple with its number within the forest, and where its object stands (None: nowhere)."""

    node: int
    index: int
    triple: Triple
    place: Place | None

    @property
    def words(self) -> str:
        """The object in lower case, with single blanks: what two triples are compared by."""
        return " ".join(self.triple.object.lower().split())


def in_text_order(items: Iterable[Item]) -> list[Item]:
    """Those with a place, in the order of the text."""
    return sorted((item for item in items if item.place), key=lambda item: item.place or (0, 0))


class PlacedForest:
    """The trees of one passage; nodes are counted over all trees, as in `PassageResult.tree`.

    Attributes:
        nodes: of all trees, in pre-order.
        paths: for each node the steps from its root to it.
        children: for each node its yes-child and its no-child, None for a decision.
        tree_of: for each node the number of its tree.
    """

    def __init__(
        self,
        passage: Passage,
        trees: Sequence[DecisionTree],
        groundings: Sequence[Grounding],
        relations: RelationSet,
    ) -> None:
        self.text, self.population, self.relations = passage.text, passage.population, relations
        self.nodes: tuple[Node, ...] = tuple(join_forest(trees))
        self._places = {
            (found.node, found.triple): (found.passage_span.start, found.passage_span.end)
            for found in groundings
            if found.part == "object" and found.passage_span.start < found.passage_span.end <= len(self.text)
        }
        self.children: list[tuple[int, int] | None] = []
        self.paths: list[tuple[Step, ...]] = []
        self.tree_of: list[int] = []
        for number, tree in enumerate(trees):
            first = len(self.children)
            self.children += [pair and (first + pair[0], first + pair[1]) for pair in tree.children()]
            self.tree_of += [number] * len(tree)
        self.paths = _paths(self.children)
        self._mentions: dict[str, tuple[Place, ...]] = {}
        self._answers = [dict(path) for path in self.paths]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All triples in the order of the trees."""
        return tuple(
            Item(number, index, triple, self._places.get((number, index)))
            for number, node in enumerate(self.nodes)
            for index, triple in enumerate(node.triples)
        )

    @cached_property
    def sentences(self) -> tuple[Place, ...]:
        return sentences(self.text)

    @cached_property
    def statements(self) -> tuple[Place, ...]:
        return statements(self.text)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Of the tables in the passage."""
        return table_rows(self.text, self.sentences)

    def statement_with_lead_in(self, place: Place) -> list[Place]:
        """The statement of a place, after the lead-in of its list."""
        statement = piece_at(self.statements, place)
        lead = lead_in(self.text, self.statements, statement)
        return [piece for piece in (lead, statement) if piece]

    def row_at(self, place: Place) -> Row | None:
        return next((row for row in self.rows if overlap(row.place, place)), None)

    @cached_property
    def _by_node(self) -> list[list[Item]]:
        by_node: list[list[Item]] = [[] for _ in self.nodes]
        for item in self.items:
            by_node[item.node].append(item)
        return by_node

    def mentions(self, words: str) -> tuple[Place, ...]:
        """All places of some words in the passage."""
        if words not in self._mentions:
            self._mentions[words] = mentions(self.text, words)
        return self._mentions[words]

    def of_node(self, node: int) -> Iterator[Item]:
        return iter(self._by_node[node])

    @cached_property
    def conditions(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if self.nodes[item.node].role is Role.CONDITION)

    @cached_property
    def actions(self) -> tuple[Item, ...]:
        """The triples of decisions, without doses."""
        decisions = (item for item in self.items if self.nodes[item.node].role is Role.DECISION)
        return tuple(item for item in decisions if not self.is_dose(item))

    def is_dose(self, item: Item) -> bool:
        return item.triple.relation == self.relations.dosage

    def is_drug(self, item: Item) -> bool:
        return item.triple.relation in self.relations.drugs

    def forbids(self, item: Item) -> bool:
        """Whether the relation itself says that the drug is not to be given."""
        known = self.relations.by_name.get(item.triple.relation)
        return known is not None and known.keyword == "avoid"

    def answer(self, condition: int, node: int) -> bool | None:
        """On which branch of a condition a node stands; None where it is not below it."""
        return self._answers[node].get(condition)


def _paths(children: Sequence[tuple[int, int] | None]) -> list[tuple[Step, ...]]:
    paths: list[tuple[Step, ...]] = [()] * len(children)
    for node, pair in enumerate(children):
        if pair is not None:
            paths[pair[0]] = (*paths[node], (node, True))
            paths[pair[1]] = (*paths[node], (node, False))
    return paths


def warning(kind: str, item: Item, text: str, place: Place | None = None) -> NodeWarning:
    """A warning on one triple; `place` is where the passage speaks against it."""
    span = Span(start=place[0], end=place[1]) if place else None
    return NodeWarning(kind=kind, node=item.node, triple=item.index, text=text, passage_span=span)
