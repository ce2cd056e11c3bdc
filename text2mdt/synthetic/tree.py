"""A tree before it has words: conditions and actions in place, their objects still to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from text2mdt.relations import ENGLISH


@dataclass(frozen=True, eq=False)
class Condition:
    """A fact that is asked about, in the forms in which it can be put into a sentence; at least one is given.

    Attributes:
        relation: `clinical_feature` or `basic_information`.
        noun: what follows "with": `pleural effusion`, without its article.
        article: of the noun, `a `, `an `, `the ` or empty.
        clause: a finite clause, `eGFR is below 30 mL/min`, with `clause_article` in front.
        state: what follows "who are": `pregnant`, `older than 75 years`.
        does: what follows "patients who", in the plural: `do not respond to colchicine`.
        has: what follows "the patient", in the singular: `weighs less than 20 kg`.
        short: the bare value under a heading that names what was measured: `below 30 mL/min`.
        heading: that heading: `eGFR`.
    """

    relation: str
    noun: str = ""
    article: str = ""
    clause: str = ""
    clause_article: str = ""
    state: str = ""
    does: str = ""
    has: str = ""
    short: str = ""
    heading: str = ""


@dataclass(frozen=True, eq=False)
class Action:
    """Something to do. `form` is `noun` ("offer X"), `verb` (X is an imperative) or `target` ("refer to X").

    `named_by` is the action whose name in the text serves this one too: a drug named once with several doses.
    """

    relation: str
    name: str
    article: str = ""
    form: str = "noun"
    dose: str = ""
    named_by: Action | None = None


@dataclass(frozen=True, eq=False)
class Leaf:
    """A decision: its actions, all of them ("and") or one of them ("or")."""

    actions: tuple[Action, ...] = ()
    logic: str = "and"


@dataclass(frozen=True, eq=False)
class Fork:
    """A condition node: one or more conditions under one logic, and what follows."""

    conditions: tuple[Condition, ...]
    yes: Tree
    no: Tree = field(default_factory=Leaf)
    logic: str = "and"


Tree = Leaf | Fork


def in_pre_order(tree: Tree) -> Iterator[Tree]:
    yield tree
    if isinstance(tree, Fork):
        yield from in_pre_order(tree.yes)
        yield from in_pre_order(tree.no)


def is_drug(action: Action) -> bool:
    return action.relation in ENGLISH.drugs
