"""PDF files written object by object, for what no library writes: fonts without a map to Unicode, loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def raw_pdf(objects: Mapping[int, bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A file of these objects with a right cross-reference table."""
    body = b"%PDF-1.7\n"
    places = {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size = max(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        table += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00000 f \n"
    end = b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, trailer, len(body))
    return body + table + end


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def page_of(
    content: bytes, fonts: Mapping[str, bytes], extra: Sequence[bytes] = (), box: bytes = b"0 0 595 842"
) -> bytes:
    """A file of one page with this content and these fonts; `extra` objects have the numbers from 20 on."""
    resources = b" ".join(b"/%s %d 0 R" % (name.encode(), 5 + number) for number, name in enumerate(fonts))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << /Font << %s >> >> >>"
        % (box, resources),
        4: stream(content),
    }
    objects |= {5 + number: font for number, font in enumerate(fonts.values())}
    objects |= {20 + number: content for number, content in enumerate(extra)}
    return raw_pdf(objects)


HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def to_unicode(pairs: Mapping[int, str]) -> bytes:
    """A map from codes of one byte to characters."""
    lines = b"\n".join(b"<%02x> <%s>" % (code, text.encode("utf-16-be").hex().encode()) for code, text in pairs.items())
    return stream(
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n%d beginbfchar\n%s\nendbfchar\nendcmap end end"
        % (len(pairs), lines)
    )
