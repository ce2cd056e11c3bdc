"""Every export says inside whether people still have to check it."""

from __future__ import annotations

import io
import json
import shutil

import pypdfium2 as pdfium
import pytest
from built_extractions import condition, decision, extraction, passage, tree
from PIL import Image

from text2mdt.export import FORMATS, export
from text2mdt.schema import Extraction

PICTURES = ("png", "pdf")
LIBRARY = "each as a define"
"""What a FHIR library says of itself, whoever has checked the trees: somebody has to implement it first."""


def made(draft: bool) -> Extraction:
    one = tree(condition("fever", "chills"), decision("colchicine"), decision())
    return extraction(passage(1, one)).model_copy(update={"draft": draft})


def words(draft: bool, format: str) -> str:
    """The files of a format as text."""
    return "\n".join(_text(content) for content in export(made(draft), format).values())


def _text(content: str | bytes) -> str:
    if isinstance(content, str):
        return content
    return pdfium.PdfDocument(content)[0].get_textpage().get_text_bounded()


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in PICTURES])
def test_a_draft_says_so_in_every_file_and_what_is_approved_does_not(format: str) -> None:
    assert all("DRAFT" in str(text) or '"draft": true' in str(text) for text in export(made(True), format).values())
    approved = words(False, format)
    assert [line for line in approved.splitlines() if "DRAFT" in line and LIBRARY not in line] == []
    assert '"draft": true' not in approved


def test_json_keeps_the_mark_and_a_file_without_it_is_a_draft() -> None:
    for draft in (True, False):
        assert Extraction.model_validate_json(words(draft, "json")).draft is draft
    old = json.loads(words(False, "json"))
    del old["draft"]
    assert Extraction.model_validate(old).draft


def test_the_picture_shows_the_mark_below_the_tree() -> None:
    texts = [line for line in words(True, "svg").splitlines() if "<text" in line]
    assert sum("DRAFT, not checked" in line for line in texts) == 1
    assert "DRAFT" not in words(False, "svg")


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the system's Graphviz")
def test_printed_pictures_show_it_too() -> None:
    assert "DRAFT, not checked" in words(True, "pdf")
    assert "DRAFT" not in words(False, "pdf")
    sizes = [Image.open(io.BytesIO(next(iter(export(made(draft), "png").values())))).size for draft in (True, False)]
    assert sizes[0][1] > sizes[1][1], "a line more"
