"""Whether PDFs of known text are read in their order: a Markdown table.

    python benchmarks/reading_order.py [--drawn 160]

The files are those of the tests (tests/text2mdt/printed): layouts made on purpose (columns, footers, divided words,
lists, tables, headings and pictures between columns, turned pages, text written into the file in any order), and
documents whose parts, type, columns and margins are drawn by lot. *In order*: all printed words come in their order.
*Same*: all blocks come back with their kind, text, headings and level, and no others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "text2mdt"))

from printed import columns as columns_of_text
from printed import furniture, lists_and_words, page_shapes, tables
from printed.comparison import Comparison
from printed.drawn_by_lot import drawn
from printed.pages import Printed

from text2mdt.documents import read_document

KINDS = {
    "columns": columns_of_text.LAYOUTS,
    "lists, divided words, signs": lists_and_words.LAYOUTS,
    "headers, footers, numbers": furniture.LAYOUTS,
    "tables": tables.LAYOUTS,
    "shapes of the page, order in the file": page_shapes.LAYOUTS,
}


def rows(made: Iterable[tuple[str, Printed]]) -> Iterator[tuple[int, int, int, int]]:
    """For each number of columns: the columns, files, files in order, files that are the same. Names the others."""
    found: dict[int, list[Comparison]] = {}
    for name, printed in made:
        one = Comparison.of(printed, read_document(printed.data, "a.pdf"))
        found.setdefault(printed.columns, []).append(one)
        if not one.is_same:
            print(f"{name}: {'blocks differ' if one.is_in_order else 'not in order'}", file=sys.stderr)
    for number, some in sorted(found.items()):
        yield number, len(some), sum(one.is_in_order for one in some), sum(one.is_same for one in some)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=int, default=160, help="documents drawn by lot of each number of columns")
    options = parser.parse_args()
    print("| files | columns | number | in order | same |\n| --- | --- | --- | --- | --- |")
    for kind, layouts in KINDS.items():
        show(kind, ((name, layout()) for name, layout in layouts.items()))
    for columns in (1, 2, 3):
        names = {seed: f"drawn from {seed} in {columns} columns" for seed in range(options.drawn)}
        show("drawn by lot", ((name, drawn(seed, columns)) for seed, name in names.items()))


def show(kind: str, made: Iterable[tuple[str, Printed]]) -> None:
    for row in rows(made):
        print(f"| {kind} | {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main()
