"""Which caption belongs to which figure, by their order."""

from __future__ import annotations

import re
from collections.abc import Iterable

from text2mdt.documents.drafts import Draft, NoteDraft, TableDraft, TextDraft

_CAPTION = re.compile(r"fig(?:ure|\.)?\s*\d|(?:figure|chart|flowchart|algorithm)\b", re.IGNORECASE)


class FigureCaptions:
    """Sees the drafts of a document in order; a figure takes the caption below it, else the one above."""

    def __init__(self) -> None:
        self._waiting: list[NoteDraft] = []
        self._above = ""  # a caption that no figure has taken, right before

    def see(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if not isinstance(draft, TableDraft) and draft.settled:
                self._above, self._waiting = "", []
            elif isinstance(draft, TextDraft):
                words = draft.words if _CAPTION.match(draft.words) else ""
                for figure in self._waiting:
                    figure.caption = words or figure.caption
                self._above = "" if self._waiting else words
                self._waiting = []
            elif not isinstance(draft, NoteDraft):
                self._above, self._waiting = "", []
            elif draft.kind == "figure" and self._above:
                draft.caption = self._above
            elif draft.kind == "figure":
                self._waiting.append(draft)
