"""What the trees of a run depend on beside the documents: versions of the code, the model and the adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

import text2mdt
from text2mdt.adapters import find_adapter, target_format
from text2mdt.extractor_settings import ExtractorSettings
from text2mdt.grammar import FORMATS_WITH_GRAMMAR, passage_grammar
from text2mdt.linear import get_format
from text2mdt.models.embedded import GGUF_SHA256
from text2mdt.prompts import passage_prompt
from text2mdt.relations import ENGLISH

_PROBE = "If there is fever above 38.5 °C, give 500 mg of paracetamol."
_PACKAGES = {
    "transformers": ("torch", "transformers", "llguidance"),
    "openai": (),
    "vllm": ("torch", "vllm", "llguidance"),
    "llamacpp": ("llama-cpp-python",),
}
_SAMPLE = 1024**2
_SHORT = 16


class Versions(BaseModel):
    """What made the trees; two runs of equal versions and settings make the same.

    Attributes:
        text2mdt: version of the package.
        model: fingerprint of the backbone's files; for a hub id its revision in the local cache; of an endpoint its
            address, since what it serves cannot be told.
        adapter: fingerprint of the adapter's files, calibration included; None for the bare backbone.
        voters: those of the further adapters of a vote.
        grammar, prompt: hashes of what they give for a fixed passage; no grammar where the adapter's format has none.
        packages: versions of those that decode.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text2mdt: str
    model: str
    adapter: str | None
    voters: tuple[str | None, ...] = ()
    grammar: str | None
    prompt: str
    packages: dict[str, str]


def versions_of(settings: ExtractorSettings) -> Versions:
    """The versions behind an extractor, without loading a model.

    Raises:
        Text2MDTError, PiloraError: as `find_adapter` and `target_format`.
    """
    form = target_format(settings.adapter)
    names = [form, *(step.grammar for step in get_format(form).earlier)] if form in FORMATS_WITH_GRAMMAR else []
    grammars = [passage_grammar(_PROBE, "Adults", ENGLISH, format=name).encode() for name in names]
    return Versions(
        text2mdt=text2mdt.__version__,
        model=model_fingerprint(settings.model)
        if settings.endpoint is None
        else f"{settings.model} at {settings.endpoint.url}",
        adapter=_adapter_fingerprint(settings.adapter),
        voters=tuple(_adapter_fingerprint(name) for name in settings.voting.adapters) if settings.voting else (),
        grammar=_hash(grammars) if grammars else None,
        prompt=_hash([passage_prompt("Adults", _PROBE).encode()]),
        packages={name: found for name in _PACKAGES[settings.engine] if (found := _version(name))},
    )


def _adapter_fingerprint(name: str) -> str | None:
    folder = find_adapter(name)
    return None if folder is None else files_fingerprint(folder)


def model_fingerprint(name: str) -> str:
    """Tells backbones apart by their files; a name that is neither local nor in the hub's cache stands for itself."""
    if name == "default":
        return GGUF_SHA256[:_SHORT]
    if Path(name).is_file():
        return _hash(_file_parts(Path(name)))
    if Path(name).is_dir():
        return files_fingerprint(Path(name))
    from transformers.utils import cached_file

    try:
        kept = cached_file(name, "config.json", local_files_only=True)
    except (OSError, ValueError):  # not in the cache, or no hub id: loading fetches it, or says so
        return name
    return name if kept is None else Path(kept).parent.name


def files_fingerprint(folder: Path) -> str:
    """A hash of the names, sizes and contents of the files of a folder; of large ones the first and last MiB count."""
    parts: list[bytes] = []
    for path in sorted(folder.iterdir()):
        if path.is_file():
            parts += _file_parts(path)
    return _hash(parts)


def _file_parts(path: Path) -> list[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = hashlib.sha256(file.read(_SAMPLE)).digest()
        file.seek(max(size - _SAMPLE, 0))
        return [f"{path.name} {size}\n".encode(), begin, hashlib.sha256(file.read(_SAMPLE)).digest()]


def _hash(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:_SHORT]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
