"""The conditions of a document as a stub of a CQL library: a define for each triple, to be implemented."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from text2mdt.export.fhir.codings import cql_codes
from text2mdt.export.fhir.legal import DocumentNames, markdown, words
from text2mdt.export.fhir.systems import CQL, LIBRARY_TYPE, VERSION, Json, Release, concept
from text2mdt.schema import DecisionTree, Logic, Node, Triple
from text2mdt.terminology.accepted import NO_CODES, Codes

_LONGEST = 48  # characters of the words in a name
_NOT_IN_NAMES = re.compile(r"[^\w .,;:<>=≤≥±%/()°+-]")  # what could end or escape a quoted name is not among these
_MODEL = {Release.R4B: "4.0.1", Release.R5: "5.0.0"}  # CQL knows R4B as the model of R4
TO_BE_IMPLEMENTED = "null as Boolean // to be implemented"


def negated(name: str) -> str:
    """The name of the define that holds when this one does not."""
    return f"Not {name}"


@dataclass
class Defines:
    """Names of the defines: of each distinct condition triple, and of each distinct condition of several triples.

    Names keep what thresholds are written with, and leave out quotes and backslashes: nothing in them needs an escape.
    """

    triples: dict[Triple, str] = field(default_factory=dict)
    nodes: dict[tuple[Logic, tuple[Triple, ...]], str] = field(default_factory=dict)

    @classmethod
    def of(cls, trees: Iterable[DecisionTree]) -> Defines:
        defines = cls()
        for tree in trees:
            for node in tree.nodes:
                if node.is_condition:
                    defines._add(node)
        return defines

    def of_node(self, node: Node) -> str:
        """The define that holds when the condition does."""
        if len(node.triples) == 1:
            return self.triples[node.triples[0]]
        return self.nodes[node.logical_rel, node.triples]

    def _add(self, node: Node) -> None:
        for triple in node.triples:
            if triple not in self.triples:
                self.triples[triple] = _name("T", len(self.triples) + 1, triple.object)
        key = (node.logical_rel, node.triples)
        if len(node.triples) > 1 and key not in self.nodes:
            told = f" {node.logical_rel} ".join(triple.object for triple in node.triples)
            self.nodes[key] = _name("N", len(self.nodes) + 1, told)

    def cql(self, library: str, release: Release, codes: Codes = NO_CODES) -> str:
        """The source of the library."""
        parts = [
            f"library {library} version '{VERSION}'\n",
            "// DRAFT: each define that begins with T is to be implemented; the others follow from them.\n",
            f"using FHIR version '{_MODEL[release]}'\n",
            *cql_codes(codes, self.triples),
            "context Patient\n",
        ]
        for triple, name in self.triples.items():
            said = f"// {_line(triple.relation)} of {_line(triple.subject)}: {_line(triple.object)}\n"
            parts += [said + _define(name, TO_BE_IMPLEMENTED), _define(negated(name), f'not "{name}"')]
        for (logic, triples), name in self.nodes.items():
            held = f" {logic} ".join(f'"{self.triples[triple]}"' for triple in triples)
            parts += [_define(name, held), _define(negated(name), f'not "{name}"')]
        return "\n".join(parts)


def library_resource(
    defines: Defines, names: DocumentNames, document: str, base: str, release: Release, codes: Codes = NO_CODES
) -> Json:
    """The Library with the source in it."""
    source = defines.cql(names.library, release, codes).encode()
    chosen = "The codes in it are those that a person accepted." if codes else "No code was chosen for any of them."
    return {
        "resourceType": "Library",
        "id": names.library,
        "url": library_url(names, base),
        "version": VERSION,
        "name": names.library,
        "title": f"Conditions of {words(document)}",
        "status": "draft",
        "experimental": True,
        "type": concept(LIBRARY_TYPE, "logic-library"),
        "description": f"DRAFT. The conditions of the decision trees of {markdown(document)}, each as a define that is "
        f"null until somebody implements it. {chosen}",
        "content": [{"contentType": CQL, "data": base64.b64encode(source).decode()}],
    }


def library_url(names: DocumentNames, base: str) -> str:
    """Its canonical address, without the version."""
    return f"{base}/Library/{names.library}"


def _name(kind: str, number: int, told: str) -> str:
    readable = " ".join(_NOT_IN_NAMES.sub(" ", told).split())
    if len(readable) > _LONGEST:
        readable = (readable[: _LONGEST + 1].rpartition(" ")[0] or readable[:_LONGEST]) + "…"
    return f"{kind}{number} {readable}".strip()


def _define(name: str, expression: str) -> str:
    return f'define "{name}":\n  {expression}\n'


def _line(text: str) -> str:
    """Words that stay in one line, whatever counts as the end of a line."""
    return " ".join(words(text).split())
