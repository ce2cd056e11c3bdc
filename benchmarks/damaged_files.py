"""What reading damaged files comes to: a Markdown table.

    python benchmarks/damaged_files.py [--files 2000]

The files are those of the slow tests (tests/text2mdt/damaged_guidelines.py): a guideline in each format, with bytes
flipped, lost, doubled or cut, and with numbers, operators, elements, attributes or lines changed. *Refused*: with a
code. *Wrong*: any other exception, a crash, more than 10 s of processor time, or 1 GB and more of memory.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "text2mdt"))

from damaged_guidelines import FORMATS
from guarded_reading import outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000, help="of each format")
    options = parser.parse_args()
    print("| format | files | read | refused | wrong | slowest, s | most memory, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for format_name, (name, mutated) in FORMATS.items():
        found = list(outcomes(name, mutated(options.files, 2)))
        wrong = [outcome for outcome in found if not outcome.is_fine]
        read = sum(outcome.what == "read" for outcome in found)
        slowest, most = max(outcome.seconds for outcome in found), max(outcome.megabytes for outcome in found)
        counts = f"{len(found):,} | {read:,} | {len(found) - read - len(wrong):,} | {len(wrong)}"
        print(f"| {format_name} | {counts} | {slowest:.1f} | {most:.0f} |", flush=True)
        for outcome in wrong:
            print(f"{format_name}: {outcome.what}", file=sys.stderr)


if __name__ == "__main__":
    main()
