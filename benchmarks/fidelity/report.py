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
            f"| {mean(results, basis, rule, 'half'):.3f} | {'' if own else _signed(lead(results, basis, rule, 'half'))} "
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
    """The whole page."""
    return ""
