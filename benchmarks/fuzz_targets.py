"""What is fuzzed: each target takes any bytes, and raises only where the product is wrong."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "text2mdt"))

SEEDS = ROOT / "tests" / "data" / "fuzz"
"""A folder for each target, with the inputs that once found a bug; the tests give them again."""

IMPORTED = (".json", ".dmn", ".mmd", ".csv")
DOCUMENTS = (".md", ".txt", ".html", ".docx", ".pdf")


def _parser(data: bytes) -> None:
    from text2mdt.errors import Text2MDTError
    from text2mdt.linear import FORMATS
    from text2mdt.parser import parse
    from text2mdt.relations import ENGLISH

    text = data.decode("utf-8", "surrogatepass" if _is_text(data) else "replace")
    for name in FORMATS:
        try:
            forest = parse(text, "Adults", name, ENGLISH)
        except Text2MDTError:
            continue
        for tree in forest.trees:  # what is read can be written and read again as the same
            again = parse(FORMATS[name].write([tree], "Adults", ENGLISH), "Adults", name, ENGLISH)
            if again.trees != [tree]:
                raise AssertionError(f"{name}: {tree} came back as {again.trees}")


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _importers(data: bytes) -> None:
    from text2mdt.errors import Text2MDTError
    from text2mdt.imports import read_text

    suffix = IMPORTED[data[0] % len(IMPORTED)] if data else ".json"
    try:
        read_text(data[1:].decode("utf-8", "replace"), f"tree{suffix}")
    except Text2MDTError:
        return


def _config(data: bytes) -> None:
    from text2mdt.compare.config import read_comparison_config
    from text2mdt.errors import Text2MDTError
    from text2mdt.training_config import read_training_config

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(data)
        override = [data.decode("utf-8", "replace")]
        trials: list[Callable[[], object]] = [
            lambda: read_training_config(path),
            lambda: read_comparison_config(path),
            lambda: read_training_config(ROOT / "configs" / "train" / "lora.yaml", override),
        ]
        for trial in trials:
            try:
                trial()
            except Text2MDTError:
                continue


def _grammar(data: bytes) -> None:
    from text2mdt.grammar import passage_grammar
    from text2mdt.relations import ENGLISH

    matcher = _matcher(passage_grammar(data.decode("utf-8", "replace"), "Adults", ENGLISH))
    error = matcher.get_error()
    # A limit of llguidance's own is met as an error with a code (T2M027).
    if error and not any(words in error for words in ("fuel exhausted", "limit", "too large", "too big")):
        raise AssertionError(error)


def _matcher(grammar: str) -> Any:
    from llguidance import LLMatcher

    return LLMatcher(_tokenizer(), grammar, log_level=0)


@cache
def _tokenizer() -> Any:
    from llguidance.hf import from_tokenizer
    from tiny_model import tiny_tokenizer

    return from_tokenizer(tiny_tokenizer())


def _readers(data: bytes) -> None:
    from text2mdt.documents import read_document
    from text2mdt.errors import Text2MDTError

    suffix = DOCUMENTS[data[0] % len(DOCUMENTS)] if data else ".txt"
    try:
        document = read_document(data[1:], f"document{suffix}")
    except Text2MDTError:
        return
    for block in document.blocks:
        if not 0 <= block.start <= block.end <= len(document.text):
            raise AssertionError(f"block {block.start}..{block.end} of {len(document.text)} characters")


def _adapter(data: bytes) -> None:
    from pilora.checkpoint import read_adapter_config, stored_parameters
    from pilora.config import parse_config
    from pilora.errors import PiloraError
    from text2mdt.calibration import read_calibration
    from text2mdt.errors import Text2MDTError

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("adapter.json", "adapter.safetensors", "calibration.json"):
            (folder / file).write_bytes(data)
        trials: list[Callable[[], object]] = [
            lambda: parse_config(read_adapter_config(folder)["config"], folder),
            lambda: stored_parameters(folder),
            lambda: read_calibration(folder),
        ]
        for trial in trials:
            try:
                trial()
            except (PiloraError, Text2MDTError):
                continue


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parser": _parser,
    "importers": _importers,
    "config": _config,
    "grammar": _grammar,
    "readers": _readers,
    "adapter": _adapter,
}


def examples(target: str) -> list[bytes]:
    """Whole inputs that damages begin from."""
    return _EXAMPLES[target]()


def _texts() -> list[bytes]:
    return [
        b"1 if feature: otorrhoea | basic: younger than 6 months\n1 yes drug: amoxicillin & dose: 45 mg/kg\n1 no none",
        b'[{"role": "C", "triples": [["Adults", "clinical_feature", "fever"]], "logical_rel": "null"}]',
        "如果发热，给予对乙酰氨基酚 500 mg".encode(),
    ]


def _exports() -> list[bytes]:
    from built_extractions import condition, decision, extraction, passage, tree

    from text2mdt.export import export

    built = extraction(
        passage(1, tree(condition("fever", "cough"), decision("paracetamol"), decision(("plan", "rest"))))
    )
    found = []
    for name, suffix in (("json", 0), ("fhir", 0), ("dmn", 1), ("mermaid", 2), ("csv", 3)):
        for content in export(built, name).values():
            found.append(bytes([suffix]) + (content.encode() if isinstance(content, str) else content))
    return found


def _configs() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "configs").rglob("*.yaml"))]


def _documents() -> list[bytes]:
    found = []
    for path in sorted((ROOT / "data" / "documents").iterdir()):
        if path.suffix in DOCUMENTS and path.stat().st_size < 100_000:
            found.append(bytes([DOCUMENTS.index(path.suffix)]) + path.read_bytes())
    return found


def _adapters() -> list[bytes]:
    folder = ROOT / "data" / "adapters" / "default"
    return [
        (folder / "adapter.json").read_bytes(),
        (folder / "calibration.json").read_bytes(),
        b"\x10" + bytes(7) + b"{}",
    ]


_EXAMPLES: dict[str, Callable[[], list[bytes]]] = {
    "parser": _texts,
    "importers": _exports,
    "config": _configs,
    "grammar": _texts,
    "readers": _documents,
    "adapter": _adapters,
}
