"""Tables of cost: parameters, time, memory, speed, and the search for the learning rates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from text2mdt.compare.report_table import (
    NOTHING,
    Cell,
    ReportTable,
    counted,
    duration,
    gibibytes,
    megabytes,
    number,
    signed,
    table,
)

Results = dict[str, Any]


def budget_table(results: Results) -> ReportTable:
    """Parameters of each method against the budget, and why one may differ."""
    methods = {name: one for name, one in results["methods"].items() if one["adapter"] is not None}
    budget = results["settings"]["budget"]["parameters"] or methods[results["reference"]]["kept"]
    tolerance = results["settings"]["budget"]["tolerance"]
    rows = []
    for method, one in methods.items():
        trained = [training for training in results["trainings"] if training["method"] == method]
        kept = sorted({training["kept_parameters"] for training in trained})
        size = _mean([training["adapter_bytes"] for training in trained])
        found = " to ".join(counted(value) for value in dict.fromkeys((*kept[:1], *kept[-1:]))) or NOTHING
        off = _off_budget(one["kept"], budget)
        cells = (one["label"], counted(one["start"]), counted(one["kept"]), off, found, megabytes(size))
        rows.append([*cells, one["reason"] or _against_budget(kept, budget, tolerance)])
    header = ["method", "at the start", "planned to be kept", "off the budget", "kept", "adapter file", "budget"]
    note = (
        f"The budget is {budget:,} numbers, with a tolerance of {tolerance:.0%}. “Kept” is counted in the stored "
        "adapters. The file is in the precision of training (float32); PEFT's AdaLoRA stores the ranks that it "
        "has masked."
    )
    return table("Parameters", header, rows, note)


def _against_budget(kept: Sequence[int], budget: int, tolerance: float) -> str:
    """A method that moves ranks between modules of other sizes keeps other numbers than were planned."""
    farthest = max(kept, key=lambda value: abs(value - budget), default=budget)
    if abs(farthest / budget - 1) <= tolerance:
        return "within the budget"
    return f"planned within the budget; where the ranks went it is {_off_budget(farthest, budget)}"


def _off_budget(parameters: int, budget: int) -> str:
    return f"{signed(100 * (parameters / budget - 1), 1)} %"


def cost_table(results: Results, dataset: str) -> ReportTable | None:
    """Time, memory and speed on a data set, mean over the seeds."""
    trainings = [one for one in results["trainings"] if one["dataset"] == dataset]
    speeds = {one["method"]: one["measured"] for one in results["speeds"] if one["dataset"] == dataset}
    evaluated = [one for one in results["evaluations"] if one["dataset"] == dataset]
    if not trainings and not evaluated:
        return None
    rows = []
    for method, one in results["methods"].items():
        own = [training for training in trainings if training["method"] == method]
        measured = [training["measured"] for training in own]
        times = [x["seconds"] for x in measured]
        scoring = _mean([x["scoring_seconds"] for x in measured])
        share = f" ({100 * scoring / _sum_mean(times):.0f} %)" if scoring and times else ""
        memory = [gibibytes(_mean([x["peak_memory"].get(place) for x in measured])) for place in ("host", "device")]
        constrained = _mean([_speed(e) for e in evaluated if e["method"] == method])
        speed = speeds.get(method, {})
        rows.append(
            [
                one["label"],
                duration(_mean(times)),
                duration(scoring) + share if scoring else NOTHING,
                counted(round(tokens)) if (tokens := _mean([t["held_out_tokens"] for t in own])) else NOTHING,
                *memory,
                number(speed.get("single"), 1),
                number(speed.get("mixed"), 1),
                number(constrained, 1),
            ]
        )
    header = [
        "method",
        "training",
        "of it scoring ranks",
        "tokens of its own steps",
        "peak memory",
        "of the accelerator",
        "tokens/s, one adapter",
        "tokens/s, mixed adapters",
        "tokens/s, under the grammar",
    ]
    options = results["settings"]["speed"]
    measured_so = (
        f"“One adapter” and “mixed” decode {options['rows']} rows of {options['new_tokens']} tokens with "
        f"`generate`: one adapter, merged where it can be; {options['tenants']} adapters unmerged, row by row "
        "another. "
        if options
        else ""
    )
    note = (
        "Mean over the seeds; seconds of the clock, over all calls of a training, with evaluation on dev. "
        f"{measured_so}“Under the grammar” is the evaluation itself, forced tokens counted."
    )
    return table(f"{dataset}: cost", header, rows, note)


def search_table(results: Results, dataset: str) -> ReportTable:
    """Dev loss by learning rate; the chosen one is bold."""
    rates = [f"{rate:g}" for rate in results["settings"]["search"]["rates"]]
    rows = []
    for method, found in results["search"][dataset].items():
        cells: list[Cell | str] = [results["methods"][method]["label"]]
        for rate in rates:
            known = rate in found["losses"]
            loss = found["losses"].get(rate)
            text = number(loss) if loss is not None else "diverged" if known else NOTHING
            cells.append(Cell(text, strong=found["chosen"] is not None and rate == f"{found['chosen']:g}"))
        rows.append([*cells, "at the edge of the grid" if found["at_edge"] else ""])
    search = results["settings"]["search"]
    records = f"{search['records']:,} training records" if search["records"] else "all training records"
    note = (
        f"Mean loss a token on dev, in nats, after {search['epochs']:g} epoch(s) on {records}, seed "
        f"{search['seed']}: the same grid, records and steps for every method. The lowest (bold) is taken for all "
        "main trainings. A choice at the edge of the grid may not be the best rate."
    )
    return table(f"{dataset}: search for the learning rate", ["method", *rates, ""], rows, note)


def training_table(results: Results, dataset: str) -> ReportTable | None:
    """Each training by itself."""
    rows = [
        [
            results["methods"][one["method"]]["label"],
            str(one["seed"]),
            f"{one['learning_rate']:g}",
            number(one["dev_loss"], 4),
            counted(one["kept_parameters"]),
            duration(one["measured"]["seconds"]),
        ]
        for one in results["trainings"]
        if one["dataset"] == dataset
    ]
    if not rows:
        return None
    header = ["method", "seed", "learning rate", "dev loss", "parameters kept", "time"]
    lowest = results["settings"]["training"]["keep"] == "best"
    kept = "the lowest loss on dev" if lowest else "the last evaluation on dev"
    note = f"The adapter of {kept} is kept; test has no part in it. Dev loss in nats a token."
    return table(f"{dataset}: trainings", header, rows, note)


def fidelity_table(results: Results) -> ReportTable | None:
    """How near each rule of scoring ranks comes to exact Shapley values."""
    if not results["fidelity"]:
        return None
    rows = [
        [
            row["rule"],
            row["basis"],
            number(row["spearman"]),
            number(row["lowest"], 2),
            number(row["half"]),
            f"{row['passes']:.0f}",
        ]
        for row in results["fidelity"]
    ]
    number_of = results["fidelity"][0]["adapters"]
    note = (
        f"On {number_of} small trained adapters of ten ranks: Spearman correlation of the scores with exact "
        "Shapley values (all coalitions), the loss after the lower half of the ranks is cut, and forward plus "
        "backward passes. Not of the trainings above; from benchmarks/importance_fidelity.py."
    )
    header = ["rule", "basis", "Spearman, mean", "lowest", "loss after the cut", "passes"]
    return table("Fidelity of the importance of ranks", header, rows, note)


def reading_table(results: Results) -> ReportTable | None:
    """Every reading of test."""
    if not results["readings"]:
        return None
    keys = ("date", "unit", "file", "sha256", "command", "machine")
    rows = [[str(reading.get(key, NOTHING)) for key in keys] for reading in results["readings"]]
    return table(
        "Readings of test",
        keys,
        rows,
        "Written down before the file is read, also where the unit did not come to its end.",
    )


def _speed(evaluation: dict[str, Any]) -> float | None:
    seconds = evaluation["measured"]["seconds"]
    return float(evaluation["report"]["tokens"]) / seconds if seconds else None


def _sum_mean(values: Sequence[float]) -> float:
    return statistics.mean(values) or 1.0


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None
