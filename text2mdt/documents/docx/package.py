"""A Word file's bytes → its parts as XML trees, or a named error; nothing is unpacked before its size is checked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from text2mdt.errors import Text2MDTError

MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
"""Of unpacked to packed bytes, where more than `_SMALL` bytes are unpacked."""
MAX_ENTRIES = 10_000
MAX_TAGS = 6_000_000
"""In one part; a page of text has some hundreds."""

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SMALL = 10_000_000
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
"""Namespaces of the strict form of the format, and those of the form that everyone writes."""
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DOCUMENT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document"


@dataclass(frozen=True)
class DocxPackage:
    """The root elements of the parts that are read; those that the file lacks are None."""

    document: etree._Element
    styles: etree._Element | None = None
    numbering: etree._Element | None = None


def open_package(data: bytes, where: object) -> DocxPackage:
    """Opens a Word file.

    python-docx would open the same parts, but it refuses files that Word opens: with a link to a lost picture, with
    macros, or in the strict form of the format.

    Raises:
        Text2MDTError: T2M050 encrypted, T2M052 damaged or no Word file, T2M053 too many bytes or entries.
    """
    if data.startswith(OLE2):
        _refuse_old(data, where)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive, where)
            return _Parts(archive, where).package()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        detail = "it is not a whole ZIP archive" if isinstance(error, zipfile.BadZipFile) else "it does not unpack"
        raise Text2MDTError("T2M052", where, kind="Word", detail=detail) from None


def _refuse_old(data: bytes, where: object) -> None:
    """Raises what is wrong with a file in the container of Office 97, which also holds encrypted newer files."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Text2MDTError("T2M050", where)
    if "WordDocument".encode("utf-16-le") in data:
        detail = "it is an old .doc file: save it as .docx"
    else:
        detail = "it is an old Office file, not a .docx"
    raise Text2MDTError("T2M052", where, kind="Word", detail=detail)


def _check_sizes(archive: zipfile.ZipFile, where: object) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Text2MDTError("T2M053", where, detail=f"{len(entries):,} parts, the limit is {MAX_ENTRIES:,}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Text2MDTError("T2M050", where)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise Text2MDTError("T2M053", where, detail=f"{unpacked // 1_000_000:,} MB unpacked")
    if unpacked > _SMALL and unpacked > MAX_RATIO * packed:
        detail = f"it unpacks to {unpacked // max(packed, 1):,} times its size"
        raise Text2MDTError("T2M053", where, detail=detail)


class _Parts:
    def __init__(self, archive: zipfile.ZipFile, where: object) -> None:
        self.archive = archive
        self.where = where
        # Word does not tell names apart by their case.
        self.names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}

    def package(self) -> DocxPackage:
        main = self._relations("").get("officedocument", "word/document.xml")
        document = self._root(main)
        if document is None or document.tag != _DOCUMENT:
            raise self._damaged("it holds no Word document")
        parts = self._relations(main)
        return DocxPackage(document, *(self._root(parts.get(kind)) for kind in ("styles", "numbering")))

    def _relations(self, part: str) -> dict[str, str]:
        """The parts that a part ("" for the package) refers to, by the last word of their type."""
        folder, name = posixpath.split(part)
        root = self._root(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, str] = {}
        for relation in [] if root is None else root.iter(_RELATION):
            target = relation.get("Target", "").replace("\\", "/")
            if target and relation.get("TargetMode") != "External":
                kind = relation.get("Type", "").rsplit("/", 1)[-1].lower()
                found.setdefault(kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/"))
        return found

    def _root(self, part: str | None) -> etree._Element | None:
        """The root of a part, or None where the file lacks it."""
        name = self.names.get(part.lower()) if part else None
        if name is None:
            return None
        data = self.archive.read(name)
        if data.count(b"<") > MAX_TAGS:
            raise Text2MDTError("T2M053", self.where, detail=f"more than {MAX_TAGS:,} tags in {part}")
        # The format forbids a document type; entities that grow without bounds could hide in one.
        if b"<!DOCTYPE" in data or "<!DOCTYPE".encode("utf-16-le") in data or "<!DOCTYPE".encode("utf-16-be") in data:
            raise self._damaged(f"{part} has a document type")
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, LookupError, ValueError):
            raise self._damaged(f"{part} is not well-formed") from None

    def _damaged(self, detail: str) -> Text2MDTError:
        return Text2MDTError("T2M052", self.where, kind="Word", detail=detail)
