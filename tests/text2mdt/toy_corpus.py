"""A small corpus of simple decisions, and the configuration of a run on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from text2mdt.corpus import write_corpus
from text2mdt.schema import DecisionTree, Logic, Node, Record, Role, Triple
from text2mdt.training_config import TrainingConfig

POPULATION = "Adults with gout"
SIGNS = ("fever", "severe pain", "kidney disease", "a red joint", "new swelling", "fits")
DRUGS = ("colchicine", "naproxen", "prednisolone", "ice", "rest")


def condition(*objects: str, population: str = POPULATION) -> Node:
    triples = tuple(Triple(population, "clinical_feature", words) for words in objects)
    return Node(role=Role.CONDITION, triples=triples, logical_rel=Logic.OR if len(triples) > 1 else Logic.NULL)


def decision(*drugs: str, population: str = POPULATION) -> Node:
    triples = tuple(Triple(population, "therapeutic_drug", words) for words in drugs)
    return Node(role=Role.DECISION, triples=triples, logical_rel=Logic.AND if len(triples) > 1 else Logic.NULL)


def tree(*nodes: Node) -> DecisionTree:
    return DecisionTree(nodes=nodes)


def toy_record(number: int) -> Record:
    """One decision; every fourth record has none, every fifth a second condition (and more text)."""
    sign, drug = SIGNS[number % len(SIGNS)], DRUGS[number % len(DRUGS)]
    other = DRUGS[(number + 2) % len(DRUGS)]
    text, nodes = f"If there is {sign}, give {drug}.", [condition(sign), decision(drug), decision()]
    if number % 4 == 3:
        text, nodes = f"In most patients {drug} has few harms.", []
    elif number % 5 == 4:
        extra = SIGNS[(number + 1) % len(SIGNS)]
        text += f" Otherwise, where {extra} is found, {other} is the drug of choice, for a week or longer."
        nodes = [condition(sign), decision(drug), condition(extra), decision(other), decision()]
    return Record(id=f"toy-{number:03d}", population=POPULATION, text=text, tree=tuple(nodes))


def toy_records(count: int, first: int = 0) -> list[Record]:
    return [toy_record(first + number) for number in range(count)]


def toy_config(folder: Path, model: str, method: str = "lora", **changes: Any) -> TrainingConfig:
    """A run on 10 records (and 4 of dev), in `folder`; `changes` go over its sections or keys."""
    write_corpus(toy_records(10), folder / "train.jsonl")
    write_corpus(toy_records(4, first=30), folder / "dev.jsonl")
    adapter: dict[str, Any] = {"method": method, "rank": 2, "alpha": 4}
    if method == "pi_lora":
        adapter |= {"rounds": 2, "nodes": 2, "start_factor": 2.0, "calibration_records": 2}
    values: dict[str, Any] = {
        "model": model,
        "device": "cpu",
        "dtype": "float32",
        "data": {"train": folder / "train.jsonl", "dev": folder / "dev.jsonl"},
        "adapter": adapter,
        "training": {"epochs": 4, "learning_rate": 0.01, "batch_tokens": 600, "patience": 0},
        "output": folder / "run",
    }
    for key, value in changes.items():
        values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
    return TrainingConfig.model_validate(values)
