"""Adapters as GGUF files, which llama.cpp loads beside a backbone of its own format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pilora.errors import PiloraError
from pilora.export import padded_tensors
from pilora.model import AdaptedModel

_PERMUTED = ("q_proj", "k_proj")


@torch.no_grad()
def export_gguf(model: AdaptedModel, file: str | Path) -> None:
    """Writes the adapter of a backbone of the llama architecture as a LoRA in GGUF.

    All modules have the largest rank, filled up with zeros and their scale folded in. llama.cpp keeps the rows of the
    query and key projections in another order than transformers (pairs of a rotation side by side); so does the file.

    Raises:
        PiloraError: PIL009 when no module has a rank left, PIL014 when the method is no LoRA or the backbone no llama.
    """
    from gguf import MODEL_ARCH, GGUFWriter, get_tensor_name_map

    backbone: Any = model.backbone
    config = backbone.config.get_text_config()
    if config.model_type != "llama":
        raise PiloraError(
            "PIL014", file, method=config.model_type, what="written as GGUF", mend="merge it and convert the model"
        )
    rank, tensors = padded_tensors(model, file)
    names = get_tensor_name_map(MODEL_ARCH.LLAMA, config.num_hidden_layers)
    writer = GGUFWriter(str(file), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    for name, (A, B) in tensors.items():
        if name.endswith(_PERMUTED):
            heads = config.num_attention_heads if name.endswith("q_proj") else config.num_key_value_heads
            B = _permuted(B, heads)
        place = names.get_name(name)
        if place is None:
            raise PiloraError(
                "PIL014", file, method=name, what="named in GGUF", mend="adapt linear layers of the blocks"
            )
        writer.add_tensor(f"{place}.weight.lora_a", A.float().contiguous().cpu().numpy())
        writer.add_tensor(f"{place}.weight.lora_b", B.float().contiguous().cpu().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _permuted(rows: Tensor, heads: int) -> Tensor:
    """Rows of a projection, from the two halves of each head to pairs."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)
