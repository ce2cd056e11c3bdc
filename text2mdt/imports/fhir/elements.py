"""FHIR JSON taken apart with care: whatever stands where, a wrong element is a named error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from text2mdt.errors import Text2MDTError

_SHOWN = 80  # characters of a value in an error


@dataclass(frozen=True)
class Element:
    """An object of FHIR JSON and where it stands, for errors."""

    values: dict[str, Any]
    where: str

    def refuse(self, detail: str) -> Text2MDTError:
        """The error to raise where the element is not what text2mdt wrote."""
        return Text2MDTError("T2M076", self.where, detail=detail)

    def children(self, name: str) -> list[Element]:
        """The elements of a list; an empty one where there is none."""
        found = self.values.get(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.refuse(f"'{name}' is not a list of elements")
        return [Element(one, self._below(name, number, one)) for number, one in enumerate(found)]

    def child(self, name: str) -> Element | None:
        found = self.values.get(name)
        if found is not None and not isinstance(found, dict):
            raise self.refuse(f"'{name}' is not an element")
        return None if found is None else Element(found, f"{self.where}.{name}")

    def text(self, name: str) -> str | None:
        """A string; None where there is none or a blank one."""
        found = self.values.get(name)
        if found is not None and not isinstance(found, str):
            raise self.refuse(f"'{name}' is not a text")
        return found if found and found.strip() else None

    def needed(self, name: str) -> str:
        found = self.text(name)
        if found is None:
            raise self.refuse(f"'{name}' is missing")
        return found

    def extensions(self, url: str) -> list[Element]:
        return [one for one in self.children("extension") if one.values.get("url") == url]

    def only_extension(self, url: str) -> Element | None:
        """The one extension of this kind, None where there is none."""
        found = self.extensions(url)
        if len(found) > 1:
            raise self.refuse(f"the extension {shown(url)} stands there more than once")
        return found[0] if found else None

    def part(self, url: str, kind: str) -> str | None:
        """The string value of a part of an extension."""
        found = self.only_extension(url)
        return None if found is None else found.text(kind)

    def number(self, url: str) -> int | None:
        """The whole number of a part of an extension, 0 or above."""
        found = self.only_extension(url)
        value = None if found is None else found.values.get("valueInteger")
        if value is None:
            return None
        if type(value) is not int or not 0 <= value < 2**31:
            raise self.refuse(f"'{url}' is not a whole number")
        return value

    def _below(self, name: str, number: int, one: dict[str, Any]) -> str:
        called = one.get("id")
        return f"{self.where}.{name}[{shown(called) if isinstance(called, str) and called else number}]"


def shown(value: object) -> str:
    """A value for an error: one line, cut."""
    line = " ".join(str(value).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
