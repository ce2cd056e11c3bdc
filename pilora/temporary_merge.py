"""An adapter merged into a backbone for a while: many adapters take turns on one backbone, each at full speed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from pilora.checkpoint import load, read_adapter_config
from pilora.config import LoRAConfig, parse_config
from pilora.errors import PiloraError
from pilora.feed_forward import make_plain
from pilora.lowrank import LowRankLinear
from pilora.methods import METHODS
from pilora.model import mark_adapted, refuse_adapted
from pilora.wrapping import replace_module


def is_plain_update(folder: str | Path) -> bool:
    """Whether a folder's adapter is an update of weights of this library, which looks at no prompt.

    Raises:
        PiloraError: PIL002, PIL003, PIL006 or PIL007 for a folder that cannot be read.
    """
    config = parse_config(read_adapter_config(folder)["config"], folder)
    return isinstance(config, LoRAConfig) and config.method in METHODS and config.method != "milora"


@contextmanager
def merged(backbone: nn.Module, folder: str | Path) -> Iterator[nn.Module]:
    """The backbone with an adapter merged into its weights; behind the block it is as before, to the bit.

    The weights that the adapter changes are kept in main memory meanwhile, wherever the backbone is.

    Args:
        backbone: a Hugging Face causal LM without an adapter; its parameters are frozen.
        folder: of an adapter that changes weights alone (`is_plain_update`).

    Raises:
        PiloraError: PIL003 to PIL007 as `load`, PIL008 where the backbone carries an adapter, PIL011 for quantised
            weights, PIL014 for an adapter that cannot be merged.
    """
    refuse_adapted(backbone)
    if not is_plain_update(folder):
        method = read_adapter_config(folder)["config"].get("method")
        what, mend = "merged for a while", "load it on a backbone of its own"
        raise PiloraError("PIL014", folder, method=method, what=what, mend=mend)
    kept: dict[str, Tensor] = {}
    try:
        adapted = load(backbone, folder)
        for name, module in adapted.low_rank_modules():
            if module.rank:
                kept[name] = module.base.weight.detach().to("cpu", copy=True)  # type: ignore[operator]
        yield adapted.merge()
    finally:
        _restore(backbone, kept)


@torch.no_grad()
def _restore(backbone: nn.Module, kept: dict[str, Tensor]) -> None:
    for name, module in list(backbone.named_modules()):
        if isinstance(module, LowRankLinear):  # loading or merging had failed
            replace_module(backbone, name, module.base)
    for name, weight in kept.items():
        backbone.get_submodule(name).weight.copy_(weight)  # type: ignore[operator]
    make_plain(backbone)
    mark_adapted(backbone, False)
