"""Fidelity of rank importance: how near the cheap scores come to exact Shapley values, on small trained adapters.

    python benchmarks/importance_fidelity.py                  # one task on 20 seeds, five on ten: some 15 minutes
    python benchmarks/importance_fidelity.py --variants       # also other ways to make the adapters: as long again

A tiny float64 Llama is pre-trained on a synthetic task, an adapter of ten ranks or fewer is fine-tuned to a changed
task, and every rule scores the ranks on calibration records split off the training data. Exact Shapley values come
from all 2ⁿ coalitions of ranks. Writes docs/methods/pi_lora_fidelity.md, and .json with the raw numbers.

The .json is kept after every seed, and seeds whose setting has not changed are not computed again; `--fresh` forgets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from fidelity import report
from fidelity.adapters import PANEL, VARIANTS, Setting
from fidelity.scoring import BASES, study

DOCS = Path(__file__).resolve().parent.parent / "docs" / "methods"


LOOKUP_SEEDS = range(1000, 1020)
"""Of the task that was chosen first, to be judged alone."""

PANEL_SEEDS = range(1000, 1010)
VARIANT_SEEDS = range(6)


class Store:
    """The raw numbers in one file, by section (a setting's name) and seed."""

    def __init__(self, path: Path, fresh: bool) -> None:
        self.path = path
        self.sections: dict[str, Any] = {} if fresh or not path.exists() else json.loads(path.read_text("utf-8"))

    def results(
        self, name: str, setting: Setting, seeds: Sequence[int], bases: tuple[str, ...] = BASES
    ) -> list[dict[str, Any]]:
        """The results of the seeds; what is missing is computed, and written at once."""
        described = json.loads(json.dumps(asdict(setting)))
        if self.sections.get(name, {}).get("setting") != described:
            self.sections[name] = {"setting": described, "seeds": {}}
        known = self.sections[name]["seeds"]
        for seed in map(str, seeds):
            if seed not in known:
                known[seed] = rounded(study(setting, int(seed), bases))
                self._write()
                path = known[seed]["svd"]["path"]["spearman"]
                print(f"{name}, seed {seed}: saved {known[seed]['saved']:.1%}, path {path:.3f}", flush=True)
        return [known[str(seed)] for seed in seeds]

    def known(self, name: str) -> list[dict[str, Any]]:
        """The results that are there."""
        return list(self.sections.get(name, {}).get("seeds", {}).values())

    def _write(self) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(one_seed_a_line(self.sections), "utf-8")
        part.replace(self.path)


def rounded(value: Any) -> Any:
    """The same with six significant digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def one_seed_a_line(sections: dict[str, Any]) -> str:
    texts = []
    for name, section in sections.items():
        seeds = ",\n".join(f"  {json.dumps(seed)}: {json.dumps(result)}" for seed, result in section["seeds"].items())
        setting = json.dumps(section["setting"])
        texts.append(f'{json.dumps(name)}: {{\n "setting": {setting},\n "seeds": {{\n{seeds}\n }}\n}}')
    return "{\n" + ",\n".join(texts) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", action="store_true", help="also other ways to make the adapters")
    parser.add_argument("--fresh", action="store_true", help="forget earlier numbers")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the two files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    store = Store(options.out / "pi_lora_fidelity.json", options.fresh)
    alone = {"lookup": store.results("lookup", PANEL["lookup"], LOOKUP_SEEDS)}
    panel = {name: store.results(name, setting, PANEL_SEEDS) for name, setting in PANEL.items()}
    if options.variants:
        for name, setting in VARIANTS.items():
            store.results(f"variant: {name}", setting, VARIANT_SEEDS, ("svd",))
    variants = {name: store.known(f"variant: {name}") for name in VARIANTS}
    found = {name: results for name, results in variants.items() if len(results) > 1}
    text = report.page(alone, panel, PANEL_SEEDS, found)
    (options.out / "pi_lora_fidelity.md").write_text(text, "utf-8")
    print(report.verdict(alone), report.verdict(panel), sep="\n")


if __name__ == "__main__":
    main()
