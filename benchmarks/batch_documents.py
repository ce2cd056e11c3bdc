"""Time and memory of a batch against the number of its documents.

    python benchmarks/batch_documents.py [--counts 1,10,100,1000] [--decisions]

Every document is a file of its own with one passage. Without `--decisions` the passage holds none, so that the model
has nothing to do and what is seen is reading, recording and writing; with it the documents are records of the training
file, each a batch of one passage. Each count is a process of its own, `text2mdt extract FOLDER`, once; then the same
command again, which finds all of it done.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from text2mdt.corpus import read_corpus

BACKGROUND = (
    "Gout is caused by crystals of urate and has been known since antiquity; this is document {number} about it."
)


def write_documents(folder: Path, texts: list[str]) -> None:
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:04}.md").write_text(text, encoding="utf-8")


def texts_of(count: int, decisions: bool) -> list[str]:
    if not decisions:
        return [f"# Gout\n\n{BACKGROUND.format(number=number)}\n" for number in range(count)]
    records = [record for record in read_corpus("data/corpus/train.jsonl") if record.tree]
    return [f"# {record.population}\n\n{record.text}\n" for record in records[:count]]


def extracted(source: Path, output: Path) -> tuple[float, float]:
    """Seconds and peak memory in GiB of one run."""
    command = Path(sys.executable).with_name("text2mdt")
    words = [str(command), "extract", str(source), "-o", str(output), "--format", "json,html,svg"]
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"the extraction of {source} ended with status {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 2**20


def measured(count: int, decisions: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        source, output = Path(place) / "in", Path(place) / "out"
        write_documents(source, texts_of(count, decisions))
        seconds, peak = extracted(source, output)
        again, _ = extracted(source, output)
        size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    return {
        "documents": count,
        "seconds": seconds,
        "peak_gib": peak,
        "seconds_again": again,
        "kilobytes_a_document": size / count / 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", default="1,10,100,1000")
    parser.add_argument("--decisions", action="store_true", help="records of the training file")
    options = parser.parse_args()
    rows = [measured(int(count), options.decisions) for count in options.counts.split(",")]
    print(json.dumps({"settings": vars(options), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
