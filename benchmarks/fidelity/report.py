"""The page of the fidelity study, from its raw numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from fidelity.adapters import LOOKUP
from fidelity.scoring import NODES, RULES
from fidelity.statistics import TARGET, Panel, basis_lead, lead, mean, spread, target_met

BASES = {"svd": "SVD basis (the default)", "as_trained": "as trained"}
SHOWN = ("path", "one node", "module-wise", "end point", "AB-LoRA")


def page(alone: Panel, panel: Panel, seeds: Sequence[int], variants: Panel) -> str:
    """The whole page, in Markdown.

    Args:
        alone: the task that was chosen first, with more seeds.
        panel: all tasks.
        seeds: of the panel.
        variants: of other ways to make the adapters, SVD basis only; may be empty.
    """
    count = len(alone["lookup"])
    parts = [
        INTRODUCTION,
        f"## Verdict\n\n{TARGET_TEXT}\n\n`lookup`, {count} seeds:\n\n{verdict(alone)}\n\n"
        f"All {len(panel)} tasks, {len(seeds)} seeds each:\n\n{verdict(panel)}",
        *(f"## `lookup`, {count} seeds, {title}\n\n{rule_table(alone, basis)}" for basis, title in BASES.items()),
        *(f"## All tasks, {title}\n\n{rule_table(panel, basis)}" for basis, title in BASES.items()),
        f"SVD basis minus as trained, path scores, all tasks: Spearman {_signed(basis_lead(panel, 'spearman'))}, "
        f"loss after the cut {_signed(basis_lead(panel, 'half'))}.",
        READING,
        f"## Task by task\n\n{task_table(panel)}",
        f"## Nodes of the path (all tasks)\n\n{node_table(panel)}\n\n{NODES_READ}",
        f"## The adapters\n\n{_adapters(seeds, panel)}",
        f"## What was tried\n\n{TRIED}",
        *([f"{VARIED}\n\n{variant_table(variants)}"] if variants else []),
        f"## Seed by seed (Spearman, SVD basis)\n\n{seed_table(panel, seeds)}",
    ]
    return "\n\n".join(parts) + "\n"


def verdict(panel: Panel) -> str:
    lines = []
    for (basis, title), line in zip(BASES.items(), _against(panel), strict=True):
        met = "met" if target_met(panel, basis) else "not met"
        lines.append(f"- {title}: **{met}**. {line.removeprefix(title + ': ')}")
    return "\n".join(lines)


def _against(panel: Panel) -> list[str]:
    return [
        f"{title}: path {mean(panel, basis, 'path'):.3f}, "
        + ", ".join(f"{_signed(lead(panel, basis, rule))} against {rule}" for rule in ("one node", "module-wise"))
        for basis, title in BASES.items()
    ]


def rule_table(panel: Panel, basis: str) -> str:
    rows = [
        "| Score | Spearman: mean | lowest | path minus this [95 %] "
        "| loss after the cut | path minus this [95 %] | forward passes | backward passes | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rule in (*RULES, "Shapley"):
        costs = [result[basis][rule]["cost"] for results in panel.values() for result in results]
        forward, backward, seconds = np.mean(costs, axis=0)
        own = rule == "path"
        rows.append(
            f"| {'**path-integrated, 8 nodes**' if own else rule} | {mean(panel, basis, rule):.3f} "
            f"| {min(spread(panel, basis, rule)):.2f} | {'' if own else _signed(lead(panel, basis, rule))} "
            f"| {mean(panel, basis, rule, 'half'):.3f} "
            f"| {'' if own else _signed(lead(panel, basis, rule, 'half'))} "
            f"| {forward:.0f} | {backward:.0f} | {seconds:.3f} |"
        )
    return "\n".join(rows)


def task_table(panel: Panel) -> str:
    rows = [
        f"| Task | basis | {' | '.join(SHOWN)} | path − one node [95 %] | path − module-wise [95 %] |",
        "|---" * (4 + len(SHOWN)) + "|",
    ]
    for name, results in panel.items():
        rows += [f"| {name} | {title} | {_row({name: results}, basis)} |" for basis, title in BASES.items()]
    return "\n".join(rows)


def variant_table(variants: Panel) -> str:
    rows = [
        f"| Variant | seeds | steps | saved: mean | lowest | {' | '.join(SHOWN)} "
        "| path − one node [95 %] | path − module-wise [95 %] |",
        "|---" * (7 + len(SHOWN)) + "|",
    ]
    for name, results in variants.items():
        saved, steps = ([result[key] for result in results] for key in ("saved", "steps"))
        training = f"{np.mean(steps):.0f} | {np.mean(saved):.1%} | {min(saved):.1%}"
        rows.append(f"| {name} | {len(results)} | {training} | {_row({name: results}, 'svd')} |")
    return "\n".join(rows)


def _row(panel: Panel, basis: str) -> str:
    means = [f"{mean(panel, basis, rule):.3f}" for rule in SHOWN]
    return " | ".join([*means, *(_signed(lead(panel, basis, rule)) for rule in ("one node", "module-wise"))])


def node_table(panel: Panel) -> str:
    rows = [
        "| Nodes | Spearman, SVD basis | Spearman, as trained | completeness error: mean | largest |",
        "|---|---|---|---|---|",
    ]
    for rule, nodes in sorted({**NODES, "one node": 1}.items(), key=lambda item: item[1]):
        errors = spread(panel, "svd", rule, "completeness")
        svd, trained = (mean(panel, basis, rule) for basis in BASES)
        rows.append(f"| {nodes} | {svd:.3f} | {trained:.3f} | {np.mean(errors):.1e} | {max(errors):.1e} |")
    return "\n".join(rows)


def seed_table(panel: Panel, seeds: Sequence[int]) -> str:
    rows = [f"| Task | seed | bare loss | saved | steps | {' | '.join(SHOWN)} |", "|---" * (5 + len(SHOWN)) + "|"]
    for name, results in panel.items():
        for seed, result in zip(seeds, results, strict=True):
            found = " | ".join(f"{result['svd'][rule]['spearman']:.2f}" for rule in SHOWN)
            training = f"{result['bare']:.2f} | {result['saved']:.1%} | {result['steps']}"
            rows.append(f"| {name} | {seed} | {training} | {found} |")
    return "\n".join(rows)


def _signed(numbers: tuple[float, float, float]) -> str:
    value, low, high = numbers
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _adapters(seeds: Sequence[int], panel: Panel) -> str:
    saved = [result["saved"] for results in panel.values() for result in results]
    enough = sum(share >= 0.8 for share in saved)
    targets = ", ".join(name.removesuffix("_proj") for name in LOOKUP.targets)
    return f"""A Llama of {LOOKUP.layers} layer and hidden size {LOOKUP.hidden}, with 32 symbols, in float64, is pre-trained
