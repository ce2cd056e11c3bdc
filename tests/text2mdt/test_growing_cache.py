"""The cache that takes memory ahead holds what transformers' own holds, whatever is done to it."""

from __future__ import annotations

import pytest
import torch
from tiny_model import tiny_llama, tiny_tokenizer
from torch import Tensor
from transformers import DynamicCache, MiniMaxConfig, MiniMaxForCausalLM
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from pilora.prompt_state import CACHE_ARGUMENT
from text2mdt.engines import Prompt
from text2mdt.engines.batch import Batch
from text2mdt.engines.decoding_row import DecodingRow
from text2mdt.engines.growing_cache import GrowingLayer, growing
from text2mdt.engines.transformers import TransformersEngine

NUMBERS = torch.Generator().manual_seed(0)


def states(rows: int, places: int) -> tuple[Tensor, Tensor]:
    keys, values = torch.randn(2, rows, 2, places, 4, generator=NUMBERS)
    return keys, values


def both_update(layers: list[DynamicLayer], rows: int, places: int) -> None:
    keys, values = states(rows, places)
    found = [layer.update(keys, values) for layer in layers]
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)


CHANGES = {
    "chosen rows": lambda layer: layer.batch_select_indices(torch.tensor([2, 0])),
    "repeated rows": lambda layer: layer.batch_repeat_interleave(2),
    "beams in another order": lambda layer: layer.reorder_cache(torch.tensor([1, 2, 0])),
    "cut": lambda layer: layer.crop(-3),
    "begun anew": lambda layer: layer.reset(),
}


@pytest.mark.parametrize("places", [(1,), (1, 7, 90, 1, 300)])
@pytest.mark.parametrize("name", CHANGES)
def test_it_holds_what_the_usual_layer_holds(name, places):
    layers = [DynamicLayer(), GrowingLayer()]
    both_update(layers, 3, 50)
    for count in places:
        both_update(layers, 3, count)
    handed = layers[1].keys
    kept = handed.clone()
    for layer in layers:
        CHANGES[name](layer)
    rows = 3 if layers[0].keys is None else len(layers[0].keys)
    for count in places:
        both_update(layers, rows, count)
    assert layers[0].get_seq_length() == layers[1].get_seq_length()
    assert torch.equal(handed, kept)


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "cut"])  # a cut one is still its beginning
def test_a_change_keeps_nothing_alive(name):
    layer = GrowingLayer()
    before = {tensor.data_ptr() for tensor in layer.update(*states(3, 50))}
    CHANGES[name](layer)
    assert not before & {value.data_ptr() for value in vars(layer).values() if isinstance(value, Tensor)}


def test_a_new_place_takes_no_new_memory():
    layer = GrowingLayer()
    before, _ = layer.update(*states(2, 10))
    after, _ = layer.update(*states(2, 1))
    assert after.data_ptr() == before.data_ptr()


def test_keys_that_were_handed_out_stay_what_they_are():
    layer = GrowingLayer()
    handed, _ = layer.update(*states(1, 3))
    kept = handed.clone()
    for _ in range(100):
        layer.update(*states(1, 1))
    assert torch.equal(handed, kept)


def test_only_layers_that_keep_all_places_grow():
    cache = DynamicCache(config=tiny_llama(tiny_tokenizer()).config)
    assert growing(None) is None
    cache.layers[0] = DynamicSlidingWindowLayer(sliding_window=4)
    assert [type(layer) for layer in growing(cache).layers] == [DynamicSlidingWindowLayer, GrowingLayer]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_model_writes_the_same_with_it(rows):
    model = tiny_llama(tiny_tokenizer()).eval()
    ids = torch.randint(0, 50, (rows, 6), generator=NUMBERS)
    caches = [DynamicCache(config=model.config), growing(DynamicCache(config=model.config))]
    with torch.inference_mode():
        for piece in (ids, ids[:, :1], ids[:, :2]):
            one, other = (model(piece, **{CACHE_ARGUMENT: cache}).logits for cache in caches)
            assert torch.equal(one, other)


def test_the_engine_uses_it():
    model = tiny_llama(tiny_tokenizer()).eval()
    row = DecodingRow(0, [5, 6, 7], None, frozenset({0}), 4)
    batch = Batch(model, [row], pass_cost=8.0, may_leave_gaps=True)
    with torch.inference_mode():
        batch.read_prompts()
    assert {type(layer) for layer in batch._cache.layers} == {GrowingLayer}


def test_a_model_with_a_cache_of_its_own_keeps_it():
    tokenizer = tiny_tokenizer()
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 16, "block_size": 8}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 2, "num_experts_per_tok": 1}
    model = MiniMaxForCausalLM(MiniMaxConfig(vocab_size=len(tokenizer), **sizes, **heads))
    found = TransformersEngine(model, tokenizer, max_new_tokens=3).generate([Prompt("a b c"), Prompt("a b")])
    assert all(generation.token_count for generation in found)
