"""Readers: a file → `Document`, with offsets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from os import PathLike
from pathlib import Path, PurePath

from text2mdt.documents.document import Block, BlockKind, Document
from text2mdt.documents.encoding import decode
from text2mdt.documents.markdown import markdown_blocks
from text2mdt.documents.text import text_blocks
from text2mdt.errors import Text2MDTError

READERS: dict[str, Callable[[str], list[Block]]] = {
    ".md": markdown_blocks,
    ".markdown": markdown_blocks,
    ".txt": text_blocks,
    ".text": text_blocks,
}
"""The reader of each file suffix; a name without a suffix is read as plain text."""

_MOST_BYTES_A_CHARACTER = 4

__all__ = ["READERS", "Block", "BlockKind", "Document", "read_document"]


def read_document(
    path_or_bytes: str | PathLike[str] | bytes, name: str | None = None, max_characters: int = 2_000_000
) -> Document:
    """Reads a guideline.

    Args:
        path_or_bytes: a path, or the bytes of a file.
        name: how the document is called; its suffix chooses the reader. Default: the path's last part, and
            "document" (plain text) for bytes.
        max_characters: longer documents are refused.

    Raises:
        Text2MDTError: T2M010 not there, T2M011 empty, T2M012 binary, T2M013 encoding unknown, T2M014 too
            long, T2M015 suffix unknown, T2M016 a folder or not readable.
    """
    if isinstance(path_or_bytes, bytes):
        data, name = path_or_bytes, name or "document"
        where = name
    else:
        path = Path(path_or_bytes)
        data, name, where = _bytes_of(path, max_characters), name or path.name, str(path)
    read = _reader(name, where)
    if len(data) > max_characters * _MOST_BYTES_A_CHARACTER:
        raise Text2MDTError("T2M014", where, size=f"more than {max_characters}", limit=max_characters)
    text = decode(data, where)
    if len(text) > max_characters:
        raise Text2MDTError("T2M014", where, size=len(text), limit=max_characters)
    return Document(name=name, sha256=hashlib.sha256(data).hexdigest(), text=text, blocks=tuple(read(text)))


def _reader(name: str, where: str) -> Callable[[str], list[Block]]:
    suffix = PurePath(name).suffix.lower()
    if suffix and suffix not in READERS:
        raise Text2MDTError("T2M015", where, suffix=suffix, known=", ".join(READERS))
    return READERS.get(suffix, text_blocks)


def _bytes_of(path: Path, max_characters: int) -> bytes:
    """The file's bytes, but hardly more than a document of the greatest length can have."""
    try:
        if path.is_dir():
            raise Text2MDTError("T2M016", path, detail="it is a folder")
        with path.open("rb") as file:
            return file.read(max_characters * _MOST_BYTES_A_CHARACTER + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the path
        raise Text2MDTError("T2M010", path) from None
    except OSError as error:
        raise Text2MDTError("T2M016", path, detail=error.strerror or type(error).__name__) from None
