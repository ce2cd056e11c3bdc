"""Which passages of the corpus the rules before the model let through: shares kept, with and without a decision.

python benchmarks/decision_cue_shares.py
"""

from __future__ import annotations

from text2mdt.corpus import read_corpus
from text2mdt.passages import decision_cue


def main() -> None:
    print("| records | with a decision, kept | without one, dropped |\n| --- | --- | --- |")
    for split in ("train", "dev"):
        records = read_corpus(f"data/corpus/{split}.jsonl")
        kept = [decision_cue(record.text) is not None for record in records if record.tree]
        dropped = [decision_cue(record.text) is None for record in records if not record.tree]
        cells = (f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})" for found in (kept, dropped))
        print(f"| {split} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
