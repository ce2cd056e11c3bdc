"""The grammar of a passage in GBNF, the language of llama.cpp; the same texts as `text2mdt.grammar` allows.

GBNF has no `substring_chunks`. A piece of the passage is written as a chain of rules, one a word: each goes on with
the next word, or ends where the piece may end. The chain is walked in two forms, before and behind the first
letter or digit, because a piece needs one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

from text2mdt.grammar import outline_rules, span_chunks
from text2mdt.relations import RelationSet

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[^"]+')
_BLANK = re.compile(r"[\s\x1c-\x1f]")
_LETTER = re.compile(r"\w")


def passage_gbnf(
    text: str,
    population: str,
    relations: RelationSet,
    *,
    format: str = "outline",
    max_depth: int = 6,
    max_triples: int = 8,
    max_trees: int = 3,
    granularity: Literal["words", "chars"] = "words",
) -> str:
    """The GBNF grammar of the target texts that are legal for a passage; arguments and errors as `passage_grammar`."""
    lines = [_rule(line) for line in outline_rules(relations, max_depth, max_triples, max_trees, format)]
    if not re.search(r"\w", text):
        return 'root ::= "none"\n'
    return "\n".join(["root ::= start", *lines, *_pieces(span_chunks(text, granularity))]) + "\n"


def _rule(line: str) -> str:
    """A rule of the Lark grammar: names without underscores, `::=` behind the first."""
    name, _, body = line.partition(":")
    parts = (part if part.startswith('"') else _named(part) for part in _TOKENS.findall(body))
    return f"{_named(name)} ::={''.join(parts)}"


def _named(text: str) -> str:
    return text.replace("_", "-")


def _pieces(chunks: list[str]) -> Iterator[str]:
    usable = _ends(chunks)
    for place, chunk in enumerate(chunks):
        letter, ends = bool(_LETTER.search(chunk)), not _BLANK.match(chunk)
        quoted = _quoted(chunk)
        for seen in (False, True):
            ways = []
            known = seen or letter
            if known and ends:
                ways.append(quoted)
            if place + 1 < len(chunks) and usable[known][place + 1]:
                ways.append(f"{quoted} {_state(place + 1, known)}")
            if ways:
                yield f"{_state(place, seen)} ::= {' | '.join(ways)}"
    starts = [
        _state(place, False) for place, chunk in enumerate(chunks) if not _BLANK.match(chunk) and usable[False][place]
    ]
    yield f"inner ::= {' | '.join(starts)}"
    yield 'OBJECT-NEXT ::= " " inner "\\n"'
    yield 'OBJECT-LAST ::= " " inner'
    yield 'OBJECT-AND ::= " " inner " & "'
    yield 'OBJECT-OR ::= " " inner " | "'
    yield 'SUBJECT ::= inner "]:"'


def _ends(chunks: list[str]) -> dict[bool, list[bool]]:
    """Whether a piece that goes on at a place can come to an end, with a letter seen before and without."""
    usable = {True: [False] * len(chunks), False: [False] * len(chunks)}
    for place in range(len(chunks) - 1, -1, -1):
        letter, ends = bool(_LETTER.search(chunks[place])), not _BLANK.match(chunks[place])
        for seen in (True, False):
            known = seen or letter
            further = place + 1 < len(chunks) and usable[known][place + 1]
            usable[seen][place] = (known and ends) or further
    return usable


def _quoted(text: str) -> str:
    """As JSON, but for two escapes that llama.cpp does not know."""
    return json.dumps(text, ensure_ascii=False).replace("\\b", "\\x08").replace("\\f", "\\x0C")


def _state(place: int, seen: bool) -> str:
    return f"{'w' if seen else 'v'}{place}"
