"""In which type a backbone trains: bfloat16, but not on a CPU that only imitates it."""

from __future__ import annotations

import pytest
import torch

from text2mdt.models import training_dtype as module
from text2mdt.models.training_dtype import computes_bfloat16, training_dtype


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "nf4"])
def test_a_named_type_stays(dtype):
    assert training_dtype(dtype, "cpu") == dtype


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True}, "float32"),
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, "float32"),
        ({"avx512_bf16": True}, "bfloat16"),
        ({"amx_bf16": True}, "bfloat16"),
        ({"neon": True, "bf16": True}, "bfloat16"),
        ({}, "float32"),
    ],
)
def test_a_cpu_is_asked_for_its_instructions(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert training_dtype("auto", "cpu") == expected
    assert computes_bfloat16(capabilities) is (expected == "bfloat16")


def test_an_accelerator_takes_bfloat16_even_if_it_is_not_here(monkeypatch):
    monkeypatch.setattr(module, "computes_bfloat16", lambda capabilities: False)
    assert training_dtype("auto", "cuda:1") == "bfloat16"


def test_auto_takes_the_accelerator_where_there_is_one(monkeypatch):
    monkeypatch.setattr(module, "computes_bfloat16", lambda capabilities: False)
    for found, expected in ((None, "float32"), (torch.device("cuda"), "bfloat16")):
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available, found=found: found)
        assert training_dtype("auto", "auto") == expected


def test_a_pytorch_that_tells_nothing_of_the_cpu(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert training_dtype("auto", "cpu") == "float32"
