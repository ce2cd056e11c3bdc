"""Seconds from a cold process with a warm cache to the first tree: `python benchmarks/warm_start.py [--repeats 5]`."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

PROGRAM = """
from text2mdt import Extractor
extractor = Extractor.from_pretrained("default", {adapter!r}, "cpu")
text = (
    "# Fever in adults\\n\\nIf the temperature is above 39 degrees, give paracetamol 1 g every 6 hours. "
    "Otherwise, offer fluids and review the patient after 24 hours."
)
print(len(extractor.extract(text.encode(), "fever.md").trees))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adapter", default="default")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    seconds = []
    for _ in range(options.repeats):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(adapter=options.adapter)], capture_output=True, text=True, check=True
        )
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"median_seconds": statistics.median(seconds), "runs": seconds, "trees": int(done.stdout)}))


if __name__ == "__main__":
    main()
