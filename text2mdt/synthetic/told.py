"""A tree with the clauses that say it, and what constructions draw from."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from text2mdt.synthetic.facts import Facts
from text2mdt.synthetic.tree import Condition, Leaf, Tree
from text2mdt.synthetic.writer import Writer

NOTHING = Leaf()


@dataclass(frozen=True)
class Told:
    """A tree and the clauses that say it, in their order.

    Attributes:
        kinds: the names of the constructions used, the outermost first.
        nested: some clause holds a tree of its own, so that no other clause may follow it within one sentence.
    """

    tree: Tree
    clauses: tuple[str, ...]
    kinds: tuple[str, ...]
    nested: bool = False


@dataclass
class Teller:
    """What a construction draws from: words, facts and chance."""

    w: Writer
    facts: Facts

    @property
    def rng(self) -> Random:
        return self.w.rng

    def conditions(self) -> tuple[tuple[Condition, ...], str]:
        """One condition mostly; sometimes several under one logic."""
        draw = self.rng.random()
        if draw < 0.04:
            return (self.facts.lacking(),), "and"
        if draw < 0.7:
            return (self.facts.condition(),), "and"
        if draw < 0.86:
            return (self.facts.nominal(), self.facts.nominal()), "or"
        if draw < 0.9:
            return (self.facts.nominal(), self.facts.nominal()), "and"
        if draw < 0.94:
            return (self.facts.basic(), self.facts.feature()), self.w.pick(("or", "and"))
        if draw < 0.975:
            return tuple(self.facts.nominal() for _ in range(3)), self.w.pick(("or", "or", "and"))
        return (self.facts.at_least(),), "and"
