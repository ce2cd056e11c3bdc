"""What the second of two people hears who change the same thing."""

from __future__ import annotations

from datetime import datetime

from text2mdt.errors import Text2MDTError


class ChangedMeanwhileError(Text2MDTError):
    """T2M105: someone else was faster.

    Attributes:
        changed_by, changed_at: who changed it last, and when.
        version: the version that it has now.
    """

    def __init__(self, where: object, seen: int, version: int, changed_by: str, changed_at: str) -> None:
        super().__init__("T2M105", where, who=changed_by, when=changed_at, seen=seen, found=version)
        self.changed_by = changed_by
        self.changed_at = datetime.fromisoformat(changed_at)
        self.version = version
