"""Goes along the audit trail and finds where it is not as it was written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from text2mdt.review.audit import Receipt, entry_hash, first_hash
from text2mdt.review.stored import TrailEntry

MOST_FINDINGS = 100
"""Findings that are kept; the others are counted."""
_MOST_BROKEN = 200
"""Broken entries that are compared with each other."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    `kind` is one of: changed, removed, moved, inserted, link, cut, head, receipt (of the trail itself), state, missing,
    unknown, figures (of what the store keeps, beside the trail).
    """

    kind: str
    text: str
    sequence: int | None = None


@dataclass(slots=True)
class Findings:
    """The first findings, and how many more there are."""

    kept: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, kind: str, text: str, sequence: int | None = None) -> None:
        if len(self.kept) < MOST_FINDINGS:
            self.kept.append(Finding(kind, text, sequence))
        else:
            self.more += 1


class ChainCheck:
    """Sees the entries one by one, by their numbers.

    Args:
        store, count, hash: of the trail's head.
        receipt: a receipt of earlier, if there is one.
        findings: where to put what is found.
    """

    def __init__(self, store: str, count: int, hash: str, receipt: Receipt | None, findings: Findings) -> None:
        self._count, self._hash, self._receipt, self._findings = count, hash, receipt, findings
        self._next, self._previous = 1, first_hash(store)
        self._broken: list[TrailEntry] = []
        if receipt is not None and receipt.store != store:
            findings.add("receipt", "the receipt is of another store")
            self._receipt = None
        self._meet_receipt()

    def see(self, entry: TrailEntry) -> None:
        number = entry.sequence
        if number < self._next:
            self._findings.add("inserted", f"entry {number} stands before the first", number)
            return
        if number > self._next:
            gone = f"entry {self._next}" if number == self._next + 1 else f"entries {self._next} to {number - 1}"
            self._findings.add("removed", f"{gone} missing", self._next)
        if entry_hash(entry) != entry.hash:
            self._see_broken(entry)
        elif number == self._next and entry.previous != self._previous:
            text = f"entry {number} does not follow entry {number - 1}: one of them was put there or written anew"
            self._findings.add("link", text, number)
        self._next, self._previous = number + 1, entry.hash
        self._meet_receipt()

    def end(self) -> None:
        self._tell_broken()
        last = self._next - 1
        if last < self._count:
            text = f"the trail ends with entry {last}, its head tells of {self._count}: the end is missing"
            self._findings.add("cut", text, last)
        elif last > self._count:
            text = f"the trail has entries up to {last}, its head tells of {self._count}"
            self._findings.add("inserted", text, self._count + 1)
        elif self._previous != self._hash:
            self._findings.add("head", "the head has another hash than the last entry", last)
        if self._receipt is not None and self._receipt.count > last:
            text = f"the receipt tells of {self._receipt.count} entries, the trail ends with entry {last}"
            self._findings.add("cut", text, last)

    def _meet_receipt(self) -> None:
        receipt = self._receipt
        if receipt is not None and receipt.count == self._next - 1 and receipt.hash != self._previous:
            text = f"entry {receipt.count} is another one than the receipt tells: the trail was written anew"
            self._findings.add("receipt", text, receipt.count)

    def _see_broken(self, entry: TrailEntry) -> None:
        for number in (entry.sequence - 1, entry.sequence + 1):
            if _written_as(entry, number):
                self._tell_moved(entry, number)
                return
        if len(self._broken) < _MOST_BROKEN:
            self._broken.append(entry)
        else:
            self._tell_changed(entry)

    def _tell_broken(self) -> None:
        numbers = [entry.sequence for entry in self._broken]
        for entry in self._broken:
            number = next((number for number in numbers if _written_as(entry, number)), None)
            if number is None:
                self._tell_changed(entry)
            else:
                self._tell_moved(entry, number)

    def _tell_moved(self, entry: TrailEntry, number: int) -> None:
        self._findings.add("moved", f"entry {entry.sequence} was written as entry {number}", entry.sequence)

    def _tell_changed(self, entry: TrailEntry) -> None:
        self._findings.add("changed", f"entry {entry.sequence} does not have the content it had", entry.sequence)


def _written_as(entry: TrailEntry, number: int) -> bool:
    return entry_hash(replace(entry, sequence=number)) == entry.hash
