"""The text of an uploaded file."""

from __future__ import annotations

from text2mdt.errors import Text2MDTError


def decoded(content: bytes, name: str) -> str:
    """UTF-8 text without a byte order mark; raises T2M013 for what is none, T2M011 for an empty file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Text2MDTError("T2M013", name) from None
    if not text.strip():
        raise Text2MDTError("T2M011", name)
    return text
