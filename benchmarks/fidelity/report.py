"""Tables from the raw numbers of the fidelity study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from fidelity.adapters import Setting
from fidelity.scoring import NODES, RULES
from scipy.stats import bootstrap

Results = Sequence[dict[str, Any]]
"""What `study` returned, one a seed."""

TARGET = 0.90
BASIS_TITLES = {"svd": "SVD basis (the default)", "as_trained": "As trained"}


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """95 % percentile interval of the mean of paired differences, by 10,000 resamples of the seeds."""
    found = bootstrap(
        (np.asarray(differences),),
        np.mean,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(found.low), float(found.high)


def mean(results: Results, basis: str, rule: str, key: str = "spearman") -> float:
    return float(np.mean([result[basis][rule][key] for result in results]))


def lead(results: Results, basis: str, rule: str, key: str = "spearman") -> tuple[float, float, float]:
    """Path minus the rule: mean and 95 % interval."""
    differences = [result[basis]["path"][key] - result[basis][rule][key] for result in results]
    return float(np.mean(differences)), *interval(differences)


def target_met(results: Results, basis: str) -> bool:
    """Mean correlation of the path of 0.90 or more, and above one node and module-wise beyond doubt."""
    better = all(lead(results, basis, rule)[1] > 0 for rule in ("one node", "module-wise"))
    return better and mean(results, basis, "path") >= TARGET


def rule_table(results: Results, basis: str) -> str:
    rows = [
        "| Score | Spearman: mean | lowest seed | path minus this [95 %] "
        "| loss after cut to half | path minus this [95 %] | passes: forward | backward | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rule in (*RULES, "Shapley"):
        each = [result[basis][rule] for result in results]
        forward, backward, seconds = np.mean([one["cost"] for one in each], axis=0)
        own = rule == "path"
        rows.append(
            f"| {'**path-integrated, 8 nodes**' if own else rule} | {mean(results, basis, rule):.3f} "
            f"| {min(one['spearman'] for one in each):.2f} | {'' if own else _signed(lead(results, basis, rule))} "
            f"| {mean(results, basis, rule, 'half'):.3f} "
            f"| {'' if own else _signed(lead(results, basis, rule, 'half'))} "
            f"| {forward:.0f} | {backward:.0f} | {seconds:.3f} |"
        )
    return "\n".join(rows)


def node_table(results: Results) -> str:
    rows = [
        "| Nodes | Spearman, SVD basis | Spearman, as trained | completeness error: mean | largest |",
        "|---|---|---|---|---|",
    ]
    for rule, nodes in sorted({**NODES, "one node": 1}.items(), key=lambda item: item[1]):
        errors = [result["svd"][rule]["completeness"] for result in results]
        svd, trained = (mean(results, basis, rule) for basis in ("svd", "as_trained"))
        rows.append(f"| {nodes} | {svd:.3f} | {trained:.3f} | {np.mean(errors):.1e} | {max(errors):.1e} |")
    return "\n".join(rows)


def seed_table(seeds: Sequence[str], results: Results) -> str:
    shown = ("path", "one node", "module-wise", "end point", "AB-LoRA")
    rows = ["| Seed | saved | steps | " + " | ".join(shown) + " |", "|---" * (3 + len(shown)) + "|"]
    for seed, result in zip(seeds, results, strict=True):
        values = " | ".join(f"{result['svd'][rule]['spearman']:.2f}" for rule in shown)
        rows.append(f"| {seed} | {result['saved']:.1%} | {result['steps']} | {values} |")
    return "\n".join(rows)


def trial_table(trials: dict[str, Results]) -> str:
    shown = ("path", "one node", "module-wise", "end point", "AB-LoRA")
    rows = [
        "| Setting | steps | saved: mean | lowest | "
        + " | ".join(shown)
        + " | path − one node [95 %] | path − module-wise [95 %] |",
        "|---" * (6 + len(shown)) + "|",
    ]
    for name, results in trials.items():
        saved = [result["saved"] for result in results]
        values = " | ".join(f"{mean(results, 'svd', rule):.3f}" for rule in shown)
        leads = " | ".join(_signed(lead(results, "svd", rule)) for rule in ("one node", "module-wise"))
        rows.append(
            f"| {name} | {np.mean([result['steps'] for result in results]):.0f} | {np.mean(saved):.0%} "
            f"| {min(saved):.0%} | {values} | {leads} |"
        )
    return "\n".join(rows)


def verdict(results: Results) -> str:
    lines = []
    for basis, title in BASIS_TITLES.items():
        parts = [f"mean {mean(results, basis, 'path'):.3f}"]
        parts += [
            f"{_signed(lead(results, basis, rule))} against the {text}"
            for rule, text in (("one node", "one-node scores"), ("module-wise", "module-wise path"))
        ]
        met = "met" if target_met(results, basis) else "**not met**"
        lines.append(f"- {title}: {met} ({', '.join(parts)}).")
    return "\n".join(lines)


def _signed(values: tuple[float, float, float]) -> str:
    value, low, high = values
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def page(setting: Setting, seeds: Sequence[int], results: Results, trials: dict[str, Results]) -> str:
    """The whole page, in Markdown."""
    count, saved = len(results), [result["saved"] for result in results]
    ranks = len(results[0]["svd"]["path"]["scores"])
    targets = ", ".join(name.removesuffix("_proj") for name in setting.targets)
    parts = [
        INTRODUCTION,
        f"""## The setting

