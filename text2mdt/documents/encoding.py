"""Bytes of a file → text, or a named error."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from text2mdt.errors import Text2MDTError

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY_STARTS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ENOUGH_BYTES = 40
_LIKELY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "gb18030", "big5", "cp932", "euc_jp", "euc_kr"]
"""The old encodings that editors still write; more candidates only make for more wrong guesses."""
_SAMPLE_BYTES = 200_000


def decode(data: bytes, where: object = "") -> str:
    """The text of a file: UTF-8, UTF-16 or UTF-32 with a mark, else the encoding its bytes tell of.

    Line ends become "\\n". Raises T2M011 (empty), T2M012 (binary) and T2M013 (encoding unknown).
    """
    if not data:
        raise Text2MDTError("T2M011", where)
    if data.startswith(_BINARY_STARTS):
        raise Text2MDTError("T2M012", where)
    text = _decoded(data, where)
    # One stray control character is a slip of the editor, more are a sign of binary data.
    if "\x00" in text or len(_CONTROL.findall(text[:_SAMPLE_BYTES])) > len(text[:_SAMPLE_BYTES]) // 200 + 1:
        raise Text2MDTError("T2M012", where)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Text2MDTError("T2M011", where)
    return text


def _decoded(data: bytes, where: object) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise Text2MDTError("T2M013", where) from None
    if b"\x00" in data:
        raise Text2MDTError("T2M012", where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data, where)


def _guessed(data: bytes, where: object) -> str:
    """Decodes by the statistics of the bytes; a few bytes tell nothing."""
    if len(data) < _ENOUGH_BYTES:
        raise Text2MDTError("T2M013", where)
    matches = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_LIKELY)
    best = matches.best()
    if best is None:
        raise Text2MDTError("T2M013", where)
    encoding = best.encoding
    # European code pages share most letters; of two equal guesses the Western one is likelier.
    western = next((match for match in matches if match.encoding == "cp1252"), best)
    if western.chaos <= best.chaos and western.coherence >= best.coherence:
        encoding = western.encoding
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise Text2MDTError("T2M013", where) from None
