"""The units of a comparison: one training, one evaluation or one measurement each, with what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from text2mdt.compare.config import ComparisonConfig


class UnitKind(StrEnum):
    SEARCH = "search"
    """A short training with one learning rate."""
    TRAIN = "train"
    EVALUATE = "evaluate"
    SPEED = "speed"


@dataclass(frozen=True)
class Unit:
    """One unit.

    Attributes:
        name: tells it from all others of its comparison; can be a file name.
        seed: of the training; None for a backbone that is not trained.
        rate: of a search.
        split: of an evaluation.
        needs: names of the units that must be finished before.
    """

    name: str
    kind: UnitKind
    dataset: str
    method: str
    seed: int | None = None
    rate: float | None = None
    split: str | None = None
    needs: tuple[str, ...] = ()


def plan(config: ComparisonConfig) -> list[Unit]:
    """All units, each after those that it needs.

    All rates are searched before anything else. Then each adapter is evaluated on dev, and its speed taken, as soon as
    it is trained: a comparison that is cut off has whole results. Test is read after everything else is done.
    """
    speeds = _speeds(config) if config.speed is not None else []
    follow: dict[str, list[Unit]] = {}
    for unit in [*_evaluations(config, "dev"), *speeds]:
        follow.setdefault(unit.needs[0] if unit.needs else "", []).append(unit)
    units = [*_searches(config), *follow.get("", [])]
    for training in _trainings(config):
        units += [training, *follow.get(training.name, [])]
    return [*units, *_evaluations(config, "test")]


def search_name(dataset: str, method: str, rate: float) -> str:
    return f"search-{dataset}-{_plain(method)}-{rate:g}"


def train_name(dataset: str, method: str, seed: int) -> str:
    return f"train-{dataset}-{_plain(method)}-{seed}"


def evaluate_name(dataset: str, method: str, seed: int | None, split: str) -> str:
    return "-".join(["evaluate", dataset, _plain(method), *([] if seed is None else [str(seed)]), split])


def speed_name(dataset: str, method: str) -> str:
    return f"speed-{dataset}-{_plain(method)}"


def trained_methods(config: ComparisonConfig) -> list[str]:
    """The methods that train an adapter."""
    return [name for name, method in config.methods.items() if method.few_shot is None]


def seeds_of(config: ComparisonConfig, method: str) -> tuple[int | None, ...]:
    """The seeds that a method is trained with; None alone for a backbone that is not trained."""
    return config.seeds if config.methods[method].few_shot is None else (None,)


def _plain(method: str) -> str:
    return method.replace(":", ".")


def _searches(config: ComparisonConfig) -> list[Unit]:
    return [
        Unit(search_name(dataset, method, rate), UnitKind.SEARCH, dataset, method, config.search.seed, rate)
        for dataset in config.datasets
        for method in trained_methods(config)
        for rate in config.search.rates
    ]


def _trainings(config: ComparisonConfig) -> list[Unit]:
    found = []
    for dataset in config.datasets:
        for seed in config.seeds:
            for method in trained_methods(config):
                needs = tuple(search_name(dataset, method, rate) for rate in config.search.rates)
                name = train_name(dataset, method, seed)
                found.append(Unit(name, UnitKind.TRAIN, dataset, method, seed, needs=needs))
    return found


def _evaluations(config: ComparisonConfig, split: str) -> list[Unit]:
    if split not in config.splits:
        return []
    found = []
    for dataset, data in config.datasets.items():
        if data.file(split) is None:
            continue
        for method in config.methods:
            for seed in seeds_of(config, method):
                needs = () if seed is None else (train_name(dataset, method, seed),)
                name = evaluate_name(dataset, method, seed, split)
                found.append(Unit(name, UnitKind.EVALUATE, dataset, method, seed, split=split, needs=needs))
    return found


def _speeds(config: ComparisonConfig) -> list[Unit]:
    seed = config.seeds[0]
    return [
        Unit(
            speed_name(dataset, method),
            UnitKind.SPEED,
            dataset,
            method,
            seed,
            needs=(train_name(dataset, method, seed),),
        )
        for dataset in config.datasets
        for method in trained_methods(config)
    ]
