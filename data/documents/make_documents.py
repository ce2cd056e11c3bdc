"""Makes the documents of this folder from their sources: `python data/documents/make_documents.py [FOLDER] [--all]`.

A source is Markdown in which comment lines mark the gold passages. By default each source becomes one file, the formats
in turn (a PDF in one column, a PDF in two, DOCX, HTML, Markdown); with `--all` every source is made in every format.
"""

from __future__ import annotations

import argparse
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docx import Document as WordDocument
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

HERE = Path(__file__).parent
MARK = re.compile(r"<!-- (?:passage \w+: .*|end) -->\n?")


@dataclass(frozen=True)
class Part:
    """A piece of a document: kind is "heading", "paragraph", "item", "table" or "figure"."""

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def parts_of(source: str) -> list[Part]:
    """The pieces of a Markdown text, as plain words."""
    return list(_parts(MarkdownIt("commonmark").enable("table").parse(MARK.sub("", source))))


def _parts(tokens: list[Token]) -> Iterator[Part]:
    depth, heading = 0, 0
    rows: list[list[str]] | None = None
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "heading_open":
                heading = int(token.tag[1])
            case "table_open":
                rows = []
            case "tr_open" if rows is not None:
                rows.append([])
            case "table_close" if rows is not None:
                yield Part("table", rows=tuple(map(tuple, rows)))
                rows = None
            case "inline" if rows is not None:
                rows[-1].append(_words(token))
            case "inline":
                figure = next((child for child in token.children or [] if child.type == "image"), None)
                if figure is not None:
                    yield Part("figure", figure.content)
                else:
                    yield Part(
                        "heading" if heading else "item" if depth else "paragraph", _words(token), heading or depth
                    )
                heading = 0


def _words(token: Token) -> str:
    pieces = [" " if child.type.endswith("break") else child.content for child in token.children or []]
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def to_markdown(parts: list[Part]) -> bytes:
    lines = []
    for part in parts:
        match part.kind:
            case "heading":
                lines += ["#" * part.level + " " + part.text, ""]
            case "item":
                lines.append("  " * (part.level - 1) + "- " + part.text)
            case "table":
                header, *rows = part.rows
                bars = [header, tuple("---" for _ in header), *rows]
                lines += ["", *("| " + " | ".join(row) + " |" for row in bars), ""]
            case "figure":
                lines += [f"![{part.text}](figure.png)", ""]
            case _:
                lines += ["", part.text, ""]
    return (re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n").encode()


def to_html(parts: list[Part]) -> bytes:
    title = html.escape(next((part.text for part in parts if part.kind == "heading"), "Guideline"))
    menu = "".join(f"<li><a href='#'>{word}</a></li>" for word in ("Home", "Guidelines", "News", "Contact"))
    lines = [
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title} | Guideline library</title>",
        "<style>nav li {display: inline}</style></head><body>",
        f"<header><nav><ul>{menu}</ul></nav></header><main><article>",
    ]
    depth = 0
    for part in parts:
        level = part.level if part.kind == "item" else 0
        lines += ["<ul>"] * (level - depth) + ["</ul>"] * (depth - level)
        depth = level
        words = html.escape(part.text)
        match part.kind:
            case "heading":
                lines.append(f"<h{part.level}>{words}</h{part.level}>")
            case "item":
                lines.append(f"<li>{words}</li>")
            case "table":
                rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in part.rows]
                rows[0] = rows[0].replace("td>", "th>")
                lines.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
            case "figure":
                lines.append(f"<figure><img src='figure.png' alt=''><figcaption>{words}</figcaption></figure>")
            case _:
                lines.append(f"<p>{words}</p>")
    lines += ["</ul>"] * depth
    lines.append("</article></main><aside>Related: other guidelines</aside><footer>Terms of use. Contact.</footer>")
    return ("\n".join([*lines, "</body></html>"]) + "\n").encode()


