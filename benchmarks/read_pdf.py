"""What reading a PDF costs for documents of growing length: a Markdown table.

    python benchmarks/read_pdf.py [--pages 10,50,150,300 --columns 2]

Makes dense pages (about 7,700 characters) of two columns with reportlab and reads each document in a process of its
own. The time is that of the process, so that other programs hardly change it; the memory is the highest that the
process had, above what it had before the file was read.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import time
from typing import Any

import psutil
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from text2mdt.documents.pdf import read_pdf

SENTENCES = (
    "In adults with an acute flare, offer an NSAID at full dose, colchicine 500 micrograms or prednisolone.",
    "If the estimated glomerular filtration rate is below 30 ml/min, avoid NSAIDs and halve the dose of colchicine.",
    "Otherwise the measurement is repeated after four weeks, and the dose is increased in steps of 100 mg.",
    "People with kidney stones, tophi or chronic kidney disease start urate-lowering treatment earlier than others.",
)

PARAGRAPHS = 12
"""On a page of two columns."""


def document(pages: int, columns: int) -> bytes:
    """A PDF of about so many dense pages."""
    target = io.BytesIO()
    width = (180 - 6 * (columns - 1)) / columns
    frames = [Frame((15 + number * (width + 6)) * mm, 15 * mm, width * mm, 265 * mm) for number in range(columns)]
    template = BaseDocTemplate(target, pagesize=A4)
    template.addPageTemplates([PageTemplate(frames=frames, onPage=_header)])
    text = ParagraphStyle("text", fontName="Times-Roman", fontSize=9, leading=10.6, alignment=4, spaceAfter=3)
    title = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=11, leading=14, spaceBefore=6)
    story: list[Any] = []
    for number in range(pages * PARAGRAPHS):
        if number % 6 == 0:
            story.append(Paragraph(f"{number // 6 + 1} Treatment of flares", title))
        story.append(Paragraph(" ".join(SENTENCES[(number + step) % 4] for step in range(6)), text))
    template.build(story)
    return target.getvalue()


def _header(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(15 * mm, 288 * mm, "Guideline on gout")
    canvas.drawString(100 * mm, 8 * mm, str(document.page))


def _measured(data: bytes, answers: Any) -> None:
    process = psutil.Process()
    read_pdf(document(1, 2), "warm")  # imports and pdfium's own start
    before = process.memory_info().rss
    started = time.process_time()
    reading = read_pdf(data, "benchmark")
    seconds = time.process_time() - started
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    pages = len(reading.layout.pages) if reading.layout else 0
    answers.put((pages, len(reading.text), seconds, (highest - before) / 1e6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", default="10,50,150,300")
    parser.add_argument("--columns", type=int, default=2)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print("| pages | characters | processor time a page, s | memory above the start, MB | a page, MB |")
    print("| --- | --- | --- | --- | --- |")
    for pages in map(int, options.pages.split(",")):
        answers = context.Queue()
        process = context.Process(target=_measured, args=(document(pages, options.columns), answers))
        process.start()
        found, characters, seconds, above = answers.get()
        process.join()
        print(f"| {found} | {characters:,} | {seconds / found:.3f} | {above:.0f} | {above / found:.2f} |", flush=True)


if __name__ == "__main__":
    main()
