"""The edits of a review one after another, with undo and redo."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from text2mdt.errors import Text2MDTError
from text2mdt.review.describe_edit import describe
from text2mdt.review.edits import Edit, apply_edit
from text2mdt.review.review_tree import PassageReview

__all__ = ["LONGEST_HISTORY", "Entry", "History", "describe"]

LONGEST_HISTORY = 500
"""Edits that can be undone; older ones stay done."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Model):
    """An edit and the review that it led to."""

    edit: Edit
    result: PassageReview


class History(_Model):
    """A review and how it came to be; every step gives a new history.

    Attributes:
        start: before the first entry.
        entries: of which the first `done` are done, the others are undone.
    """

    start: PassageReview
    entries: tuple[Entry, ...] = ()
    done: int = 0

    @property
    def review(self) -> PassageReview:
        """The review as it is now."""
        return self._before(self.done)

    @property
    def can_undo(self) -> bool:
        return self.done > 0

    @property
    def can_redo(self) -> bool:
        return self.done < len(self.entries)

    def apply(self, edit: Edit) -> History:
        """With an edit more; undone ones are forgotten. An edit that changes nothing is not noted.

        Raises:
            Text2MDTError: as `apply_edit`.
        """
        result = apply_edit(self.review, edit)
        if result is self.review:
            return self
        entries = (*self.entries[: self.done], Entry(edit=edit, result=result))
        surplus = max(len(entries) - LONGEST_HISTORY, 0)
        start = entries[surplus - 1].result if surplus else self.start
        return History(start=start, entries=entries[surplus:], done=len(entries) - surplus)

    def undo(self) -> History:
        """Before the last edit; raises T2M088 at the start."""
        if not self.can_undo:
            raise Text2MDTError("T2M088", f"passage {self.start.passage.id}", what="undo")
        return self.model_copy(update={"done": self.done - 1})

    def redo(self) -> History:
        """With the edit that was undone last; raises T2M088 where none was."""
        if not self.can_redo:
            raise Text2MDTError("T2M088", f"passage {self.start.passage.id}", what="redo")
        return self.model_copy(update={"done": self.done + 1})

    def lines(self) -> tuple[str, ...]:
        """What was done, one line an edit, undone ones left out."""
        return tuple(
            describe(entry.edit, self._before(number)) for number, entry in enumerate(self.entries[: self.done])
        )

    def _before(self, number: int) -> PassageReview:
        return self.entries[number - 1].result if number else self.start
