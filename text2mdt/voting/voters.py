"""Loads the adapters of a vote, on one backbone where they can take turns on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from torch import nn

from pilora.temporary_merge import is_plain_update, merged
from text2mdt.adapters import INT8, NONE, adapted_predictor, find_adapter, goes_in_int8, load_with_adapter
from text2mdt.engines import Engine, Prompt
from text2mdt.engines.transformers import TransformersEngine
from text2mdt.models import load_backbone
from text2mdt.models.backbone import NF4
from text2mdt.models.int8 import quantised
from text2mdt.schema import Generation
from text2mdt.voting.predictor import VotingPredictor
from text2mdt.voting.settings import VotingSettings


class Turn:
    """An engine whose adapter is merged into a shared backbone while it generates, and only then.

    Decoding costs what it costs the backbone, whatever the number of adapters, and a turn what merging and restoring
    the weights cost: less than to carry the updates of several adapters through every pass (docs/voting.md).

    Args:
        engine: generates with the backbone.
        backbone: without an adapter.
        folder: of the adapter; None for the bare backbone.
        int8: whether the merged weights are put in 8 bits for the turn.
    """

    def __init__(self, engine: Engine, backbone: nn.Module, folder: Path | None, int8: bool) -> None:
        self._engine = engine
        self._backbone = backbone
        self._folder = folder
        self._int8 = int8

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """As the engine; raises as `pilora.temporary_merge.merged`."""
        if not prompts:
            return []
        with ExitStack() as turn:
            if self._folder is not None:
                turn.enter_context(merged(self._backbone, self._folder))
            if self._int8:
                turn.enter_context(quantised(self._backbone))
            return self._engine.generate(prompts, progress)


def load_vote(
    model: str,
    adapter: str | Path | None,
    settings: VotingSettings,
    device: str = "auto",
    dtype: str = "auto",
    *,
    batch_size: int = 16,
    max_new_tokens: int = 512,
    **options: Any,
) -> VotingPredictor:
    """A vote of an adapter and the further ones of the settings; one that is named twice votes once.

    Adapters that are updates of weights take turns on one backbone, beside the bare one; any other gets its own, and so
    does each where the weights are in 4 bits, which take no update.

    Args:
        model, adapter, device, dtype: as `text2mdt.adapters.load_with_adapter`.
        batch_size, max_new_tokens: as `TransformersEngine`.
        options: as `text2mdt.adapters.adapted_predictor`.

    Raises:
        Text2MDTError, PiloraError: as `load_with_adapter` and `adapted_predictor`, of any of the adapters; T2M170
            where all names mean one adapter and there are no samples.
    """
    names = _distinct((adapter, *settings.adapters))
    limits = {"batch_size": batch_size, "max_new_tokens": max_new_tokens}
    shared: TransformersEngine | None = None
    engines: list[Engine] = []
    for folder, name in names.items():
        if len(names) > 1 and dtype != NF4 and (folder is None or is_plain_update(folder)):
            if shared is None:
                backbone = load_backbone(model, device, "auto" if dtype == INT8 else dtype)
                shared = TransformersEngine(backbone.model, backbone.tokenizer, **limits)
                int8 = goes_in_int8(dtype, backbone.model.device)
            engines.append(_checked_turn(shared, backbone.model, folder, int8))
        else:
            own = load_with_adapter(model, name, device, dtype)
            engines.append(TransformersEngine(own.model, own.tokenizer, **limits))
    voters = [adapted_predictor(engine, name, **options) for engine, name in zip(engines, names.values(), strict=True)]
    return VotingPredictor(tuple(voters), tuple(names.values()), settings)


def _distinct(names: Sequence[str | Path | None]) -> dict[Path | None, str]:
    """The folders that are meant, each with the first name that means it."""
    found: dict[Path | None, str] = {}
    for name in names:
        folder = find_adapter(name)
        found.setdefault(folder and folder.resolve(), str(name or NONE))
    return found


def _checked_turn(engine: Engine, backbone: nn.Module, folder: Path | None, int8: bool) -> Turn:
    """The adapter's turns; merges it once, so that a damaged one is told before anything is generated."""
    if folder is not None:
        with merged(backbone, folder):
            pass
    return Turn(engine, backbone, folder, int8)
