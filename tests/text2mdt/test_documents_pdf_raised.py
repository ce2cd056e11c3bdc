"""PDF: raised numbers in type of many sizes: exponents stay, references go."""

from __future__ import annotations

import io
import re

import pytest
from reportlab.pdfgen.canvas import Canvas

from text2mdt.documents import read_document

CASES = {
    "a BMI of 30 kg/m^2 or more": "a BMI of 30 kg/m² or more",
    "an eGFR below 30 ml/min/1.73 m^2.": "an eGFR below 30 ml/min/1.73 m².",
    "a BMI of 30 kg/m^2,4 or more": "a BMI of 30 kg/m² or more",
    "platelets below 50 x 10^9/l": "platelets below 50 x 10⁹/l",
    "a clearance of 5 ml min^-1": "a clearance of 5 ml min⁻¹",
    "Treatment^2,3 is given.^12": "Treatment is given.",
    "Drug^a in adults": "Drug in adults",
    "the 25^th centile": "the 25th centile",
}
TYPES = {"half": (0.4, 0.5), "usual": (0.33, 0.65), "large": (0.35, 0.87), "of the same size": (0.35, 1.0)}


@pytest.mark.parametrize(("rise", "size"), TYPES.values(), ids=TYPES)
def test_raised_numbers(rise: float, size: float) -> None:
    document = read_document(printed(list(CASES), 10 * rise, 10 * size), "a.pdf")
    assert [block.text for block in document.blocks] == list(CASES.values())


def printed(lines: list[str], rise: float, size: float) -> bytes:
    """Paragraphs of a line; what stands behind "^" is raised by so many points and has that size."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for number, line in enumerate(lines):
        text = canvas.beginText(72, 700 - 30 * number)
        for raised, words in re.findall(r"\^([\d,-]+|[a-z]+)|([^^]+)", line):
            text.setFont("Times-Roman", size if raised else 10)
            text.setRise(rise if raised else 0)
            text.textOut(raised or words)
        canvas.drawText(text)
    canvas.save()
    return target.getvalue()
