"""Verifies the audit trail, and everything in the store against it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review import audit
from text2mdt.review.audit import Receipt, entry_of
from text2mdt.review.chain_check import ChainCheck, Finding, Findings
from text2mdt.review.content_check import ContentCheck, entries_with_revisions
from text2mdt.review.tables import TrailHeadRow


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found; `receipt` tells of the trail as it is now, None where its head is missing or
    spoilt.

    Attributes:
        entries: how many entries were read.
        findings: the first of them; `more` counts the others.
    """

    entries: int
    findings: tuple[Finding, ...]
    more: int
    receipt: Receipt | None

    @property
    def intact(self) -> bool:
        return not self.findings


def verify(session: Session, receipt: Receipt | None = None) -> Verification:
    """Reads the whole store once; memory grows with the number of passages, not with their content."""
    findings = Findings()
    head = session.get(TrailHeadRow, 1)
    now = _receipt(session, head, findings)
    store, count, last = ("", 0, "") if head is None else (head.store, head.count, head.hash)
    chain = ChainCheck(store, count, last, receipt, findings)
    content = ContentCheck(session, findings)
    entries = 0
    for row, revision, passage in entries_with_revisions(session):
        entry = entry_of(row)
        chain.see(entry)
        content.see(entry, revision, passage)
        entries += 1
    chain.end()
    content.end()
    return Verification(entries, tuple(findings.kept), findings.more, now)


def _receipt(session: Session, head: TrailHeadRow | None, findings: Findings) -> Receipt | None:
    try:
        return audit.receipt(session)
    except Text2MDTError:
        spoilt = "is missing" if head is None else "has values that the program does not write"
        findings.add("head", f"the head of the trail {spoilt}")
        return None
