"""Which adapter is meant, and the backbone with it merged in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from text2mdt.calibration import Calibration, read_calibration
from text2mdt.engines import Engine
from text2mdt.errors import Text2MDTError
from text2mdt.linear import DEFAULT_FORMAT
from text2mdt.models import Backbone, load_backbone, shipped_adapters
from text2mdt.models.backbone import NF4
from text2mdt.predictor import Predictor
from text2mdt.relations import ENGLISH, RelationSet, relation_set

if TYPE_CHECKING:
    import torch

NONE = "none"
"""Names the bare backbone."""

INT8 = "int8"
"""Names the data type of `text2mdt.models.int8`."""


def find_adapter(name: str | Path | None) -> Path | None:
    """The folder of an adapter given by a shipped name or a path; None for the bare backbone.

    Raises:
        Text2MDTError: T2M023 where there is none of this name.
    """
    if name is None or str(name) == NONE:
        return None
    shipped = shipped_adapters()
    if str(name) in shipped:
        return shipped[str(name)]
    folder = Path(name)
    if (folder / "adapter.json").is_file():
        return folder
    raise Text2MDTError("T2M023", name, known=", ".join([*shipped, NONE]))


def target_format(name: str | Path | None) -> str:
    """The target format that an adapter was trained to write; `outline` where it does not say, or for the backbone.

    Raises:
        Text2MDTError: T2M023 where there is no such adapter.
        PiloraError: PIL003, PIL006 or PIL007 for a folder that cannot be read.
    """
    folder = find_adapter(name)
    if folder is None:
        return DEFAULT_FORMAT
    from pilora.checkpoint import read_adapter_config

    return str(read_adapter_config(folder)["about"].get("format", DEFAULT_FORMAT))


def adapter_relations(name: str | Path | None) -> RelationSet | None:
    """The relations that an adapter was trained to write (English where it does not say); None for the bare backbone.

    Raises:
        Text2MDTError: T2M023 where there is no such adapter, T2M172 where this release does not know its relations.
        PiloraError: PIL003, PIL006 or PIL007 for a folder that cannot be read.
    """
    folder = find_adapter(name)
    if folder is None:
        return None
    from pilora.checkpoint import read_adapter_config

    return relation_set(str(read_adapter_config(folder)["about"].get("relations", ENGLISH.name)), folder)


def adapted_predictor(
    engine: Engine, name: str | Path | None, *, relations: RelationSet | None = None, **options: Any
) -> Predictor:
    """A predictor for an engine whose model has an adapter: with that adapter's format, relations and calibration.

    Args:
        engine: generates with the adapted model.
        name: the adapter, as `find_adapter` takes it.
        relations: those that are wanted, where that is known; the bare backbone takes them.
        options: further fields of `Predictor`.

    Raises:
        Text2MDTError: T2M023 where there is no such adapter, T2M028 where its calibration cannot be read, T2M172 and
            T2M173 where its relations are unknown or not those that are wanted.
        PiloraError: PIL003, PIL006 or PIL007 for a folder that cannot be read.
    """
    folder = find_adapter(name)
    own = adapter_relations(name) or relations or ENGLISH
    if relations is not None and own is not relations:
        raise Text2MDTError("T2M173", name or NONE, own=own.name, wanted=relations.name)
    calibration = Calibration() if folder is None else read_calibration(folder)
    return Predictor(
        engine,
        format_name=target_format(name),
        relations=own,
        no_decision_bias=calibration.no_decision_bias,
        curves=calibration.confidence,
        **options,
    )


def load_with_adapter(
    model: str = "default", adapter: str | Path | None = "default", device: str = "auto", dtype: str = "auto"
) -> Backbone:
    """A backbone with an adapter: merged into its weights, so that decoding costs what the backbone costs, or standing
    beside them where the adapter looks at the prompt, or the weights are in 4 bits.

    Args:
        model, device: as `load_backbone`.
        adapter: as `find_adapter`.
        dtype: as `load_backbone`, or `int8`: on a CPU, the linear modules in 8 bits once the adapter is merged
            (`text2mdt.models.int8`). `auto` takes `int8` where it is possible.

    Raises:
        Text2MDTError: as `find_adapter` and `load_backbone`; T2M029 where `int8` is asked for and not possible.
        PiloraError: PIL003 to PIL007 for an adapter that is damaged or of another backbone.
    """
    folder = find_adapter(adapter)
    backbone = load_backbone(model, device, "auto" if dtype == INT8 else dtype)
    usable: Any = backbone.model
    prompt_aware = False
    if folder is not None:
        from pilora import load

        adapted = load(backbone.model, folder).eval()
        prompt_aware = adapted.prompt_aware
        usable = adapted if prompt_aware or dtype == NF4 else adapted.merge().eval()
    if goes_in_int8(dtype, usable.device, prompt_aware):
        from text2mdt.models.int8 import quantise

        quantise(usable)
    return Backbone(usable, backbone.tokenizer, backbone.name, backbone.fingerprint)


def goes_in_int8(dtype: str, device: torch.device, prompt_aware: bool = False) -> bool:
    """Whether a model on this device is to be put in 8 bits; raises T2M029 where it is asked for and not possible."""
    if dtype not in (INT8, "auto"):
        return False
    from text2mdt.models.int8 import int8_is_possible

    possible = int8_is_possible(device)
    if dtype == INT8 and not (possible and not prompt_aware):
        detail = "the adapter looks at the prompt" if possible else "it needs an x86 CPU, and PyTorch with oneDNN"
        raise Text2MDTError("T2M029", detail=detail)
    return possible and not prompt_aware
