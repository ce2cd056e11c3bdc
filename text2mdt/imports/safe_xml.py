"""Parses XML that comes from elsewhere: no document type, no entities, no network, bounded size."""

from __future__ import annotations

from lxml import etree

from text2mdt.errors import Text2MDTError
from text2mdt.imports.imported import refuse_long


def parse_xml(content: str, kind: str, where: object = "") -> etree._Element:
    """The root of an XML document.

    Raises:
        Text2MDTError: T2M120 naming the line where it is no XML or has a document type, T2M121 where it is too big.
    """
    refuse_long(content, where)
    if "<!DOCTYPE" in content:
        line = content[: content.index("<!DOCTYPE")].count("\n") + 1
        raise Text2MDTError("T2M120", place(where, line), kind=kind, detail="a document type is not taken")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(content.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise Text2MDTError(
            "T2M120", place(where, error.lineno or 1), kind=kind, detail=error.msg or "no XML"
        ) from None


def place(where: object, line: int | None) -> str:
    """A file and a line of it, for messages."""
    return f"{where}, line {line}" if where else f"line {line}"


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, which differs between versions of a standard; empty for an instruction."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
