"""Whether answers differ from others to the same passages: figures, differences, intervals and p-values.

    text2mdt evaluate default data/corpus/dev.jsonl --predictions default.jsonl           # and others
    python benchmarks/paired_answers.py data/corpus/dev.jsonl default.jsonl other.jsonl …

The first file is the reference. Intervals by drawing passages, p by approximate randomisation, as in `text2mdt compare`
(which wants the runs in its own folder); `Holm` is p adjusted over the files for each figure.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from vote_subsets import FIGURES, stored_answers

from text2mdt.corpus import read_corpus
from text2mdt.metrics import counts
from text2mdt.paired_statistics import Table, differences, holm, mean_figures, stacked
from text2mdt.schema import Record


def count_table(path: Path, records: list[Record]) -> Table:
    """The counts of a file's answers, shape (1, records, counts)."""
    each = (counts(answer, record.tree) for answer, record in zip(stored_answers(path, records), records, strict=True))
    return stacked([[one.as_tuple() for one in each]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("others", type=Path, nargs="+")
    arguments = parser.parse_args()
    records = list(read_corpus(arguments.corpus))
    reference = count_table(arguments.reference, records)
    tables = {str(path): count_table(path, records) for path in arguments.others}
    found = {path: differences(table, reference) for path, table in tables.items()}
    for figure in FIGURES:
        measured = {path: own[figure] for path, own in found.items()}
        adjusted = holm({path: one.p for path, one in measured.items() if one is not None})
        print(f"{figure}: {mean_figures(reference)[figure]:.3f} {arguments.reference}")
        for path, one in measured.items():
            if one is not None:
                value = f"{mean_figures(tables[path])[figure]:.3f}, {one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}]"
                print(f"    {value}, p {one.p:.4f}, Holm {adjusted[path]:.4f} {path}")


if __name__ == "__main__":
    main()
