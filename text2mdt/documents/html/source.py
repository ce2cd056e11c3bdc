"""Bytes of a web page → its tree of elements, or a named error."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from html.entities import html5

from lxml import etree

from text2mdt.documents.encoding import decode
from text2mdt.errors import Text2MDTError

MAX_TAGS = 1_000_000
"""A page with more of them is refused; the longest guidelines have some 100,000."""

_DECLARED = re.compile(
    rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)|\A\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_DECLARED_BYTES = 4096
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
"""What browsers read for an encoding that is declared: the wider one that was meant."""
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w{2,32};)")
_XHTML = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\s[^>]*XHTML|<html\b[^>]*\bxmlns\s*=)", re.IGNORECASE)
_TOO_DEEP = ("ERR_RESOURCE_LIMIT", "Excessive depth")
_PLAIN_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|center|cite|code|em|font|i|ins|kbd|label|mark|q|samp|small|span|strong|sub|sup|tt|u|"
    r"var)(?=[\s/>])[^>]*>",
    re.IGNORECASE,
)
_PLAIN_BLOCK = re.compile(
    r"</?(?:article|blockquote|body|dd|details|div|dl|dt|fieldset|figure|footer|form|header|html|li|main|menu|nav|ol|p|"
    r"section|summary|table|tbody|td|tfoot|th|thead|tr|ul)(?=[\s/>])[^>]*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)


def page_tree(data: bytes, where: object) -> etree._Element:
    """The root element of a page, without comments.

    Well-formed XHTML is read as XML, all else as browsers would. A page that is nested too deeply for the parser loses
    its markup first, not its words.

    Raises:
        Text2MDTError: T2M011 empty, T2M012 binary, T2M013 encoding unknown, T2M053 too many tags.
    """
    text = page_text(data, where)
    if text.count("<") > MAX_TAGS:
        raise Text2MDTError("T2M053", where, detail=f"more than {MAX_TAGS:,} tags")
    root = _xhtml(text) if _XHTML.match(text) else None
    if root is None:
        root, too_deep = _html(text)
        # Inline markup goes first, then lists and tables, then all: what is left of the structure is kept.
        for markup, replacement in ((_PLAIN_INLINE, ""), (_PLAIN_BLOCK, "<hr>"), (_ANY_TAG, "<hr>")):
            if not too_deep:
                break
            text = markup.sub(replacement, text)
            root, too_deep = _html(text)
    if root is None:
        raise Text2MDTError("T2M011", where)
    return root


def page_text(data: bytes, where: object) -> str:
    """The source of a page: by its byte order mark, by the encoding it declares, else by its bytes."""
    declared = _declared(data)
    if declared and declared != "utf-8":
        with suppress(UnicodeError, LookupError):  # it may declare a wrong one
            data = data.decode(declared).encode()
    return decode(data, where)


def _declared(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return None
    found = _DECLARED.search(data[:_DECLARED_BYTES])
    if not found:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii", "replace")).name
    except LookupError:
        return None
    # A declaration that can be read byte by byte cannot be one of wide characters.
    return None if name.startswith(("utf-16", "utf-32")) else _WIDER.get(name, name)


def _xhtml(text: str) -> etree._Element | None:
    """The tree of well-formed XHTML, or None. Entities of HTML are put in first; no document type is loaded."""
    if "<!ENTITY" in text:
        return None
    text = _ENTITY.sub(lambda match: html5.get(match[1], match[0]).replace("<", "&lt;").replace("&", "&amp;"), text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.lstrip().encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if str(root.tag).rpartition("}")[2].lower() == "html" else None


def _html(text: str) -> tuple[etree._Element | None, bool]:
    """The tree of a page, and whether the parser stopped because it is nested too deeply."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, False
    return root, any(mark in str(entry) for entry in parser.error_log[-3:] for mark in _TOO_DEEP)
