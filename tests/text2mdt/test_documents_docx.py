"""Word files: structure, exact words, bad files."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import pytest
from document_checks import check_blocks, code_of, shown
from docx import Document as WordDocument
from hypothesis import given, settings
from hypothesis import strategies as st
from word_files import field, guideline, paragraph, parts_of, picture, style, text_box, word_file, zipped

from text2mdt.documents import Document, read_document
from text2mdt.errors import Text2MDTError

STYLES = (
    style("Normal", "Normal", default=True)
    + style("Heading1", "heading 1", "<w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:rPr><w:b/></w:rPr>")
    + style("berschrift2", "heading 2", "<w:basedOn w:val='Heading1'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr>")
    + style("Own", "Trust section", "<w:basedOn w:val='berschrift2'/>")
    + style("Body1", "Body on heading", "<w:basedOn w:val='Heading1'/><w:pPr><w:outlineLvl w:val='9'/></w:pPr>")
    + style("TOC1", "toc 1")
    + style("Tick", "Tick list", "<w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr>")
    + style("Ref", "Reference mark", "<w:rPr><w:vertAlign w:val='superscript'/></w:rPr>", "character")
    + style("Secret", "Secret", "<w:rPr><w:vanish/></w:rPr>")
    + style("A", "A", "<w:basedOn w:val='B'/>")
    + style("B", "B", "<w:basedOn w:val='A'/>")
)
NUMBERING = (
    "<w:abstractNum w:abstractNumId='5'><w:lvl w:ilvl='0'><w:numFmt w:val='bullet'/><w:lvlText w:val='•'/></w:lvl>"
    "<w:lvl w:ilvl='1'><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.%2'/></w:lvl>"
    "<w:lvl w:ilvl='2'><w:numFmt w:val='none'/><w:lvlText w:val=''/></w:lvl></w:abstractNum>"
    "<w:num w:numId='1'><w:abstractNumId w:val='5'/></w:num>"
)


def read(body: str) -> Document:
    document = read_document(word_file(body, STYLES, NUMBERING), "a.docx")
    check_blocks(document)
    return document


def blocks(body: str) -> list[str]:
    return [shown(block) for block in read(body).blocks]


def styled(words: str, name: str) -> str:
    return paragraph(words, f"<w:pStyle w:val='{name}'/>")


def listed(words: str, level: int, number: int = 1) -> str:
    return paragraph(words, f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{number}'/></w:numPr>")


def runs(*pieces: str) -> str:
    """A paragraph of runs; "^" at the start of one stands for raised."""
    made = ""
    for piece in pieces:
        raised = "<w:vertAlign w:val='superscript'/>" if piece.startswith("^") else ""
        made += f"<w:r><w:rPr>{raised}</w:rPr><w:t xml:space='preserve'>{piece.removeprefix('^')}</w:t></w:r>"
    return f"<w:p>{made}</w:p>"


def cell(inside: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    made = "".join(text if text.startswith("<w:tc>") else cell(paragraph(text)) for text in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def test_a_guideline_from_end_to_end() -> None:
    document = read_document(guideline(), "gout.docx")
    check_blocks(document)
    assert [shown(block) for block in document.blocks] == [
        "h1 Management of gout in adults",
        "h2 1 Acute treatment",
        "p Gout is common. Refer adults with a BMI over 40 kg/m² or platelets below 100 × 10⁹/L.",
        "h11 Acute attack",
        "p Give one of:",
        "l1 naproxen 500 mg twice daily, but:",
        "l2 not if eGFR is below 30 ml/min",
        "l1 colchicine",
        "p Give colchicine 500 mcg.",
        "h3 1.1 Doses",
        "r Renal function: eGFR 30 to 60; Drug: colchicine; Dose: 500 mcg",
        "r Renal function: eGFR 30 to 60; Drug: naproxen; Dose: avoid if: heart failure; ulcer",
        "r Renal function: eGFR below 30; Drug / Dose: specialist advice",
        "p Do not stop allopurinol during an attack.",
        "r Age: over 65; Dose: 50 mg",
        "p See the patient again.",
    ]
    assert document.text == (
        "Management of gout in adults\n\n1 Acute treatment\n\n"
        "Gout is common. Refer adults with a BMI over 40 kg/m² or platelets below 100 × 10⁹/L.\n\n"
        "Acute attack\n\nGive one of:\n\nnaproxen 500 mg twice daily, but:\nnot if eGFR is below 30 ml/min\ncolchicine"
        "\n\nGive colchicine 500 mcg.\n\n1.1 Doses\n\nRenal function\tDrug\tDose\neGFR 30 to 60\tcolchicine\t500 mcg\n"
        "naproxen\tavoid if: heart failure ulcer\neGFR below 30\tspecialist advice\n\n"
        "Do not stop allopurinol during an attack.\n\nAge\tDose\nover 65\t50 mg\n\nSee the patient again."
    )
    assert document.blocks[7].heading_path == ("Management of gout in adults", "1 Acute treatment", "Acute attack")
    assert document.blocks[-1].heading_path == ("Management of gout in adults", "1 Acute treatment", "1.1 Doses")
    assert [note.kind for note in document.notes] == ["tracked changes"]
    assert document.layout is None


def test_headings_by_style_and_outline_level() -> None:
    body = (
        styled("Gout", "Heading1")
        + styled("Treatment", "berschrift2")
        + styled("Doses", "Own")
        + styled("Running text in a style that is based on a heading.", "Body1")
        + paragraph("By level", "<w:outlineLvl w:val='2'/>")
        + paragraph("words", "<w:outlineLvl w:val='9'/>")
        + styled("Give one of these drugs to every patient who has an attack, and then see the patient again.", "Own")
        + styled("Defined nowhere", "Heading3")
        + styled("words", "NoSuchStyle")
        + styled("Round in circles", "A")
    )
    assert blocks(body) == [
        "h1 Gout",
        "h2 Treatment",
        "h2 Doses",
        "p Running text in a style that is based on a heading.",
        "h3 By level",
        "p words",
        "p Give one of these drugs to every patient who has an attack, and then see the patient again.",
        "h3 Defined nowhere",
        "p words",
        "p Round in circles",
    ]


def test_headings_that_only_their_type_shows() -> None:
    bold, large = "<w:b/>", "<w:b/><w:sz w:val='32'/>"
    body = (
        paragraph("Gout in adults", run=large)
        + paragraph("1. Treatment", run=bold)
        + paragraph("Give colchicine.")
        + paragraph("Do not wait.", run=bold)
        + paragraph("Table 2 Doses", run=bold)
        + "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>If</w:t></w:r><w:r><w:t> pregnant</w:t></w:r></w:p>"
        + paragraph("Follow-up", run=bold)
        + paragraph("After the attack see every patient again within two weeks.")
    )
    document = read(body)
    assert [shown(block) for block in document.blocks] == [
        "h1 Gout in adults",
        "h12 1. Treatment",
        "p Give colchicine.",
        "p Do not wait.",
        "p Table 2 Doses",
        "p If pregnant",
        "h12 Follow-up",
        "p After the attack see every patient again within two weeks.",
    ]
    assert document.blocks[-1].heading_path == ("Gout in adults", "Follow-up")
    assert document.title == "Gout in adults"


def test_lists() -> None:
    body = (
        listed("first", 0)
        + listed("second level", 1)
        + styled("by its style", "Tick")
        + paragraph("out of it", "<w:pStyle w:val='Tick'/><w:numPr><w:numId w:val='0'/></w:numPr>")
        + listed("a level without a sign", 2)
        + listed("unknown list", 3, number=77)
        + listed("Offer colchicine to all adults who have a flare:", 1)
        + paragraph("•\ttyped")
        + paragraph("a) typed", "<w:ind w:left='720'/>")
        + paragraph("(2) typed 5.5 mg")
        + paragraph("2.5 mg is enough")
    )
    assert blocks(body) == [
        "l1 first",
        "l2 second level",
        "l2 by its style",
        "p out of it",
        "p a level without a sign",
        "l4 unknown list",
        "p Offer colchicine to all adults who have a flare:",
        "l1 typed",
        "l2 typed",
        "l1 typed 5.5 mg",
        "p 2.5 mg is enough",
    ]
    assert read(listed("a", 0) + listed("b", 1) + paragraph("c")).text == "a\nb\n\nc"


def test_characters() -> None:
    body = (
        "<w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three\u00a0mg</w:t></w:r>"
        "<w:r><w:t xml:space='preserve"
        "'> low</w:t><w:noBreakHyphen/><w:t>dose cor\u00adti</w:t><w:softHyphen/><w:t>sone \u200bx\u2011y</w:t></w:r>"
        "<w:hyperlink r:id='r1'><w:r><w:t xml:space='preserve'> linked</w:t></w:r></w:hyperlink></w:p>"
        "<w:p><w:r><w:t xml:space='preserve'>eGFR </w:t></w:r><w:r><w:sym w:font='Symbol' w:char='F0B3'/></w:r>"
        "<w:r><w:t xml:space='preserve'> 30, </w:t></w:r><w:r><w:rPr><w:rFonts w:ascii='Symbol'/></w:rPr><w:t>b</w:t>"
        "</w:r><w:r><w:t>-blocker \uf0a3 5 </w:t></w:r><w:r><w:sym w:font='Wingdings' w:char='F0E0'/></w:r>"
        "<w:r><w:t xml:space='preserve'> stop</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>• one</w:t><w:br/><w:t>• two</w:t></w:r></w:p>"
    )
    assert blocks(body) == [
        "p one two three mg low-dose cortisone x-y linked",
        "p eGFR ≥ 30, β-blocker ≤ 5 → stop",
        "l1 one",
        "l1 two",
    ]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (("Gout is common", "^1", "^,", "^2", "."), "Gout is common."),
        (("as shown.", "^3–5", " Then"), "as shown. Then"),
        (("in adults (RR 2)", "^12", ","), "in adults (RR 2),"),
        (("as shown ", "^[4]", "."), "as shown."),
        (("first", "^1", ",", "^2", " then"), "first then"),
        (("BMI 30 kg/m", "^2", " or"), "BMI 30 kg/m² or"),
        (("1.73 m", "^2", "."), "1.73 m²."),
        (("BMI 30 kg/m", "^2", "^,4", " or"), "BMI 30 kg/m² or"),
        (("200 cells/mm", "^3"), "200 cells/mm³"),
        (("a hole of 3 cm", "^2"), "a hole of 3 cm²"),
        (("× 10", "^9", "/L"), "× 10⁹/L"),
        (("× 10", "^-3", " mol"), "× 10⁻³ mol"),
        (("ml min", "^−1"), "ml min⁻¹"),
        (("since 2019", "^4"), "since 2019⁴"),
        (("Ca", "^2+", " level"), "Ca2+ level"),
        (("the 5", "^th", " day"), "the 5th day"),
        (("Dose", "^a", " daily"), "Dose daily"),
        (("^1", "Not licensed"), "1Not licensed"),
        (("I", "^2", " was 40%"), "I² was 40%"),
    ],
)
def test_raised_characters(pieces: tuple[str, ...], words: str) -> None:
    assert read(runs(*pieces)).text == words


def test_a_raised_number_by_its_character_style() -> None:
    body = "<w:p><w:r><w:t>Gout</w:t></w:r><w:r><w:rPr><w:rStyle w:val='Ref'/></w:rPr><w:t>7</w:t></w:r></w:p>"
    assert read(body).text == "Gout"


def test_what_is_left_out() -> None:
    contents = field("TOC \\o", "Introduction\t1", "Treatment\t2")
    page = "".join(field(" PAGEREF x ", "12"))
    body = (
        f"<w:p>{contents[0]}</w:p><w:p>{contents[1]}{contents[2]}</w:p>"
        "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
        f"<w:sdtContent>{paragraph('Contents')}</w:sdtContent></w:sdt>"
        + styled("Introduction 3", "TOC1")
        + "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + paragraph("Click here to enter text")
        + "</w:sdtContent></w:sdt>"
        + paragraph("hidden", run="<w:vanish/>")
        + styled("hidden", "Secret")
        + paragraph("shown", "<w:pStyle w:val='Secret'/>", "<w:vanish w:val='0'/>")
        + f"<w:p><w:r><w:t xml:space='preserve'>See page </w:t></w:r>{page}</w:p>"
        + "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>REF</w:instrText></w:r></w:p>"
        + paragraph("A field that never ends hides nothing.")
        + "<w:p><w:fldSimple w:instr=' TOC '><w:r><w:t>contents</w:t></w:r></w:fldSimple></w:p>"
    )
    assert blocks(body) == ["p shown", "p See page 12", "p A field that never ends hides nothing."]


def test_content_controls_and_alternatives_are_read_once() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{paragraph('In a control.')}<w:sdt><w:sdtContent>{paragraph('Deeper.')}</w:sdtContent>"
        "</w:sdt></w:sdtContent></w:sdt><w:p><w:sdt><w:sdtContent><w:r><w:t>Inline.</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:smartTag><w:r><w:t xml:space='preserve'> Smart.</w:t></w:r></w:smartTag></w:p>"
        f"<w:p><w:r><w:t>Anchor.</w:t></w:r><w:r>{text_box('Red flag: fever.')}</w:r></w:p>" + paragraph("After.")
    )
    assert blocks(body) == [
        "p In a control.",
        "p Deeper.",
        "p Inline. Smart.",
        "p Anchor.",
        "p Red flag: fever.",
        "p After.",
    ]


def test_tracked_changes_comments_and_notes() -> None:
    body = (
        "<w:p><w:r><w:t>Give</w:t></w:r><w:del w:id='1'><w:r><w:delText> 5 mg</w:delText></w:r></w:del>"
        "<w:ins w:id='2'><w:r><w:t xml:space='preserve'> 10 mg</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:commentRangeStart w:id='3'/>"
        "<w:r><w:commentReference w:id='3'/><w:footnoteReference w:id='1'/><w:footnoteReference w:id='2'/>"
        "<w:endnoteReference w:id='1'/></w:r><w:r><w:rPr><w:strike/></w:rPr><w:t>twice</w:t></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del w:id='4'/></w:rPr></w:pPr><w:r><w:t xml:space='preserve'>One sentence </w:t></w:r>"
        "</w:p>" + paragraph("of two paragraphs.")
    )
    document = read(body)
    assert [shown(block) for block in document.blocks] == ["p Give 10 mg", "p One sentence of two paragraphs."]
    assert [(note.kind, note.text) for note in document.notes] == [
        ("struck out", "at the start: struck-out words, not read: twice"),
        ("tracked changes", "the file has tracked changes: read as if all were accepted"),
        ("comment", "1 comment, not read"),
        ("footnote", "2 footnotes, not read"),
        ("endnote", "1 endnote, not read"),
    ]


def test_figures() -> None:
    chart = (
        "<w:drawing><wp:inline><a:graphic><a:graphicData><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    line = "<w:drawing><a:graphic><a:graphicData><wps:wsp/></a:graphicData></a:graphic></w:drawing>"
    flowchart = (
        "<w:drawing><a:graphic><a:graphicData><wpg:wgp>"
        + "".join(
            f"<wps:wsp><wps:txbx><w:txbxContent>{paragraph(words)}</w:txbxContent></wps:txbx></wps:wsp>"
            for words in ("Fever?", "Yes: treat", "No: wait")
        )
        + "</wpg:wgp></a:graphicData></a:graphic></w:drawing>"
    )
    body = (
        styled("Pathway", "Heading1")
        + f"<w:p><w:r>{picture('a red square')}</w:r></w:p>"
        + paragraph("Figure 1. Treatment")
        + f"<w:p><w:r>{picture('a blue square')}{line}</w:r></w:p>"
        + paragraph("More words.")
        + f"<w:p><w:r>{chart}<w:object><v:shape/><o:OLEObject/></w:object></w:r></w:p>"
        + f"<w:p><w:r>{flowchart}</w:r></w:p>"
        + "<w:p><m:oMathPara><m:oMath><m:f><m:num><m:r><m:t>140-age</m:t></m:r></m:num><m:den><m:r><m:t>Cr</m:t></m:r>"
        "</m:den></m:f></m:oMath></m:oMathPara></w:p><w:altChunk r:id='r9'/>"
    )
    document = read(body)
    assert [shown(block) for block in document.blocks] == [
        "h1 Pathway",
        "p Figure 1. Treatment",
        "p More words.",
        "p Fever?",
        "p Yes: treat",
        "p No: wait",
        "p (140-age)/Cr",
    ]
    assert [note.text for note in document.notes] == [
        'after "Pathway": figure, not read: Figure 1. Treatment',
        'after "Pathway": figure, not read: a blue square',
        'after "Pathway": chart, not read',
        'after "Pathway": embedded object, not read',
        'after "Pathway": drawing of 3 text boxes, its lines and arrows not read',
        'after "Pathway": equation, read as a line: (140-age)/Cr',
        'after "Pathway": embedded document, not read',
    ]


def test_tables() -> None:
    header = "<w:tblHeader/>"
    body = table(
        row(cell(paragraph("Table 1. Doses"), "<w:gridSpan w:val='3'/>")),
        row(
            cell(paragraph("Group"), "<w:vMerge w:val='restart'/>"),
            cell(paragraph("Dose"), "<w:gridSpan w:val='2'/>"),
            properties=header,
        ),
        row(cell(paragraph(), "<w:vMerge/>"), "day 1", "day 2", properties=header),
        row(cell(paragraph("First line"), "<w:gridSpan w:val='3'/>")),
        row("adults", "50 mg", ""),
        row("children", cell(paragraph("25 mg"), "<w:gridSpan w:val='2'/>")),
        row("deleted", "1", "2", properties="<w:del w:id='1'/>"),
        row(cell(paragraph("Second line"), "<w:gridSpan w:val='3'/>")),
        row("adults", cell(table(row("a", "b"), row("c", "d")) + paragraph()), "none"),
        row(cell(paragraph("Doses are for a normal eGFR."), "<w:gridSpan w:val='3'/>")),
    )
    document = read(body)
    assert [shown(block) for block in document.blocks] == [
        "p Table 1. Doses",
        "r First line; Group: adults; Dose, day 1: 50 mg",
        "r First line; Group: children; Dose, day 1 / Dose, day 2: 25 mg",
        "r Second line; Group: adults; Dose, day 1: a b; c d; Dose, day 2: none",
        "r Doses are for a normal eGFR.",
    ]
    assert document.text == (
        "Table 1. Doses\n\nGroup\tDose\nday 1\tday 2\nFirst line\nadults\t50 mg\nchildren\t25 mg\nSecond line\n"
        "adults\ta b c d\tnone\nDoses are for a normal eGFR."
    )


def test_tables_that_are_none() -> None:
    bold = "<w:b/>"
    box = table(row(cell(paragraph("Key point", run=bold) + paragraph("Do not stop.") + listed("ever", 0))))
    two_columns = table(row(cell(paragraph("Left words.")), cell(styled("Right", "Heading1") + paragraph("words."))))
    keys = table(
        row(cell(paragraph("Age", run=bold)), "over 18"), row(cell(paragraph("Setting", run=bold)), "primary care")
    )
    body = styled("Gout", "Heading1") + box + paragraph("After.") + two_columns + keys
    document = read(body)
    assert [shown(block) for block in document.blocks] == [
        "h1 Gout",
        "h31 Key point",
        "p Do not stop.",
        "l1 ever",
        "p After.",
        "p Left words.",
        "h1 Right",
        "p words.",
        "r Age: over 18",
        "r Setting: primary care",
    ]
    assert document.blocks[2].heading_path == ("Gout", "Key point")
    assert document.blocks[4].heading_path == ("Gout",)
    assert document.blocks[-1].heading_path == ("Right",)


WORD = st.text("abcdefgh", min_size=2, max_size=6)
WORDS = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
ITEM = st.one_of(
    st.tuples(st.just("heading"), WORDS, st.integers(1, 4)),
    st.tuples(st.just("paragraph"), WORDS, st.just(0)),
    st.tuples(st.just("item"), WORDS, st.integers(1, 3)),
    st.tuples(st.just("table"), st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=2, max_size=4), st.just(0)),
)


@given(st.lists(ITEM, min_size=1, max_size=12))
@settings(max_examples=12, deadline=None)
def test_what_python_docx_writes_comes_back_in_order(items: list[tuple[str, object, int]]) -> None:
    word = WordDocument()
    expected: list[str] = []
    for kind, content, level in items:
        if kind == "table":
            assert isinstance(content, list)
            made = word.add_table(len(content), 3)
            for number, cells in enumerate(content):
                for column, text in enumerate(cells):
                    made.cell(number, column).text = text
            for cells in content[1:]:
                pairs = zip(content[0], cells, strict=True)
                expected.append("r " + "; ".join(f"{header}: {text}" for header, text in pairs))
        elif kind == "heading":
            word.add_heading(str(content), level)
            expected.append(f"h{level} {content}")
        else:
            name = None if kind == "paragraph" else "List Bullet" if level == 1 else f"List Bullet {level}"
            word.add_paragraph(str(content), style=name)
            expected.append(f"{'p' if kind == 'paragraph' else f'l{level}'} {content}")
    target = io.BytesIO()
    word.save(target)
    document = read_document(target.getvalue(), "a.docx")
    check_blocks(document)
    assert [shown(block) for block in document.blocks] == expected


def test_other_forms_of_the_format() -> None:
    parts = parts_of(paragraph("If fever, treat."))
    strict = {
        name: data.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/"
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
        )
        for name, data in parts.items()
    }
    macros = {
        name: data.replace(b"wordprocessingml.document.main", b"ms-word.document.macroEnabled.main")
        for name, data in parts.items()
    }
    lost = parts | {
        "word/_rels/document.xml.rels": parts["word/_rels/document.xml.rels"].replace(
            b"</Relationships>", b"<Relationship Id='x' Type='a/image' Target='../NULL'/></Relationships>"
        )
    }
    moved = {
        name.replace("word/", "WORD\\"): data.replace(b"word/document", b"/word/document")
        for name, data in parts.items()
        if "document.xml.rels" not in name
    }
    for form in (strict, macros, lost, moved):
        assert read_document(zipped(form), "a.docx").text == "If fever, treat."


def old_office(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + stream.encode("utf-16-le") + bytes(600)


def without(name: str) -> bytes:
    return zipped({key: data for key, data in parts_of(paragraph("words")).items() if key != name})


def replaced(name: str, data: bytes) -> bytes:
    return zipped(parts_of(paragraph("words"), STYLES) | {name: data})


def encrypted_entry() -> bytes:
    data = bytearray(word_file(paragraph("words")))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(sign)
        data[start + offset] |= 1
    return bytes(data)


BOMB = "<w:p/>" * 2_000_000
ENTITIES = (
    b"<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r>"
    b"<w:t>&b;&f;</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (old_office("EncryptedPackage"), "T2M050", "encrypted"),
        (old_office("WordDocument"), "T2M052", "it is an old .doc file: save it as .docx"),
        (old_office("Workbook"), "T2M052", "old Office file"),
        (encrypted_entry(), "T2M050", "encrypted"),
        (b"PK\x03\x04", "T2M052", "not a whole ZIP archive"),
        (guideline()[:-100], "T2M052", "not a whole ZIP archive"),
        (guideline()[:5000], "T2M052", "not a whole ZIP archive"),
        (zipped({"a.txt": b"words"}), "T2M052", "it holds no Word document"),
        (without("word/document.xml"), "T2M052", "it holds no Word document"),
        (replaced("word/document.xml", b"<a/>"), "T2M052", "it holds no Word document"),
        (replaced("word/document.xml", b"<w:document"), "T2M052", "word/document.xml is not well-formed"),
        (replaced("word/document.xml", ENTITIES), "T2M052", "has a document type"),
        (replaced("word/document.xml", ENTITIES.decode().encode("utf-16")), "T2M052", "has a document type"),
        (replaced("word/styles.xml", b"\xff\xfe\x00"), "T2M052", "word/styles.xml is not well-formed"),
        (replaced("word/document.xml", b"<a>" * 5000 + b"</a>" * 5000), "T2M052", "not well-formed"),
        (word_file(BOMB), "T2M053", "times its size"),
        (zipped(parts_of("") | {"word/media/1.bin": bytes(11_000_000)}), "T2M053", "times its size"),
        (word_file(""), "T2M011", "empty"),
        (word_file(paragraph(" \u200b ") + table(row("", ""))), "T2M011", "empty"),
        (word_file(f"<w:p><w:r>{picture('a chart')}</w:r></w:p>"), "T2M011", "empty"),
        (b"%PDF-1.7", "T2M012", "not what its name says"),
        (b"words", "T2M012", "not what its name says"),
    ],
)
def test_bad_files(data: bytes, code: str, words: str) -> None:
    start = time.process_time()
    with pytest.raises(Text2MDTError) as caught:
        read_document(data, "a.docx")
    assert caught.value.code == code
    assert words in str(caught.value)
    assert time.process_time() - start < 5


def test_many_entries_and_many_bytes_are_refused_unread() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(10_001):
            archive.writestr(str(number), b"")
    assert code_of(read_document, target.getvalue(), "a.docx") == "T2M053"
    # An entry may say that it is larger than it is: it is believed before anything is unpacked.
    data = bytearray(word_file(paragraph("words")))
    place = data.find(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 250_000_000)
    assert code_of(read_document, bytes(data), "a.docx") == "T2M053"
    # One that says it is smaller does not unpack.
    data = bytearray(word_file(paragraph("words " * 1000)))
    name = data.rfind(b"word/document.xml", 0, data.find(b"PK\x05\x06"))
    data[name - 46 + 24 : name - 46 + 28] = struct.pack("<I", 100)
    assert code_of(read_document, bytes(data), "a.docx") == "T2M052"


def test_merged_cells_do_not_grow_out_of_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2mdt.documents.draft_writer._MOST_REPEATED", 50_000)
    first = row(*(cell(paragraph("x" * 290), "<w:vMerge w:val='restart'/>") for _ in range(20)))
    rest = row(*(cell(paragraph(), "<w:vMerge/>") for _ in range(19)), "y")
    document = read(paragraph("a") + table(first, *[rest] * 100))
    assert len(document.text) < 7_000
    assert sum(len(block.text) for block in document.blocks) < 60_000
    assert "y" in document.blocks[-1].text


def test_nested_tables_keep_their_words() -> None:
    body = paragraph("innermost")
    for level in range(30):
        body = table(row(cell(paragraph(f"level {level}") + body)))
    document = read(body)
    assert [block.text for block in document.blocks] == [
        *(f"level {level}" for level in range(29, -1, -1)),
        "innermost",
    ]
