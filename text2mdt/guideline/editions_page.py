"""Comparison of editions → one HTML page: what became of each passage and of its trees."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from text2mdt.guideline.editions import EditionComparison, PassageChange
from text2mdt.guideline.page_parts import PassageCard, card_of, environment, style
from text2mdt.schema import Extraction

_COUNT_NAMES = {"changed_with_equal_trees": "of the changed, trees the same"}


@dataclass(frozen=True)
class _ChangeView:
    """A passage with its cards in the two editions."""

    number: int
    change: PassageChange
    old: PassageCard | None
    new: PassageCard | None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing changed that a reader must see."""
        return self.change.change == "unchanged" and not self.change.tree_changes and not self.change.headings


def editions_page(comparison: EditionComparison, old: Extraction, new: Extraction) -> str:
    """A page that stands alone, without script; its policy forbids it to load anything.

    Args:
        comparison: of the two extractions.
        old, new: have the words of the passages.
    """
    old_cards, new_cards = (
        {result.id: card_of(number, result) for number, result in enumerate(edition.passages, start=1)}
        for edition in (old, new)
    )
    views = [
        _ChangeView(number, change, old_cards.get(change.old or ""), new_cards.get(change.new or ""))
        for number, change in enumerate(comparison.passages, start=1)
    ]
    return (
        environment()
        .get_template("editions.html.j2")
        .render(
            comparison=comparison,
            passage_counts=[(said(name), number) for name, number in comparison.passage_counts.items()],
            tree_counts=[(said(name), number) for name, number in comparison.tree_counts.items()],
            changed=[view for view in views if not view.is_quiet],
            quiet=[view for view in views if view.is_quiet],
            said=said,
            style=Markup(style()),
        )
    )


def said(kind: str) -> str:
    """A kind of change or count for people."""
    return _COUNT_NAMES.get(kind, kind.replace("_", " "))
