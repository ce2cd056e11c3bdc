"""Small Word files from the XML of their bodies, and a guideline as people write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "wpg": "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def paragraph(words: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of one run: its words, the inside of its `w:pPr` and of its run's `w:rPr`."""
    text = f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>' if words else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{text}</w:p>"


def style(identifier: str, name: str = "", inside: str = "", kind: str = "paragraph", default: bool = False) -> str:
    """A style of `w:styles`; `inside` are the elements after its name."""
    first = ' w:default="1"' if default else ""
    return (
        f'<w:style w:type="{kind}"{first} w:styleId="{identifier}"><w:name w:val="{name or identifier}"/>'
        f"{inside}</w:style>"
    )


def parts_of(body: str, styles: str = "", numbering: str = "") -> dict[str, bytes]:
    """The parts of a Word file by their names."""
    others = {"styles": styles, "numbering": numbering}
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>' for name in others if others[name]
    )
    main = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    texts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">{main}</Relationships>',
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        **{f"word/{name}.xml": f"<w:{name} {NAMESPACES}>{text}</w:{name}>" for name, text in others.items() if text},
    }
    return {name: text.encode() for name, text in texts.items()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def word_file(body: str, styles: str = "", numbering: str = "") -> bytes:
    return zipped(parts_of(body, styles, numbering))


def text_box(words: str) -> str:
    """A text box as Word writes it: once for itself and once for older programs."""
    content = f"<w:txbxContent>{paragraph(words)}</w:txbxContent>"
    return (
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wp:docPr id="7" name="Text Box"/>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        f"</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape>"
        "</w:pict></mc:Fallback></mc:AlternateContent>"
    )


def picture(alternative: str = "") -> str:
    return (
        f'<w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="{alternative}"/><a:graphic><a:graphicData>'
        "<pic:pic/></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


def field(instruction: str, *results: str) -> list[str]:
    """The runs of a field: what opens it with its first result, each further result, and what closes it."""
    begin = (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    first, *others = (f'<w:r><w:t xml:space="preserve">{result}</w:t></w:r>' for result in results)
    return [begin + first, *others, '<w:r><w:fldChar w:fldCharType="end"/></w:r>']


def guideline() -> bytes:
    """A guideline that python-docx writes: headings, lists, tables with merged cells, a box, a tracked change."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Header"
    document.add_heading("Management of gout in adults", 0)
    document.add_heading("1 Acute treatment", 1)
    words = document.add_paragraph("Gout is common")
    words.add_run("1,2").font.superscript = True
    words.add_run(". Refer adults with a BMI over 40 kg/m")
    words.add_run("2").font.superscript = True
    words.add_run(" or platelets below 100 × 10")
    words.add_run("9").font.superscript = True
    words.add_run("/L.")
    document.add_paragraph("Acute attack").runs[0].bold = True
    document.add_paragraph("Give one of:")
    document.add_paragraph("naproxen 500 mg twice daily, but:", style="List Bullet")
    document.add_paragraph("not if eGFR is below 30 ml/min", style="List Bullet 2")
    document.add_paragraph("colchicine", style="List Number")
    change = document.add_paragraph("Give colchicine")
    for tag, text in (("del", "<w:delText> 1 mg</w:delText>"), ("ins", '<w:t xml:space="preserve"> 500 mcg.</w:t>')):
        change._p.append(parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r>{text}</w:r></w:{tag}>'))
    document.add_heading("1.1 Doses", 2)
    table = document.add_table(4, 3)
    for column, text in enumerate(("Renal function", "Drug", "Dose")):
        table.cell(0, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0)).text = "eGFR 30 to 60"
    table.cell(1, 1).text, table.cell(1, 2).text = "colchicine", "500 mcg"
    table.cell(2, 1).text = "naproxen"
    table.cell(2, 2).text = "avoid if:"
    table.cell(2, 2).add_paragraph("heart failure", style="List Bullet")
    table.cell(2, 2).add_paragraph("ulcer", style="List Bullet")
    table.cell(3, 0).text = "eGFR below 30"
    table.cell(3, 1).merge(table.cell(3, 2)).text = "specialist advice"
    box = document.add_table(1, 1).cell(0, 0)
    box.text = "Do not stop allopurinol during an attack."
    inner = box.add_table(2, 2)
    for index, text in enumerate(("Age", "Dose", "over 65", "50 mg")):
        inner.cell(index // 2, index % 2).text = text
    document.add_paragraph("See the patient again.")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def rich_guideline() -> bytes:
    """The guideline with a text box, a field and a picture put into its body."""
    with zipfile.ZipFile(io.BytesIO(guideline())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    small = parts_of(
        "".join(f"<w:p>{piece}</w:p>" for piece in field("TOC", "a", "b"))
        + f"<w:p><w:r>{text_box('box')}{picture('x')}</w:r></w:p>"
        + paragraph("item", "<w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr>")
    )["word/document.xml"].decode()
    inside = small[small.index("<w:body>") + 8 : small.index("</w:body>")]
    main = parts["word/document.xml"].decode()
    parts["word/document.xml"] = small[: small.index("<w:body>")].encode() + (
        main[main.index("<w:body>") :].replace("<w:body>", f"<w:body>{inside}", 1).encode()
    )
    return zipped(parts)
