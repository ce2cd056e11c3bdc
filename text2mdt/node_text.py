"""Nodes as lines of text that people can read and change in other programs, and back, exactly.

    clinical feature: fever
    OR
    basic information: younger than 6 months

A subject other than the population (of a dose: other than the drug before it) follows the relation: "dosage of
amoxicillin: 500 mg". A relation that text2mdt does not know stands in brackets: "[临床表现]: 发热".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from text2mdt.relations import ENGLISH
from text2mdt.schema import Logic, Node, Role, Triple

NOTHING_SAID = "no recommendation given"
"""What an empty decision reads as."""

_LABELS = {relation.name.replace("_", " "): relation.name for relation in ENGLISH.relations}
_LABEL = {name: label for label, name in _LABELS.items()}
_DEFAULTS = {Role.CONDITION: "clinical_feature", Role.DECISION: "treatment_plan"}
_LINE = re.compile(
    rf"(?:({'|'.join(_LABELS)})|\[((?:[^\\\]]|\\.)*+)\])(?: of ((?:[^\\:]|\\.)*+))?:\s*(.*)", re.IGNORECASE
)
_LOGIC_WORD = re.compile(r"\b(AND|OR)\b")
_JOINED = re.compile(r"\s+(AND|OR)\s+")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_BACK = {"n": "\n", "r": "\r", "t": "\t", "-": ""}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.DOTALL)
_HIDDEN = {"Cc", "Cs", "Cn", "Zl", "Zp"}
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that turn the reading order: a text that holds them does not read as it is stored."""


def node_lines(node: Node, population: str) -> list[str]:
    """A line for each triple, and "AND" or "OR" between them."""
    if not node.triples:
        return [NOTHING_SAID]
    lines: list[str] = []
    drug = population
    for triple in node.triples:
        if lines:
            lines.append(node.logical_rel.value.upper())
        lines.append(triple_line(triple, drug if triple.relation == ENGLISH.dosage else population))
        drug = triple.object if triple.relation in ENGLISH.drugs else drug
    return lines


def triple_line(triple: Triple, usual: str) -> str:
    """A triple on one line; its subject is left out where it is the usual one."""
    label = _LABEL.get(triple.relation) or f"[{escaped(triple.relation, ']')}]"
    subject = "" if triple.subject == usual else f" of {_field(triple.subject, ':')}"
    return f"{label}{subject}: {_field(triple.object)}"


def node_line(node: Node, population: str) -> str:
    """The same on one line, "A AND B"; those words inside of a triple get a backslash."""
    lines = node_lines(node, population)
    return " ".join(_LOGIC_WORD.sub(r"\\\1", line) if number % 2 == 0 else line for number, line in enumerate(lines))


def read_node_line(text: str, role: Role, population: str) -> Node:
    """The node of such a line; it may also be written on several. Raises ValueError as `read_node`."""
    lines = [line for part in _JOINED.split(text) for line in part.split("\n")]
    return read_node(lines, role, population)


def read_node(lines: Sequence[str], role: Role, population: str) -> Node:
    """The node that such lines say; blank lines are passed over.

    A line without a known relation in front is a clinical feature, in a decision a treatment plan.

    Raises:
        ValueError: says for people what is wrong with the lines.
    """
    said = [line.strip() for line in lines if line.strip()]
    if role is Role.DECISION and [line.casefold() for line in said] in ([], [NOTHING_SAID], ["none"]):
        return Node(role=role)
    triples: list[Triple] = []
    logics: set[str] = set()
    drug, wants_triple = population, True
    for line in said:
        if line.casefold() in ("and", "or"):
            if wants_triple:
                raise ValueError(f"'{line}' without a line before it")
            logics.add(line.casefold())
            wants_triple = True
            continue
        if not wants_triple:
            raise ValueError(f"neither AND nor OR stands before '{line[:80]}'")
        triple = read_triple(line, role, population, drug)
        triples.append(triple)
        drug = triple.object if triple.relation in ENGLISH.drugs else drug
        wants_triple = False
    if wants_triple:
        raise ValueError("nothing behind the last AND or OR" if triples else "a condition without words")
    if len(logics) > 1:
        raise ValueError("AND and OR in one node; write two nodes, one below the other")
    return Node(role=role, triples=tuple(triples), logical_rel=Logic(logics.pop()) if logics else Logic.NULL)


def read_triple(line: str, role: Role, population: str, drug: str | None = None) -> Triple:
    """The triple of one line; `drug` is the subject of a dose that names none."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return Triple(population, _DEFAULTS[role], unescaped(line.strip()))
    relation = _LABELS[match[1].casefold()] if match[1] else unescaped(match[2])
    usual = population if relation != ENGLISH.dosage or drug is None else drug
    subject = usual if match[3] is None else unescaped(match[3].strip())
    return Triple(subject, relation, unescaped(match[4].strip()))


def escaped(words: str, also: str = "") -> str:
    r"""Words on one line without hidden signs: "\n", "\u0007"; the signs in `also` get a backslash."""
    return "".join(f"\\{sign}" if sign in also else _sign(sign) for sign in words)


def unescaped(words: str) -> str:
    """The words that were escaped; an unknown escape yields its sign."""
    return _ESCAPED.sub(_unescape, words) if "\\" in words else words


def _field(words: str, also: str = "") -> str:
    r"""A subject or object, escaped; the empty mark `\-` keeps blank edges."""
    written = escaped(words, also)
    return written if written and written == written.strip() else f"\\-{written}\\-"


def _sign(sign: str) -> str:
    if sign in _NAMED:
        return _NAMED[sign]
    if sign.isascii() and sign.isprintable():
        return sign
    if unicodedata.category(sign) in _HIDDEN or sign in _DIRECTION:
        return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
    return sign


def _unescape(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else match[0]
    return _BACK.get(match[3], match[3])
