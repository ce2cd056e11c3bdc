"""Readers: structure, exact offsets, and a named error for every bad file."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from text2mdt.documents import BlockKind, Document, read_document
from text2mdt.errors import Text2MDTError

MARKDOWN = """\
---
title: not part of the text
---
# Gout &amp; *urate* in adults

Give **colchicine**, see [the
table](http://example.org/a(b) "doses"); ![chart](x.png) <b>now</b>.<br>Then stop.

> Quoted advice
> on two lines.

- allopurinol:
  - 100 mg once daily
  - 50\\*mg

```
code is left out
```

<script>alert("x")</script>

<div>If pregnant, <b>refer</b>.</div>

| Group | Dose | |
|---|---|---|
| eGFR < 30 | 50 mg<br>daily | |
| a \\| b | c | |

**Special groups**

    indented words

Setext
------
Last&nbsp;words
"""


def of(document: Document, kind: BlockKind) -> list[str]:
    return [block.text for block in document.blocks if block.kind is kind]


def code_of(call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(Text2MDTError) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    return caught.value.code


def check_offsets(document: Document) -> None:
    for block in document.blocks:
        assert 0 <= block.start < block.end <= len(document.text)
        assert block.text
        assert block.text == " ".join(block.text.split())
        for segment in block.content.segments:
            piece = document.text[segment.document_start : segment.document_start + segment.length]
            assert block.text[segment.passage_start : segment.passage_start + segment.length] == piece


def test_markdown_structure() -> None:
    document = read_document(MARKDOWN.encode(), "gout.md")
    check_offsets(document)
    assert of(document, BlockKind.HEADING) == ["Gout & urate in adults", "Special groups", "Setext"]
    assert of(document, BlockKind.PARAGRAPH) == [
        "Give colchicine, see the table; now. Then stop.",
        "Quoted advice on two lines.",
        "If pregnant, refer.",
        "indented words",
        "Last words",
    ]
    assert of(document, BlockKind.LIST_ITEM) == ["allopurinol:", "100 mg once daily", "50*mg"]
    assert [block.level for block in document.blocks if block.kind is BlockKind.LIST_ITEM] == [1, 2, 2]
    assert of(document, BlockKind.TABLE_ROW) == ["Group: eGFR < 30; Dose: 50 mg daily", "Group: a | b; Dose: c"]
    paths = {block.text: block.heading_path for block in document.blocks}
    assert paths["indented words"] == ("Gout & urate in adults", "Special groups")
    assert paths["Last words"] == ("Gout & urate in adults", "Setext")
    assert document.title == "Gout & urate in adults"


def test_text_structure() -> None:
    text = (
        "GUIDELINE ON GOUT\n\n1 Treatment\n\n1.1 Acute attack\n\nGive one of these for up to\n5 days:\n"
        "- naproxen 500 mg\n  twice daily\n- colchicine\n\n1.1.1 Stop it if diarrhoea occurs. 1.1.2 Then wait.\n\n"
        "Table 1. Doses\n\nGroup      Dose      Days\nAdults      50 mg      5\nChildren      25 mg      3\n\n"
        "Follow-up\n---------\nSee the patient again.\n"
    )
    document = read_document(text.encode(), "gout.txt")
    check_offsets(document)
    assert of(document, BlockKind.HEADING) == ["GUIDELINE ON GOUT", "1 Treatment", "1.1 Acute attack", "Follow-up"]
    assert of(document, BlockKind.LIST_ITEM) == ["naproxen 500 mg twice daily", "colchicine"]
    assert of(document, BlockKind.TABLE_ROW) == [
        "Group: Adults; Dose: 50 mg; Days: 5",
        "Group: Children; Dose: 25 mg; Days: 3",
    ]
    assert of(document, BlockKind.PARAGRAPH) == [
        "Give one of these for up to 5 days:",
        "1.1.1 Stop it if diarrhoea occurs. 1.1.2 Then wait.",
        "Table 1. Doses",
        "See the patient again.",
    ]
    assert document.blocks[3].heading_path == ("GUIDELINE ON GOUT", "1 Treatment", "1.1 Acute attack")
    assert document.blocks[-1].heading_path == ("GUIDELINE ON GOUT", "Follow-up")


def test_a_bar_table_in_plain_text() -> None:
    document = read_document(b"| Age | Dose |\n|-----|------|\n| 1 | 5 mg |\n| 2 | 10 mg |\n", "t.txt")
    assert [block.text for block in document.blocks] == ["Age: 1; Dose: 5 mg", "Age: 2; Dose: 10 mg"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Fièvre supérieure à 39 °C\r\nchez l’enfant – donner 10 µg/kg.\rDéjà vu, très sévère.\n"
    document = read_document(text.encode(encoding), "a.txt")
    assert document.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert document.sha256 == hashlib.sha256(text.encode(encoding)).hexdigest()
    assert document.info.characters == len(document.text)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.md", "T2M011"),
        (b" \n\t\r\n", "a.md", "T2M011"),
        (b"\xef\xbb\xbf", "a.md", "T2M011"),
        (b"If \x00 then", "a.md", "T2M012"),
        (bytes(range(256)) * 20, "a.txt", "T2M012"),
        (b"%PDF-1.7 text", "a.txt", "T2M012"),
        (b"\x01\x02\x03\x04\x05\x06 words", "a.txt", "T2M012"),
        ("39 °C".encode("latin-1"), "a.txt", "T2M013"),
        (b"\xff\xfea", "a.txt", "T2M013"),
        (b"text", "guideline.rtf", "T2M015"),
        (b"text", "guideline.pdf", "T2M012"),
        (b"text", "guideline.DOCX", "T2M012"),
    ],
)
def test_bad_bytes(data: bytes, name: str, code: str) -> None:
    assert code_of(read_document, data, name) == code


def test_bad_paths(tmp_path: Path) -> None:
    assert code_of(read_document, tmp_path / "absent.md") == "T2M010"
    assert code_of(read_document, tmp_path) == "T2M016"
    assert code_of(read_document, "a\0b.md") == "T2M010"
    (tmp_path / "file.md").write_text("words")
    assert code_of(read_document, tmp_path / "file.md" / "below.md") == "T2M010"
    assert code_of(read_document, tmp_path / ("x" * 400 + ".md")) == "T2M016"


def test_too_long(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_bytes(b"word word\n" * 1_000_000)
    start = time.perf_counter()
    assert code_of(read_document, path) == "T2M014"
    assert time.perf_counter() - start < 2
    assert code_of(read_document, b"abcdef", max_characters=5) == "T2M014"
    assert read_document(b"abcde", max_characters=5).text == "abcde"


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.md"
    path.touch()
    with pytest.raises(Text2MDTError, match=r"T2M011: the file is empty: .*empty\.md: give a file"):
        read_document(path)


@pytest.mark.parametrize("noise", ["<div " + "<" * 100_000, "[" * 5_000, "*a" * 5_000, "> " * 20_000, "<!--" * 5_000])
def test_hostile_markdown_takes_no_long_time(noise: str) -> None:
    start = time.perf_counter()
    check_offsets(read_document(noise.encode(), "a.md"))
    assert time.perf_counter() - start < 5


def test_suffix_of_the_name_chooses_the_reader() -> None:
    assert read_document(b"# A\n\nb", "a.md").blocks[0].kind is BlockKind.HEADING
    assert read_document(b"plain words here.").name == "document"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Children with a temperature above 38.5 °C – give 10 µg/kg. Don’t use “naïve” café.", "cp1252"),
        ("Pacienti s horečkou nad 38 °C dostanou paracetamol; při selhání léčby zvýšit dávku.", "cp1250"),
        ("Пациентам с лихорадкой назначают парацетамол, если температура выше 38,5 °C.", "cp1251"),
        ("如果患者有发热，给予对乙酰氨基酚治疗，注意观察体温变化。如果没有好转则转诊。", "gb18030"),
    ],
)
def test_old_encodings_are_told_from_the_bytes(text: str, encoding: str) -> None:
    assert read_document(text.encode(encoding), "a.txt").text == text