def to_docx(parts: list[Part]) -> bytes:
    document = WordDocument()
    for part in parts:
        match part.kind:
            case "heading":
                document.add_heading(part.text, 0 if part.level == 1 else part.level - 1)
            case "item":
                document.add_paragraph(part.text, style="List Bullet" if part.level == 1 else "List Bullet 2")
            case "table":
                table = document.add_table(rows=0, cols=len(part.rows[0]), style="Table Grid")
                for row in part.rows:
                    for cell, text in zip(table.add_row().cells, row, strict=True):
                        cell.text = text
            case "figure":
                document.add_paragraph(part.text, style="Caption")
            case _:
                document.add_paragraph(part.text)
    document.sections[0].header.paragraphs[0].text = "Guideline library"
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def to_pdf(parts: list[Part], columns: int) -> bytes:
    """A PDF on A4 with running header and page numbers; two columns are justified and narrower in type."""
    size, align = (9.5, 4) if columns == 2 else (10.5, 0)
    width = (170 - 8 * (columns - 1)) / columns
    buffer = io.BytesIO()
    template = BaseDocTemplate(buffer, pagesize=A4, invariant=True)
    frames = [
        Frame((20 + column * (width + 8)) * mm, 20 * mm, width * mm, 252 * mm, 0, 0, 0, 0, id=str(column))
        for column in range(columns)
    ]
    title = next((part.text for part in parts if part.kind == "heading"), "Guideline")

    def furniture(canvas: Canvas, page: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(20 * mm, 284 * mm, title)
        canvas.drawRightString(190 * mm, 284 * mm, "Guideline library")
        canvas.drawCentredString(105 * mm, 10 * mm, f"Page {page.page}")

    template.addPageTemplates([PageTemplate(frames=frames, onPage=furniture)])
    body = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=size, leading=1.25 * size, alignment=align, spaceAfter=5
    )
    cell = ParagraphStyle("cell", fontName="Helvetica", fontSize=size - 1.5, leading=1.2 * (size - 1.5))
    template.build([flowable for part in parts for flowable in _flowables(part, body, cell, width * mm)])
    return buffer.getvalue()


def _flowables(part: Part, body: ParagraphStyle, cell: ParagraphStyle, width: float) -> list[Flowable]:
    words = html.escape(part.text, quote=False)
    match part.kind:
        case "heading":
            size = {1: 17, 2: 13, 3: 11}.get(part.level, 10)
            style = ParagraphStyle(
                "h", fontName="Helvetica-Bold", fontSize=size, leading=1.2 * size, spaceBefore=6, spaceAfter=4
            )
            return [Paragraph(words, style)]
        case "item":
            style = ParagraphStyle("item", parent=body, leftIndent=12 * part.level, bulletIndent=12 * part.level - 9)
            return [Paragraph(words, style, bulletText="•")]
        case "table":
            rows = [[Paragraph(html.escape(text, quote=False), cell) for text in row] for row in part.rows]
            longest = [max(len(row[column]) for row in part.rows) ** 0.6 for column in range(len(part.rows[0]))]
            widths = [width * share / sum(longest) for share in longest]
            grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
            return [Table(rows, widths, style=grid, repeatRows=1, spaceBefore=4), Spacer(1, 8)]
        case "figure":
            return [Paragraph(words, cell), Spacer(1, 8)]
        case _:
            return [Paragraph(words, body)]


FORMATS: dict[str, Callable[[list[Part]], bytes]] = {
    "one-column.pdf": lambda parts: to_pdf(parts, 1),
    "two-column.pdf": lambda parts: to_pdf(parts, 2),
    "docx": to_docx,
    "html": to_html,
    "md": to_markdown,
}


def file_name(source: Path, kind: str) -> str:
    """ "gout.two-column.pdf", "gout.docx", …"""
    return f"{source.stem}.{kind}"


def make(folder: Path, every: bool = False) -> list[Path]:
    """Writes the documents into a folder; gives their paths."""
    made = []
    for number, source in enumerate(sorted((HERE / "sources").glob("*.md"))):
        parts = parts_of(source.read_text(encoding="utf-8"))
        kinds = list(FORMATS) if every else [list(FORMATS)[number % len(FORMATS)]]
        for kind in kinds:
            path = folder / file_name(source, kind)
            path.write_bytes(FORMATS[kind](parts))
            made.append(path)
    return made


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", nargs="?", type=Path, default=HERE)
    arguments.add_argument("--all", action="store_true", help="every source in every format")
    chosen = arguments.parse_args()
    make(chosen.folder, chosen.all)
