"""What a person has said of suggested codes, and the codes that were accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError
from text2mdt.node_text import unescaped
from text2mdt.terminology.code_list import LARGEST, checked_code
from text2mdt.terminology.csv_rows import RowError, named_rows

_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"no", "n", "false", "0"})


class Chosen(NamedTuple):
    """Words of a tree, letter for letter, and a code for them."""

    words: str
    system: str
    code: str
    display: str


@dataclass(frozen=True)
class Codes:
    """The accepted codes by the words that they stand for."""

    by_words: Mapping[str, tuple[Chosen, ...]] = field(default_factory=dict)

    def of(self, words: str) -> tuple[Chosen, ...]:
        """The codes of these words, letter for letter."""
        return self.by_words.get(words, ())

    def __bool__(self) -> bool:
        return bool(self.by_words)


NO_CODES = Codes()


def read_answers(content: str, where: object = "") -> dict[Chosen, str]:
    """Every row in which a person has said "yes" or "no"; those where nothing was said are left out.

    Raises:
        Text2MDTError: T2M127 naming the line.
    """
    said: dict[Chosen, str] = {}
    try:
        for line, row in named_rows(content, ("accepted", "words", "code", "system", "display")):
            answer = row["accepted"].strip().casefold()
            if answer and answer not in _YES | _NO:
                raise RowError(line, f"'{answer[:40]}' is neither yes nor no")
            if answer:
                chosen = Chosen(unescaped(row["words"]), *checked_code(row, line))
                said[chosen] = "yes" if answer in _YES else "no"
    except RowError as error:
        place = f"{where}, line {error.line}" if str(where) else f"line {error.line}"
        raise Text2MDTError("T2M127", place, detail=str(error)) from None
    return said


def accepted_codes(said: Mapping[Chosen, str]) -> Codes:
    """Those that were accepted, in the order of the file."""
    by_words: dict[str, tuple[Chosen, ...]] = {}
    for chosen, answer in said.items():
        if answer == "yes":
            by_words[chosen.words] = (*by_words.get(chosen.words, ()), chosen)
    return Codes(by_words)


def read_said(path: str | Path) -> dict[Chosen, str]:
    """What was said in a file of suggestions; raises T2M010, T2M011, T2M013, T2M016 or T2M053 too, as `read_codes`."""
    path = Path(path)
    return read_answers(read_bounded(path, LARGEST), path)


def read_codes(path: str | Path) -> Codes:
    """The accepted codes of a file that `text2mdt terminology` wrote and a person filled in.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016 or T2M053 for a file that cannot be read, T2M127.
    """
    return accepted_codes(read_said(path))
