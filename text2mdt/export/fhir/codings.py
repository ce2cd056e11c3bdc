"""The codes that a person accepted for words of the trees, as FHIR codings and as codes of a CQL library."""

from __future__ import annotations

from collections.abc import Mapping

from text2mdt.export.fhir.systems import Json
from text2mdt.schema import Triple
from text2mdt.terminology.accepted import Chosen, Codes


def codings(codes: Codes, words: str) -> list[Json]:
    """The accepted codes of these words; `userSelected`, since a person chose them."""
    return [_coding(chosen) for chosen in codes.of(words)]


def _coding(chosen: Chosen) -> Json:
    return {"system": chosen.system, "code": chosen.code, "display": chosen.display, "userSelected": True}


def cql_codes(codes: Codes, defines: Mapping[Triple, str]) -> list[str]:
    """The accepted codes of conditions as declarations: a code system each, then a code each for the define's name."""
    systems: dict[str, None] = {}
    declared: list[str] = []
    for triple, name in defines.items():
        for number, chosen in enumerate(codes.of(triple.object), start=1):
            systems[chosen.system] = None
            told = f"{name}, code {number}"
            code, display = _quoted(chosen.code), _quoted(chosen.display)
            declared.append(f"code \"{told}\": '{code}' from \"{chosen.system}\" display '{display}'")
    if not declared:
        return []
    return [*(f"codesystem \"{system}\": '{_quoted(system)}'" for system in systems), "", *declared, ""]


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace("'", "\\'")
