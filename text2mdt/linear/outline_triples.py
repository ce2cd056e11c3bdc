"""The triples of one line of the outline format."""

from __future__ import annotations

import re

from text2mdt.linear.escape import escape_field, unescape
from text2mdt.linear.repairs import Repairs
from text2mdt.relations import Relation, RelationSet
from text2mdt.schema import Logic, Role, Triple

_SEPARATOR = re.compile(r"\\.|[&|]")
_LOGIC = {"&": Logic.AND, "|": Logic.OR}
_FIELD = r"(?:[^\\\[\]]|\\.)*+"
_STRICT = re.compile(rf"([^\s:\[\]\\]++)(?: \[({_FIELD})\])?+: ({_FIELD})")
_LOOSE = re.compile(r"([^:\[\]\\]++)(?:\[((?:[^\\\]]|\\.)*+)\]\s*+)?+:(.*+)")


def split_body(body: str) -> tuple[list[str], list[Logic]]:
    """The parts between unescaped `&` and `|`, and the logic that each separator says."""
    parts, logics, start = [], [], 0
    for match in _SEPARATOR.finditer(body):
        if match[0] in _LOGIC:
            parts.append(body[start : match.start()])
            logics.append(_LOGIC[match[0]])
            start = match.end()
    parts.append(body[start:])
    return parts, logics


class BodyReader:
    """Reads what stands behind the label of a line; notes what it mends."""

    def __init__(self, population: str, relations: RelationSet, repairs: Repairs) -> None:
        self._population = population
        self._relations = relations
        self._repairs = repairs

    def read(self, body: str, role: Role, where: str) -> tuple[list[Triple], Logic]:
        """The triples of a node of this role, and their logic; both may be mended."""
        if body == "none" and role is Role.DECISION:
            return [], Logic.NULL
        parts, logics = split_body(body)
        triples: list[Triple] = []
        drug: str | None = None
        for index, part in enumerate(parts):
            part = self._cut(part, index > 0, index < len(parts) - 1, where)
            found = self._parts(part, where)
            if found is None:
                continue
            keyword, subject, value = found
            relation = self._relation(keyword, role, where)
            if relation is None:
                continue
            default = self._population
            if relation.name == self._relations.dosage and drug is not None:
                default = drug
            triples.append(Triple(default if subject is None else subject, relation.name, value))
            if relation.name in self._relations.drugs:
                drug = value
        if len(set(logics)) > 1:
            self._repairs.note(f"mixed logic read as '{logics[0].value}'", where)
        return triples, logics[0] if logics else Logic.NULL

    def _cut(self, part: str, after: bool, before: bool, where: str) -> str:
        """The part without the one blank that stands on the inner side of each separator."""
        if (after and not part.startswith(" ")) or (before and not part.endswith(" ")):
            self._repairs.note("separator without blanks", where)
            return part.strip()
        return part[1 if after else 0 : len(part) - (1 if before else 0)]

    def _parts(self, part: str, where: str) -> tuple[str, str | None, str] | None:
        """Keyword, subject if written, object."""
        match = _STRICT.fullmatch(part)
        if match is None:
            match = _LOOSE.fullmatch(part.strip())
            if match is None:
                if part.strip() != "none":
                    self._repairs.note("incomplete triple dropped" if part.strip() else "empty node", where)
                else:
                    self._repairs.note("'none' among triples or in a condition dropped", where)
                return None
            self._repairs.note("malformed triple read loosely", where)
        keyword, subject, value = match[1].strip(), match[2], match[3]
        read = self._field(value, where)
        if read is None:
            self._repairs.note("triple without an object dropped", where)
            return None
        who = None if subject is None else self._field(subject, where)
        if subject is not None and who is None:
            self._repairs.note("empty brackets ignored", where)
        return keyword, who, read

    def _field(self, raw: str, where: str) -> str | None:
        """A subject or object, its bare outer blanks dropped; None where nothing is left."""
        stripped = raw.strip()
        if stripped != raw:
            self._repairs.note("outer blanks dropped", where)
        text = unescape(stripped)
        if stripped and escape_field(text) != stripped:
            self._repairs.note("unknown escape read as its character", where)
        return text if stripped else None

    def _relation(self, keyword: str, role: Role, where: str) -> Relation | None:
        relation = self._relations.by_keyword.get(keyword)
        if relation is None:
            relation = self._relations.by_name.get(keyword)
            if relation is None:
                self._repairs.note("unknown relation dropped", where)
                return None
            self._repairs.note("relation named in full", where)
        if relation.role != role:
            self._repairs.note("relation of the other role dropped", where)
            return None
        return relation