on a task ({LOOKUP.pretraining} steps). Then the task changes, and an adapter of rank {LOOKUP.rank} on {targets}
({2 * len(LOOKUP.targets)} ranks, alpha {LOOKUP.alpha:g}, AdamW at {LOOKUP.rate:g}) learns the change from 1,024 records,
until it saves {LOOKUP.saved:.0%} of the bare backbone's loss on test records (85 % in `chain` and `weave`), or for
{LOOKUP.steps} steps. {LOOKUP.calibration_records} more training records, never trained on, score the ranks.
Each seed ({seeds[0]} to {seeds[-1]} in the panel) has tables, data, backbone and adapter of its own; none was left out.
The adapters of the panel save {min(saved):.1%} to {max(saved):.1%} of the loss (mean {np.mean(saved):.1%});
{enough} of {len(saved)} save 80 % or more.

{TASKS}"""


TARGET_TEXT = f"""The target: a mean rank correlation of path-integrated with exact Shapley values of at least
{TARGET:.2f}, and above the one-node and the module-wise scores with intervals that exclude 0."""

INTRODUCTION = """# Fidelity of the rank importance of PI-LoRA

<!-- Written by benchmarks/importance_fidelity.py; the raw numbers are in pi_lora_fidelity.json. -->

PI-LoRA cuts ranks by a path-integrated score. It is the exact Shapley value of a rank only where the loss is
multilinear in the gates; how near is it on trained adapters? Here the adapters are so small that exact Shapley values
can be had from all coalitions of ranks. Every score of `pilora.importance` is compared with them: by rank correlation
(Spearman, by adapter), by the test loss once the worse half of the ranks is cut, and by its cost, in passes over the
calibration records and in seconds of one CPU core. Means are over tasks; intervals are paired 95 % bootstrap intervals
over seeds, resampled within tasks."""

TASKS = """- `lookup`: six symbols, then the translation of each by a table. Changed: half of the table is moved.
- `shift`: six symbols, a mark, the six again. Changed: each comes back three further on in the alphabet.
- `rotate`: as `shift`. Changed: the last symbol comes back first.
- `chain`: each symbol follows from the last by a table, 5 % are random. Changed: another table.
- `weave`: each symbol follows by a table from the last, at every other place from the one before. Changed: another
  table."""

READING = """How to read this:

