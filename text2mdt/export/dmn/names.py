"""Names and strings as DMN's expression language FEEL and its XML allow them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 40
_FEEL = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
NAMESPACES = {
    None: "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "di": "http://www.omg.org/spec/DMN/20180521/DI/",
    "text2mdt": "urn:text2mdt:dmn",
}


def input_names(phrases: Iterable[str]) -> list[str]:
    """A name for each phrase, different from all others: "q1_fever_above_38_5"; ASCII letters, digits and "_"."""
    return [f"q{number}{'_' + words if (words := slug(phrase)) else ''}" for number, phrase in enumerate(phrases, 1)]


def slug(phrase: str) -> str:
    """The first words of a phrase, their ASCII letters and digits, small, joined by "_"; may be empty."""
    plain = unicodedata.normalize("NFKD", phrase).encode("ascii", "ignore").decode().lower()
    words = "_".join(re.findall(r"[a-z0-9]+", plain))
    return words if len(words) <= _LONGEST else words[: words.rfind("_", 1, _LONGEST + 1)][:_LONGEST]


def feel_string(words: str) -> str:
    """A string literal of FEEL."""
    return f'"{words.translate(_FEEL)}"'
