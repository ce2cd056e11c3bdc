"""Readers: a file → `Document`, with offsets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePath

from text2mdt.documents.document import Block, BlockKind, Document, Reading
from text2mdt.documents.encoding import decode
from text2mdt.documents.layout import Layout, Page
from text2mdt.errors import Text2MDTError

__all__ = ["READERS", "Block", "BlockKind", "Document", "Layout", "Page", "Reader", "Reading", "read_document"]

MAX_BYTES = 200_000_000
"""Larger files are refused before they are read."""


@dataclass(frozen=True)
class Reader:
    """How the files of some endings are read.

    Attributes:
        read: bytes and the name to put into errors → what was read. It may raise T2M011 to T2M013 and T2M050 to T2M053.
        starts: how such files begin, where they can be told by it.
        is_text: whether all characters of the file are its text, so that a long one is refused before it is read.
        by_layout_model: how they are read with a layout model, where that makes a difference.
    """

    read: Callable[[bytes, object], Reading]
    starts: tuple[bytes, ...] = ()
    is_text: bool = False
    by_layout_model: Callable[[bytes, object], Reading] | None = None


def _markdown(data: bytes, where: object) -> Reading:
    from text2mdt.documents.markdown import markdown_blocks

    text = decode(data, where)
    return Reading(text, tuple(markdown_blocks(text)))


def _text(data: bytes, where: object) -> Reading:
    from text2mdt.documents.text import text_blocks

    text = decode(data, where)
    return Reading(text, tuple(text_blocks(text)))


def _pdf(data: bytes, where: object) -> Reading:
    from text2mdt.documents.pdf import read_pdf

    return read_pdf(data, where)


def _pdf_by_layout_model(data: bytes, where: object) -> Reading:
    from text2mdt.documents.pdf import read_pdf

    return read_pdf(data, where, layout_model=True)


def _docx(data: bytes, where: object) -> Reading:
    from text2mdt.documents.docx import read_docx

    return read_docx(data, where)


def _html(data: bytes, where: object) -> Reading:
    from text2mdt.documents.html import read_html

    return read_html(data, where)


TEXT = Reader(_text, is_text=True)
READERS: dict[str, Reader] = {
    ".pdf": Reader(_pdf, (b"%PDF-",), by_layout_model=_pdf_by_layout_model),
    ".docx": Reader(_docx, (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")),
    ".html": Reader(_html),
    ".htm": Reader(_html),
    ".xhtml": Reader(_html),
    ".md": Reader(_markdown, is_text=True),
    ".markdown": Reader(_markdown, is_text=True),
    ".txt": TEXT,
    ".text": TEXT,
}
"""The reader of each file suffix; a name without a suffix is read as its first bytes tell, else as plain text."""


def read_document(
    path_or_bytes: str | PathLike[str] | bytes,
    name: str | None = None,
    max_characters: int = 2_000_000,
    layout_model: bool = False,
) -> Document:
    """Reads a guideline.

    Args:
        path_or_bytes: a path, or the bytes of a file.
        name: how the document is called; its suffix chooses the reader. Default: the path's last part, and
            "document" for bytes.
        max_characters: longer documents are refused.
        layout_model: the order of the parts of a PDF page is that of docling's layout model (the extra `layout`).

    Raises:
        Text2MDTError: T2M010 not there, T2M011 empty, T2M012 not what its suffix says, T2M013 encoding unknown,
            T2M014 too long, T2M015 suffix unknown, T2M016 a folder or not readable, T2M050 encrypted, T2M051 scanned,
            T2M052 damaged, T2M053 too many bytes or pages; T2M130 to T2M132 for the layout model.
    """
    if isinstance(path_or_bytes, bytes):
        data, name = path_or_bytes, name or "document"
        where = name
    else:
        path = Path(path_or_bytes)
        name, where = name or path.name, str(path)
        _known(name, where)  # before a large file of a type that cannot be read is read
        data = _bytes_of(path)
    if len(data) > MAX_BYTES:
        raise Text2MDTError("T2M053", where, detail=f"more than {MAX_BYTES // 1_000_000} MB")
    if not data:
        raise Text2MDTError("T2M011", where)
    reader = _reader(name, data, where)
    # Every character has at least one byte; decoding is quick, building the blocks of a long text is not.
    if reader.is_text and len(data) > max_characters and (size := len(decode(data, where))) > max_characters:
        raise Text2MDTError("T2M014", where, size=size, limit=max_characters)
    read = reader.by_layout_model if layout_model and reader.by_layout_model else reader.read
    reading = read(data, where)
    if len(reading.text) > max_characters:
        raise Text2MDTError("T2M014", where, size=len(reading.text), limit=max_characters)
    return Document(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        text=reading.text,
        blocks=reading.blocks,
        layout=reading.layout,
        notes=reading.notes,
    )


def _known(name: str, where: str) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix and suffix not in READERS:
        raise Text2MDTError("T2M015", where, suffix=suffix, known=", ".join(READERS))
    return suffix


def _reader(name: str, data: bytes, where: str) -> Reader:
    suffix = _known(name, where)
    if not suffix:
        return next((reader for reader in READERS.values() if reader.starts and data.startswith(reader.starts)), TEXT)
    reader = READERS[suffix]
    if reader.starts and not any(start in data[:1024] for start in reader.starts):
        raise Text2MDTError("T2M012", where)
    return reader


def _bytes_of(path: Path) -> bytes:
    """The file's bytes, but hardly more than the largest file that is read can have."""
    try:
        if path.is_dir():
            raise Text2MDTError("T2M016", path, detail="it is a folder")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the path
        raise Text2MDTError("T2M010", path) from None
    except OSError as error:
        raise Text2MDTError("T2M016", path, detail=error.strerror or type(error).__name__) from None
