"""A backbone and an adapter in the files that inference servers read (vLLM and others)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pilora import export_peft, load
from text2mdt.adapters import find_adapter
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone
from text2mdt.models.gguf import share_weights


class ServedFiles(NamedTuple):
    """Two folders: the backbone as transformers saves it, and the adapter as a LoRA of PEFT; None for the bare one."""

    model: Path
    adapter: Path | None


def write_served_files(
    folder: Path, model: str = "default", adapter: str | Path | None = "default", dtype: str = "bfloat16"
) -> ServedFiles:
    """Writes `model` and `adapter` into a folder, over what is there.

    Raises:
        Text2MDTError: T2M041 where it cannot be written; as `find_adapter` and `load_backbone`.
        PiloraError: PIL003 to PIL007 for an adapter that is damaged or of another backbone, PIL009 for one without
            ranks, PIL014 for one that is no LoRA.
    """
    found = find_adapter(adapter)
    backbone = load_backbone(model, "cpu", dtype)
    files = ServedFiles(folder / "model", None if found is None else folder / "adapter")
    try:
        files.model.mkdir(parents=True, exist_ok=True)
        backbone.model.save_pretrained(files.model)
        backbone.tokenizer.save_pretrained(files.model)
        share_weights(files.model)
        if found is not None and files.adapter is not None:
            export_peft(load(backbone.model, found), files.adapter, base_model=str(files.model.absolute()))
    except OSError as error:
        raise Text2MDTError("T2M041", folder, detail=error.strerror or str(error)) from error
    return files
