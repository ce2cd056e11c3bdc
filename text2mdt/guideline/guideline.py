"""A guideline: the trees of one document as a forest, by population, with the conflicts between its passages."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from text2mdt.schema import DecisionTree, DocumentInfo, Node


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """Where something stands.

    Attributes:
        passage: id of the passage.
        tree: which of the passage's trees, from 0.
        node: counts within the passage's forest, as in `Grounding`; the root of the tree where the whole tree is meant.
        triple: which triple of the node, from 0; None for the whole node.
    """

    passage: str
    tree: int
    node: int
    triple: int | None = None


class Source(_Model):
    """A tree of a passage that a tree of the guideline came from.

    Attributes:
        place: its root.
        same_words: False where it was folded although its objects are cut a little longer or shorter.
    """

    place: Place
    same_words: bool = True


class GuidelineTree(_Model):
    """A tree with all the passages that say it, in the order of the document; it stands as the first says it."""

    tree: DecisionTree
    sources: tuple[Source, ...]


class Entry(_Model):
    """A node of the navigable forest.

    A condition leads on to all entries of `yes` where it holds and to all of `no` where it does not; the entries of a
    list do not exclude each other. A decision ends the way; without triples, a passage recommends nothing here.

    Attributes:
        node: as the first of `places` says it.
        places: the nodes of all passages that are joined in it, in the order of the document.
    """

    node: Node
    places: tuple[Place, ...]
    yes: tuple[Entry, ...] = ()
    no: tuple[Entry, ...] = ()


class Group(_Model):
    """What a guideline says of one population.

    Attributes:
        population: as the document says it first; `spellings` has all its forms.
        passages: ids, in the order of the document.
        trees: in the order of the document, duplicates folded.
        entries: the same trees with shared conditions joined; all of them are to be followed.
        narrower: the groups whose patients belong to this one too.
    """

    population: str
    spellings: tuple[str, ...]
    passages: tuple[str, ...]
    trees: tuple[GuidelineTree, ...]
    entries: tuple[Entry, ...]
    narrower: tuple[Group, ...] = ()


ConflictKind = Literal["given_and_forbidden", "different_dose", "different_threshold", "different_decision"]


class Conflict(_Model):
    """Two passages that do not agree.

    Attributes:
        first, second: the two triples, in the order of the document.
        narrower_population: the two speak of a population and of a narrower one, so that one may be a meant exception.
        text: for people: what the two places say, and under which conditions.
    """

    kind: ConflictKind
    first: Place
    second: Place
    narrower_population: bool = False
    text: str


class LeftOut(_Model):
    """A passage whose trees are not in the forest, and why."""

    passage: str
    reason: str


class Guideline(_Model):
    """The trees of one document joined into a forest.

    Attributes:
        groups: populations that no other holds, in the order of the document; narrower ones hang below them.
        conflicts: those within one population first, by kind, then by place.
        more_conflicts: there are more than are listed.
    """

    schema_version: int = 1
    document: DocumentInfo
    groups: tuple[Group, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    more_conflicts: bool = False
    left_out: tuple[LeftOut, ...] = ()

    @property
    def all_groups(self) -> list[Group]:
        """The groups with all those below them, each before its narrower ones."""
        found: list[Group] = []
        waiting = list(reversed(self.groups))
        while waiting:
            found.append(waiting.pop())
            waiting += reversed(found[-1].narrower)
        return found
