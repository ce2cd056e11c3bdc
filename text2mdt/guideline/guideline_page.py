"""Guideline → one HTML page: conflicts, the forest by population, and the passages that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from text2mdt.guideline.conflict_kinds import KINDS
from text2mdt.guideline.guideline import Conflict, Entry, Group, Guideline, Place
from text2mdt.guideline.page_parts import Chip, PassageCard, card_of, chips_of, environment, placed_objects, style
from text2mdt.schema import Extraction


@dataclass(frozen=True)
class _EntryView:
    """A node of the forest: its triples, the passages that say it (none where those above say so), what it leads to."""

    anchors: tuple[str, ...]
    condition: bool
    logic: str
    chips: tuple[Chip, ...]
    sources: tuple[PassageCard, ...]
    is_root: bool
    conflicts: tuple[int, ...]
    yes: tuple[_EntryView, ...]
    no: tuple[_EntryView, ...]


@dataclass(frozen=True)
class _GroupView:
    anchor: str
    group: Group
    entries: tuple[_EntryView, ...]
    narrower: tuple[_GroupView, ...]


@dataclass(frozen=True)
class _ConflictView:
    number: int
    kind: str
    meaning: str
    text: str
    narrower: bool
    places: tuple[tuple[PassageCard, str], ...]


def guideline_page(guideline: Guideline, extraction: Extraction) -> str:
    """A page that stands alone, without script; its policy forbids it to load anything.

    Args:
        guideline: built from `extraction`.
        extraction: has the words of the passages.
    """
    view = _View(guideline, extraction)
    return (
        environment()
        .get_template("guideline.html.j2")
        .render(
            guideline=guideline,
            cards=list(view.cards.values()),
            groups=[view.group(group) for group in guideline.groups],
            conflicts=[view.conflict(number, one) for number, one in enumerate(guideline.conflicts, start=1)],
            tree_links=view.tree_links(),
            left_out=[(view.cards[one.passage], one.reason) for one in guideline.left_out],
            folded=sum(len(tree.sources) - 1 for group in guideline.all_groups for tree in group.trees),
            tree_count=sum(len(group.trees) for group in guideline.all_groups),
            style=Markup(style()),
        )
    )


class _View:
    def __init__(self, guideline: Guideline, extraction: Extraction) -> None:
        self.guideline = guideline
        self.cards: Mapping[str, PassageCard] = {
            result.id: card_of(number, result) for number, result in enumerate(extraction.passages, start=1)
        }
        self._placed = {result.id: placed_objects(result) for result in extraction.passages}
        self._conflicts: dict[tuple[str, int], list[int]] = {}
        for number, conflict in enumerate(guideline.conflicts, start=1):
            for place in (conflict.first, conflict.second):
                self._conflicts.setdefault((place.passage, place.node), []).append(number)
        self._groups = 0

    def group(self, group: Group) -> _GroupView:
        self._groups += 1
        anchor = f"g{self._groups}"
        return _GroupView(anchor, group, self._entries(group.entries, ()), tuple(map(self.group, group.narrower)))

    def _entries(self, entries: Iterable[Entry], above: tuple[str, ...]) -> tuple[_EntryView, ...]:
        """The entries of a list; that a passage says nothing is left out where another one says something."""
        entries = list(entries)
        telling = [entry for entry in entries if entry.node.triples]
        return tuple(self._entry(entry, above) for entry in telling or entries)

    def _entry(self, entry: Entry, above: tuple[str, ...]) -> _EntryView:
        passages = tuple(dict.fromkeys(place.passage for place in entry.places))
        first = entry.places[0]
        anchor = self.cards[first.passage].anchor
        numbers = {number for place in entry.places for number in self._conflicts.get((place.passage, place.node), [])}
        return _EntryView(
            anchors=tuple(map(self._anchor, entry.places)),
            condition=entry.node.is_condition,
            logic=str(entry.node.logical_rel),
            chips=chips_of(entry.node, anchor, first.node, self._placed[first.passage]),
            sources=() if passages == above else tuple(self.cards[passage] for passage in passages),
            is_root=not above,
            conflicts=tuple(sorted(numbers)),
            yes=self._entries(entry.yes, passages),
            no=self._entries(entry.no, passages),
        )

    def conflict(self, number: int, conflict: Conflict) -> _ConflictView:
        places = tuple((self.cards[place.passage], self._anchor(place)) for place in (conflict.first, conflict.second))
        kind = conflict.kind.replace("_", " ")
        return _ConflictView(number, kind, KINDS[conflict.kind], conflict.text, conflict.narrower_population, places)

    def tree_links(self) -> dict[str, list[str]]:
        """The anchors of the trees of each passage, by its id."""
        links: dict[str, list[tuple[int, str]]] = {}
        for group in self.guideline.all_groups:
            for tree in group.trees:
                for source in tree.sources:
                    root = source.place
                    links.setdefault(root.passage, []).append((root.tree, self._anchor(root)))
        return {passage: [anchor for _, anchor in sorted(found)] for passage, found in links.items()}

    def _anchor(self, place: Place) -> str:
        return f"n{self.cards[place.passage].number}-{place.node}"
