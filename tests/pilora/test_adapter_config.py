"""Configurations: defaults, unknown keys and methods, round trips."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pilora.config import LoRAConfig, PILoRAConfig, parse_config
from pilora.errors import PiloraError
from pilora.methods import METHODS


def test_every_method_has_its_configuration() -> None:
    for name, method in METHODS.items():
        config = parse_config({"method": name})
        assert (type(config), config.method, method.name) == (method.config, name, name)


def test_round_trip_through_json() -> None:
    config = parse_config({"method": "pi_lora", "rank": 4, "targets": ["q_proj"], "score": "end_point"})
    assert isinstance(config, PILoRAConfig) and config.targets == ("q_proj",)
    assert parse_config(json.loads(json.dumps(config.model_dump(mode="json")))) == config


@pytest.mark.parametrize(("rank", "factor", "start"), [(8, 1.5, 12), (1, 1.5, 2), (3, 1.0, 3), (1, 1.2, 1)])
def test_start_rank(rank: int, factor: float, start: int) -> None:
    assert PILoRAConfig(rank=rank, start_factor=factor).start_rank == start
    assert LoRAConfig(rank=rank).start_rank == rank


@pytest.mark.parametrize(
    ("values", "code", "named"),
    [
        ({"method": "qlora"}, "PIL002", "qlora"),
        ({"method": None}, "PIL002", "None"),
        ({"rnak": 8}, "PIL007", "rnak"),
        ({"method": "lora", "nodes": 8}, "PIL007", "nodes"),
        ({"rank": 0}, "PIL007", "rank"),
        ({"method": "pi_lora", "score": "psychic"}, "PIL007", "score"),
    ],
)
def test_refusals_name_code_key_and_place(values: dict[str, Any], code: str, named: str) -> None:
    with pytest.raises(PiloraError) as caught:
        parse_config(values, "run.yaml")
    assert caught.value.code == code
    assert named in str(caught.value) and "run.yaml" in str(caught.value)
