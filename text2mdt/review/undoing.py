"""What undo and redo lead to, from the versions of a passage alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class RevisionPoint(NamedTuple):
    """A version: the one whose state it shows, and the one that undo leads to from there (None at the start)."""

    version: int
    kind: str
    shows: int
    parent: int | None


def undone(points: Sequence[RevisionPoint]) -> int | None:
    """The version that undo shows, from the versions in order; None at the start."""
    return points[-1].parent


def redone(points: Sequence[RevisionPoint]) -> int | None:
    """The version that redo shows; None where nothing was undone since the last change."""
    parents = {point.version: point.parent for point in points if point.kind in ("start", "edit")}
    shown, at = points[-1].shows, max(parents)
    while at != shown:
        parent = parents[at]
        if parent is None:
            return None
        if parent == shown:
            return at
        at = parent
    return None
