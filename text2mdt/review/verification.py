"""Verifies the audit trail, and everything in the store against it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from text2mdt.review import audit
from text2mdt.review.audit import Receipt, entry_of
from text2mdt.review.chain_check import ChainCheck, Finding, Findings
from text2mdt.review.content_check import ContentCheck, entries_with_revisions
from text2mdt.review.tables import TrailHeadRow


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found; `receipt` tells of the trail as it is now, None where its head is missing.

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
    now = None if head is None else audit.receipt(session)
    if now is None:
        findings.add("head", "the head of the trail is missing")
        now = Receipt(store="0" * 32, count=0, hash="0" * 64, at=audit.now())
    chain = ChainCheck(now.store, now.count, now.hash, receipt, findings)
    content = ContentCheck(session, findings)
    entries = 0
    for row, revision, passage in entries_with_revisions(session):
        entry = entry_of(row)
        chain.see(entry)
        content.see(entry, revision, passage)
        entries += 1
    chain.end()
    content.end()
    return Verification(entries, tuple(findings.kept), findings.more, None if head is None else now)
