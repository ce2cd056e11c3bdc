"""A model from a GGUF file, written as a folder that `--model` takes."""

from __future__ import annotations

from pathlib import Path


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Writes the model of a GGUF file, with its tokenizer, as a float32 safetensors folder.

    Args:
        gguf: of an architecture that transformers reads.
        folder: is made, its parents too.

    Raises:
        OSError, ValueError: as transformers, for a file that it cannot read or a folder that cannot be written.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    read = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    config = read.config
    # The weights are no longer quantised; a config that says so would make loading ask for a quantiser.
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    model.generation_config = read.generation_config
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)
    share_weights(folder)


def share_weights(folder: Path) -> None:
    """Lets those read the weights of a model who may read its `config.json`: safetensors lets nobody but the owner."""
    as_written = (folder / "config.json").stat().st_mode
    for weights in folder.glob("*.safetensors"):
        weights.chmod(as_written)
