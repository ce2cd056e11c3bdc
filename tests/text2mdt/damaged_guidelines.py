"""A guideline in each format, and damaged copies of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from html_guideline import GUIDELINE
from mutated_files import mutations, pdf_mutations, xml_mutation, zip_mutations
from printed.gout import DOSES, article, header_and_footer, prose
from printed.lists_and_words import SIGNS
from printed.pages import printed
from printed.parts import Part, Section, Sheet, footnote, heading, item, paragraph, picture
from word_files import rich_guideline

MARKDOWN = """\
---
title: Gout
---
# Gout &amp; *urate*

Give **colchicine**, see [the table](http://a.org/b(c) 'doses').

> Quoted
> advice

- allopurinol:
  - 100 mg
    1. daily

```
code
```

<div>If pregnant, <b>refer</b>.</div>

| Group | Dose |
|---|:-:|
| eGFR < 30 | 50 mg<br>daily |
| a \\| b | c |

Setext
------
Last&nbsp;words
"""
TEXT = """\
MANAGEMENT OF GOUT
==================

1. Acute flares

Give colchicine 500 \u00b5g twice daily unless
the eGFR is below 30 ml/min.

  * an NSAID
  * prednisolone,
    for five days

Group      | Dose
adults     | 100 mg
children   | 50 mg

Drug           Dose           Remark
allopurinol    100 mg         daily
\fPage 2
"""


def pdf(columns: int, compressed: bool) -> bytes:
    """Two pages with all that a page can hold."""
    parts: list[Part] = [*article(1), paragraph(SIGNS[0]), paragraph("Table 1. Doses"), DOSES, footnote("a In adults.")]
    box = Section((heading("Advice", 3), prose(2), item("no alcohol")), box="shaded")
    rest = Section((prose(3), picture(60), paragraph("Figure 1. Crystals"), prose(2)), columns)
    sheet = Sheet(furniture=header_and_footer, compressed=compressed)
    return printed([Section(tuple(parts), columns), box, rest], sheet).data


def mutated_pdfs(number: int, seed: int) -> Iterator[bytes]:
    """Half of them of one column, half of two."""
    for columns in (1, 2):
        written = pdf(columns, compressed=False)
        yield from pdf_mutations(written, number // 4, seed)
        yield from mutations(written, number // 8, seed)
        yield from mutations(pdf(columns, compressed=True), number // 8, seed)


def mutated_text(text: str) -> Callable[[int, int], Iterator[bytes]]:
    """Damaged in its bytes, in an old encoding too, and with its lines in another order, lost, doubled or indented."""

    def mutated(number: int, seed: int) -> Iterator[bytes]:
        yield from mutations(text.encode(), number // 2, seed)
        yield from mutations(text.encode("utf-16"), number // 8, seed)
        source = random.Random(seed)
        for _ in range(number - number // 2 - number // 8):
            lines = text.splitlines(keepends=True)
            for _ in range(source.choice((1, 3, 10))):
                place, other = source.randrange(len(lines)), source.randrange(len(lines))
                indent = source.choice(("", "    ", "\t", "> ", "- ", "|", "#", "1. ")) * source.choice((1, 1, 2, 40))
                lines[place] = indent + source.choice((lines[other], lines[place], "", "\n", lines[other] * 50))
            yield "".join(lines).encode()

    return mutated


def mutated_word(number: int, seed: int) -> Iterator[bytes]:
    data = rich_guideline()
    yield from mutations(data, number * 2 // 5, seed)
    yield from zip_mutations(data, number - number * 2 // 5, seed + 1)


def mutated_html(number: int, seed: int) -> Iterator[bytes]:
    source = random.Random(seed)
    data = GUIDELINE.encode()
    yield from mutations(data, number // 2, seed)
    yield from (xml_mutation(data, source) for _ in range(number - number // 2))


FORMATS: dict[str, tuple[str, Callable[[int, int], Iterator[bytes]]]] = {
    "text": ("a.txt", mutated_text(TEXT)),
    "Markdown": ("a.md", mutated_text(MARKDOWN)),
    "HTML": ("a.html", mutated_html),
    "Word": ("a.docx", mutated_word),
    "PDF": ("a.pdf", mutated_pdfs),
}
"""For each format a file's name, and so many (first argument) damaged files for a seed."""