- Path-integrated scores rank nearly as Shapley values do, and the path matters: a single node in its middle, and a path
  for each module alone, are beyond doubt worse over all tasks. How much differs by task: in `lookup` and `rotate` one
  node is nearly as good, in `weave` it fails. Scores at the end point say nothing.
- AB-LoRA scores come nearer still, beyond doubt, at two forward passes a rank: about the cost of the path for ten
  ranks, but 210 modules of rank 8 need 3,360 passes where the path needs as many as it has nodes.
- After the cut to half the differences are small: path, AB-LoRA and even exact Shapley values lead to much the same
  loss, since values averaged over all coalitions are not made for one certain cut. End-point and random scores cost
  far more.
- The SVD basis is not clearly better in rank correlation. It gathers a module's weight in fewer ranks, so cutting half
  of them tends to cost less; over all tasks the interval of that gain touches 0.
- It is not proved by this that scores are as near on a large model: exact values cannot be had there."""

NODES_READ = """Completeness error: how far the sum of the scores is from the loss saved on the calibration records,
as a share of it. These paths are steep (the bare backbone is confidently wrong), so the error is larger than on milder
adapters; two or four nodes already bring most of the order, more than eight bring completeness alone."""

TRIED = """- First, eight tasks in a quick replica of the study (plain PyTorch, float32, six seeds of its own, SVD basis; its
  code is not kept, so these numbers cannot be run again from here):

  | Task | saved: mean | lowest | path | one node | module-wise | end point | AB-LoRA |
  |---|---|---|---|---|---|---|---|
  | lookup | 90 % | 89 % | 0.974 | 0.945 | 0.903 | -0.012 | 0.994 |
  | shift | 90 % | 90 % | 0.949 | 0.838 | 0.917 | 0.216 | 0.984 |
  | rotate (5 symbols) | 89 % | 86 % | 0.952 | 0.834 | 0.905 | 0.032 | 0.958 |
  | chain | 85 % | 82 % | 0.941 | 0.913 | 0.871 | 0.257 | 0.986 |
  | weave | 83 % | 81 % | 0.905 | 0.624 | 0.675 | -0.111 | 0.964 |
  | sums modulo 31 | 42 % | 8 % | 0.907 | 0.848 | 0.802 | 0.024 | 0.945 |
  | recall of a value by its key | 43 % | 40 % | 0.954 | 0.863 | 0.840 | 0.000 | 0.988 |
  | one of three skills, by a mark | 57 % | 17 % | 0.786 | 0.673 | 0.887 | 0.006 | 0.949 |

- The last three were left out because the adapters save less than 80 % (their backbones had not learned the task
  either), whatever their correlations. The other five are the panel.
- `lookup` was the first choice, for 20 seeds. Its lead over one node was seen to be narrow before all 20 had run (16
  seeds, SVD basis: +0.011 [-0.002, +0.023]); the 20 were completed as planned, and the panel of all five tasks was
  added so that nothing hangs on one task. The four other tasks ran on these seeds for the first time, once.
- Backbones with random weights, which know nothing that could be adapted, gave 0.75 to 0.86 in an earlier trial
  outside this study."""

VARIED = """Other ways to make the adapters of `lookup` (seeds 0 to 5, SVD basis). With so few seeds the intervals are
wide. The run was ended early: a row with fewer than six seeds is unfinished, and the script's other variants have no
row. A larger alpha widens the lead of the path; on the over-trained adapters it has none:"""
