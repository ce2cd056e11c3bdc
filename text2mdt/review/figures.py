"""Counts of triples, checks and warnings, kept up to date with every version so that lists need not count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import canonical, folded, storable
from text2mdt.review.stored import PassageState
from text2mdt.review.tables import ExtractionRow, ExtractionTextRow, PassageRow, RevisionRow, WarningCountRow

LONGEST_KIND = 64
"""Characters of the kind of a warning."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store counts of a passage's state."""

    triples: int
    checked: int
    warnings: tuple[str, ...]
    population: str

    @classmethod
    def of(cls, state: PassageState) -> Facts:
        """Raises T2M111 for counts that cannot be."""
        if not 0 <= state.checked <= state.triples:
            raise Text2MDTError("T2M111", detail=f"{state.checked} of {state.triples} triples checked")
        if any(not 0 < len(kind) <= LONGEST_KIND for kind in state.warnings):
            raise Text2MDTError("T2M111", detail=f"the kind of a warning has 1 to {LONGEST_KIND} characters")
        warnings = tuple(sorted(storable(kind) for kind in state.warnings))
        return cls(state.triples, state.checked, warnings, storable(state.population))

    @classmethod
    def read(cls, text: str) -> Facts:
        content = json.loads(text)
        return cls(content["triples"], content["checked"], tuple(content["warnings"]), content["population"])

    def text(self) -> str:
        """Canonical JSON."""
        names = ("triples", "checked", "warnings", "population")
        return canonical({name: getattr(self, name) for name in names})

    def state(self, content: Mapping[str, Any]) -> PassageState:
        return PassageState(content, self.triples, self.checked, self.warnings, self.population)


def count_in(session: Session, extraction: ExtractionRow, before: Facts | None, after: Facts) -> None:
    """Brings the sums of an extraction from one version of a passage to the next."""
    gone = before or Facts(0, 0, (), "")
    extraction.triples += after.triples - gone.triples
    extraction.checked += after.checked - gone.checked
    extraction.warnings += len(after.warnings) - len(gone.warnings)
    change = Counter(after.warnings)
    change.subtract(Counter(gone.warnings))
    for kind, difference in change.items():
        if difference:
            _count_warning(session, extraction.id, kind, difference)
    session.flush()
    if before is None:
        _set_populations(session, extraction.id, ExtractionTextRow.populations + _line(after.population))
    elif before.population != after.population:
        _write_populations(session, extraction.id)


def _count_warning(session: Session, extraction: int, kind: str, difference: int) -> None:
    row = session.get(WarningCountRow, (extraction, kind))
    if row is None:
        row = WarningCountRow(extraction_id=extraction, kind=kind, count=0)
        session.add(row)
    row.count += difference


def _write_populations(session: Session, extraction: int) -> None:
    query = (
        select(RevisionRow.facts)
        .join(PassageRow, (PassageRow.id == RevisionRow.passage_id) & (PassageRow.version == RevisionRow.version))
        .where(PassageRow.extraction_id == extraction)
        .order_by(PassageRow.position)
    )
    lines = [_line(Facts.read(facts).population) for facts in session.scalars(query)]
    _set_populations(session, extraction, "".join(lines))


def _set_populations(session: Session, extraction: int, words: str | ColumnElement[str]) -> None:
    """Without reading the row, which holds the whole text of the document."""
    row = ExtractionTextRow
    session.execute(update(row).where(row.extraction_id == extraction).values(populations=words))


def _line(population: str) -> str:
    return folded(population) + "\n"
