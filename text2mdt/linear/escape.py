"""Escaping of free text inside the outline format."""

from __future__ import annotations

import re

_ESCAPES = str.maketrans({"\\": "\\\\", "|": "\\|", "&": "\\&", "[": "\\[", "]": "\\]", "\n": "\\n", "\r": "\\r"})
_NAMED = {"n": "\n", "r": "\r", "-": ""}
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)


def escape(text: str) -> str:
    """The text with backslash, |, &, [, ], newline and carriage return escaped by a backslash."""
    return text.translate(_ESCAPES)


def escape_field(text: str) -> str:
    r"""A subject or object as it is written: escaped, with the empty mark `\-` at blank edges.

    The mark keeps outer blanks (and an empty field) exact, since the reader takes bare ones for noise.
    """
    escaped = escape(text)
    if escaped and escaped == escaped.strip():
        return escaped
    return f"\\-{escaped}\\-"


def unescape(text: str) -> str:
    """The text that was escaped; an unknown escape yields its character, a lone last backslash nothing."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _NAMED.get(match[1], match[1]), text)
