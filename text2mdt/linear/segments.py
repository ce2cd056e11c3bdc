"""Target text in pieces: structure and spans, tokenised apart in training as in decoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from transformers import PreTrainedTokenizerBase

from text2mdt.relations import RelationSet
from text2mdt.schema import DecisionTree, Logic, Node, Role, Triple


class Segment(NamedTuple):
    """A piece of a target text; a span is copied from the passage (or names the population), the rest is structure."""

    text: str
    is_span: bool


class Step(NamedTuple):
    """Something that a model writes, and reads again, before it writes the trees."""

    heading: str
    """As the prompt asks for it."""
    grammar: str
    """Name of its grammar (`text2mdt.grammar`)."""
    write: Callable[[Sequence[DecisionTree], str, RelationSet, str], list[Segment]]
    """The text in pieces, from trees, population, relations and passage; `none` where there are no trees."""


class Format(Protocol):
    """One way to write the trees of a passage as text."""

    @property
    def name(self) -> str:
        """As configurations and adapters name it."""

    @property
    def earlier(self) -> tuple[Step, ...]:
        """Steps before the trees, each an answer of its own; most formats have none."""

    def segments(
        self, trees: Sequence[DecisionTree], population: str, relations: RelationSet, text: str = ""
    ) -> list[Segment]:
        """The target text in pieces; raises T2M004 for a relation that the set does not hold.

        Args:
            text: the passage, for formats that follow its order.
        """

    def write(self, trees: Sequence[DecisionTree], population: str, relations: RelationSet) -> str:
        """The target text: the segments joined."""

    def read(self, text: str, population: str, relations: RelationSet) -> tuple[list[DecisionTree], tuple[str, ...]]:
        """The trees of a text and what had to be mended; raises T2M002 where nothing can be read."""


def structure(text: str) -> Segment:
    """A piece that is no span."""
    return Segment(text, is_span=False)


def merged(segments: Iterable[Segment]) -> list[Segment]:
    """The segments with neighbouring pieces of structure made one."""
    pieces: list[Segment] = []
    for segment in segments:
        if pieces and not segment.is_span and not pieces[-1].is_span:
            pieces[-1] = structure(pieces[-1].text + segment.text)
        else:
            pieces.append(segment)
    return pieces


def join(segments: Iterable[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def encode_target(tokenizer: PreTrainedTokenizerBase, segments: Iterable[Segment]) -> list[int]:
    """The token ids of a target text, each segment tokenised by itself, without special tokens."""
    texts = [segment.text for segment in segments if segment.text]
    if not texts:
        return []
    encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [token for tokens in encoded for token in tokens]


def make_node(role: Role, triples: Sequence[Triple], logic: Logic) -> Node:
    """A node whose logic fits its number of triples (`and` where two or more come without one)."""
    if len(triples) < 2:
        logic = Logic.NULL
    elif logic is Logic.NULL:
        logic = Logic.AND
    return Node(role=role, triples=tuple(triples), logical_rel=logic)