A Llama of {setting.layers} layer(s), hidden size {setting.hidden}, 32 symbols, in float64, is pre-trained (400 steps)
to translate a prompt of six symbols by a table. Then half of the table is moved, and an adapter of rank {setting.rank}
on {targets} ({ranks} ranks, alpha {setting.alpha:g}, AdamW {setting.rate:g}) learns the new table from 1,024 records,
until it saves {setting.saved:.0%} of the bare backbone's loss on test records, or for {setting.steps} steps.
{setting.calibration_records} further training records, never trained on, score the ranks. The setting was chosen on
other seeds ("What was tried"); the {count} seeds below ({seeds[0]} to {seeds[-1]}) were run once, after that, and none
was left out. Their adapters save {min(saved):.1%} to {max(saved):.1%} of the loss (mean {np.mean(saved):.1%};
bare {np.mean([result["bare"] for result in results]):.2f}, adapted {np.mean([r["adapted"] for r in results]):.2f} nats
a token).

The target: a mean rank correlation of path-integrated with exact Shapley values of at least {TARGET:.2f}, and above the
one-node and the module-wise scores with intervals that exclude 0.

{verdict(results)}""",
        *(f"## {title}\n\n{rule_table(results, basis)}" for basis, title in BASIS_TITLES.items()),
        READING,
        f"## Nodes of the path\n\n{node_table(results)}\n\n{NODE_NOTE}",
        f"## Seed by seed (Spearman, SVD basis)\n\n{seed_table([str(seed) for seed in seeds], results)}",
    ]
    if trials:
        parts.append(f"## What was tried\n\n{TRIED}\n\n{trial_table(trials)}\n\n{FIRST_SEARCH}")
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# Fidelity of the rank importance of PI-LoRA

<!-- Written by benchmarks/importance_fidelity.py; the raw numbers are in pi_lora_fidelity.json. -->

PI-LoRA cuts ranks by a path-integrated score, which is the exact Shapley value of a rank only where the loss is
multilinear in the gates. How near is it on trained adapters? Here adapters are so small that exact Shapley values can
be had from all coalitions of ranks, and every score that `pilora.importance` knows is compared with them: the rank
correlation (Spearman) with the exact values, the test loss once the worse half of the ranks is removed, and the cost in
passes over the calibration records and in seconds of one CPU core. Intervals are paired 95 % bootstrap intervals over
seeds (10,000 resamples)."""

READING = """READING"""

NODE_NOTE = """NODE_NOTE"""

TRIED = """TRIED"""

FIRST_SEARCH = """FIRST_SEARCH"""
