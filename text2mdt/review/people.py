"""Who may do what: the roles of people, kept in the store and asked before every change."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from text2mdt.errors import Text2MDTError
from text2mdt.review.canonical import folded, storable
from text2mdt.review.records import person_hash, record_person
from text2mdt.review.stored import Person, PersonRole
from text2mdt.review.tables import PersonRow

_RANK = {role: rank for rank, role in enumerate(PersonRole)}
LONGEST_NAME = 200


def people(session: Session) -> list[Person]:
    """Everybody with a role, by name."""
    return [
        Person(row.name, PersonRole(row.role)) for row in session.scalars(select(PersonRow).order_by(PersonRow.key))
    ]


def person_with(session: Session, who: str, needed: PersonRole) -> str:
    """The name of a person as the store writes it.

    Raises:
        Text2MDTError: T2M106 where the person is unknown or has a lesser role than `needed`.
    """
    row = session.get(PersonRow, _key(who))
    if row is None:
        raise Text2MDTError("T2M106", who=storable(who), role="no role", needed=needed)
    if _RANK[PersonRole(row.role)] < _RANK[needed]:
        raise Text2MDTError("T2M106", who=row.name, role=f"the role {row.role}", needed=needed)
    return row.name


def set_role(session: Session, name: str, role: PersonRole, by: str) -> Person:
    """Gives a person a role. Only an approver may; while there is none, anybody, so that a new store has a first one.

    Raises:
        Text2MDTError: T2M106 where `by` may not, T2M111 for a name that is empty or too long.
    """
    name, by = _name(name), _name(by)
    approvers = select(func.count()).select_from(PersonRow).where(PersonRow.role == PersonRole.APPROVER)
    giver = person_with(session, by, PersonRole.APPROVER) if session.scalar(approvers) else by
    row = session.get(PersonRow, _key(name))
    before = None if row is None else person_hash(row)
    if row is None:
        row = PersonRow(key=_key(name), name=name, role=str(role))
        session.add(row)
    row.role = str(role)
    record_person(session, row, before, giver)
    return Person(row.name, role)


def _name(name: str) -> str:
    shown = " ".join(storable(name).split())
    if not 0 < len(shown) <= LONGEST_NAME:
        raise Text2MDTError("T2M111", detail=f"a name has 1 to {LONGEST_NAME} characters")
    return shown


def _key(name: str) -> str:
    return folded(" ".join(name.split()))
