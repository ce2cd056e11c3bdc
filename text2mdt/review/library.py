"""The library: documents searched, filtered, sorted and cut into pages, from columns alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import folded, storable
from text2mdt.review.stored import LibraryPage, LibraryRow, Stage, Status
from text2mdt.review.tables import DocumentRow, ExtractionRow, ExtractionTextRow, WarningCountRow

LARGEST_PAGE = 10_000
MOST_WORDS = 20
"""Words of a search; more are not looked at."""


class Order(StrEnum):
    """What a list is sorted by."""

    CHANGED = "changed"
    CREATED = "created"
    NAME = "name"
    TITLE = "title"
    STATUS = "status"
    MODEL = "model"
    UNCHECKED = "unchecked"
    WARNINGS = "warnings"


@dataclass(frozen=True, slots=True)
class Query:
    """Which documents, in which order, and which page of them.

    Attributes:
        search: words that must all stand in the name, title, tags, populations or text; capitals do not count.
        status, warning: of the leading extraction; `warning` is a kind ("lost_gate"), or "any".
        model: of any extraction of the document.
        tag: the whole tag; capitals A to Z do not count.
        descending: by default what is newest or most comes first, and names from A.
        limit, offset: at most `LARGEST_PAGE` rows.
    """

    search: str = ""
    status: Status | None = None
    model: str | None = None
    warning: str | None = None
    tag: str | None = None
    order: Order = Order.CHANGED
    descending: bool | None = None
    limit: int = 100
    offset: int = 0


ALL = Query()


def library(session: Session, query: Query) -> LibraryPage:
    """The page of the library that a query asks for; raises T2M111 for a page that cannot be."""
    if not (0 <= query.limit <= LARGEST_PAGE and query.offset >= 0):
        raise Text2MDTError("T2M111", detail=f"a page has 0 to {LARGEST_PAGE} rows from row 0")
    chosen = [*_chosen(query)]
    key, descends = _ORDERS[query.order]
    descends = descends if query.descending is None else query.descending
    sorting = [column.desc() if descends else column.asc() for column in (key, DocumentRow.id)]
    # The total comes with the rows, so that a search reads the texts once.
    wanted = _joined(select(*_COLUMNS, func.count().over().label("total"))).where(*chosen).order_by(*sorting)
    rows = session.execute(wanted.limit(query.limit).offset(query.offset)).all()
    if rows:
        return LibraryPage(tuple(_row(row) for row in rows), rows[0].total)
    return LibraryPage((), session.scalar(_joined(select(func.count())).where(*chosen)) or 0)


def models(session: Session) -> list[str]:
    """The models that extractions were made with, to choose from."""
    return list(session.scalars(select(ExtractionRow.model).distinct().order_by(ExtractionRow.model)))


def warning_kinds(session: Session) -> list[str]:
    """The kinds of warnings that stand in extractions, to choose from."""
    kinds = select(WarningCountRow.kind).where(WarningCountRow.count > 0)
    return list(session.scalars(kinds.distinct().order_by(WarningCountRow.kind)))


def _extractions() -> ColumnElement[int]:
    other = ExtractionRow.__table__.alias("other")
    return select(func.count()).select_from(other).where(other.c.document_id == DocumentRow.id).scalar_subquery()


_COLUMNS = (
    DocumentRow.id,
    DocumentRow.name,
    DocumentRow.title,
    DocumentRow.tags,
    DocumentRow.created,
    DocumentRow.created_by,
    DocumentRow.changed,
    ExtractionRow.id.label("extraction"),
    _extractions().label("extractions"),
    ExtractionRow.model,
    ExtractionRow.adapter,
    ExtractionRow.stage,
    ExtractionRow.status,
    *(func.coalesce(getattr(ExtractionRow, name), 0).label(name) for name in ("passages", "triples", "checked")),
    func.coalesce(ExtractionRow.warnings, 0).label("warnings"),
)

_ORDERS: dict[Order, tuple[ColumnElement[Any], bool]] = {
    Order.CHANGED: (DocumentRow.changed.expression, True),
    Order.CREATED: (DocumentRow.created.expression, True),
    Order.NAME: (DocumentRow.words.expression, False),
    Order.TITLE: (func.lower(DocumentRow.title), False),
    Order.STATUS: (func.coalesce(ExtractionRow.status, ""), False),
    Order.MODEL: (func.coalesce(ExtractionRow.model, ""), False),
    Order.UNCHECKED: (func.coalesce(ExtractionRow.triples - ExtractionRow.checked, 0), True),
    Order.WARNINGS: (func.coalesce(ExtractionRow.warnings, 0), True),
}


def _joined(query: Select[Any]) -> Select[Any]:
    return query.select_from(DocumentRow).outerjoin(ExtractionRow, ExtractionRow.id == DocumentRow.leading)


def _chosen(query: Query) -> list[ColumnElement[bool]]:
    conditions = [_has_word(word) for word in folded(query.search).split()[:MOST_WORDS]]
    if query.status is not None:
        conditions.append(ExtractionRow.status == query.status)
    if query.model is not None:
        other = ExtractionRow.__table__.alias("by_model")
        conditions.append(exists().where(other.c.document_id == DocumentRow.id, other.c.model == query.model))
    if query.warning is not None:
        conditions.append(_has_warning(query.warning))
    if query.tag is not None:
        # Tags are a JSON list in ASCII: with its quotes a tag is found whole, by LIKE with or without capitals.
        tag = json.dumps(" ".join(storable(query.tag).split())).lower()
        conditions.append(func.lower(DocumentRow.tags).contains(tag, autoescape=True))
    return conditions


def _has_word(word: str) -> ColumnElement[bool]:
    other = ExtractionRow.__table__.alias("by_text")
    columns = (ExtractionTextRow.populations, ExtractionTextRow.words)
    within = (
        select(1)
        .join_from(other, ExtractionTextRow, ExtractionTextRow.extraction_id == other.c.id)
        .where(other.c.document_id == DocumentRow.id, or_(*(c.contains(word, autoescape=True) for c in columns)))
    )
    return or_(DocumentRow.words.contains(word, autoescape=True), within.exists())


def _has_warning(kind: str) -> ColumnElement[bool]:
    if kind == "any":
        return ExtractionRow.warnings > 0
    counts = WarningCountRow
    return exists().where(counts.extraction_id == ExtractionRow.id, counts.kind == kind, counts.count > 0)


def _row(row: Row[Any]) -> LibraryRow:
    values = row._asdict() | {
        "tags": tuple(json.loads(row.tags)),
        "created": datetime.fromisoformat(row.created),
        "changed": datetime.fromisoformat(row.changed),
        "stage": None if row.stage is None else Stage(row.stage),
        "status": None if row.status is None else Status(row.status),
    }
    values.pop("total")
    return LibraryRow(**values)
