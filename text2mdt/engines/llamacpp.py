"""The engine on llama.cpp: one prompt after another, from a GGUF file, under a grammar in GBNF."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from text2mdt.adapters import find_adapter
from text2mdt.engines import Prompt
from text2mdt.errors import Text2MDTError
from text2mdt.models import load_backbone
from text2mdt.models.embedded import embedded_gguf
from text2mdt.schema import Generation

_CONTEXT = 4096
_LEFT_FREE = 8


class LlamaCppEngine:
    """Generates with llama-cpp-python, greedily.

    The bias of an opening counts for the first token of an answer only, as in the engine on transformers.

    Args:
        llama: a `llama_cpp.Llama`.
        max_new_tokens: limit of one answer.
    """

    def __init__(self, llama: Any, max_new_tokens: int = 512) -> None:
        self._llama = llama
        self._limit = max_new_tokens

    @classmethod
    def load(
        cls, model: str, adapter: str | None, max_new_tokens: int = 512, threads: int | None = None
    ) -> LlamaCppEngine:
        """The embedded model from its GGUF file, or a GGUF file that is named, with an adapter.

        Args:
            model: "default", or the path of a GGUF file of the llama architecture.
            adapter: as `find_adapter` takes it; with a GGUF file other than the embedded one only "none".
            threads: of llama.cpp; its own choice by default.

        Raises:
            Text2MDTError: T2M042 where llama-cpp-python is missing, T2M022 where there is no such file, T2M157 for an
                adapter that cannot be had; as `embedded_gguf`.
            PiloraError: as `pilora.export_gguf`.
        """
        try:
            import llama_cpp
        except ImportError:
            raise Text2MDTError("T2M042", extra="llamacpp") from None
        folder = find_adapter(adapter)
        if model == "default":
            path = embedded_gguf()
        elif model.endswith(".gguf") and Path(model).is_file():
            path = Path(model)
            if folder is not None:
                mend = "use --adapter none, or a GGUF file with the adapter merged in"
                raise Text2MDTError(
                    "T2M157", engine="llamacpp", detail="an adapter needs its backbone in safetensors", mend=mend
                )
        else:
            raise Text2MDTError("T2M022", model)
        options: dict[str, Any] = {"model_path": str(path), "n_ctx": _CONTEXT, "verbose": False}
        if threads is not None:
            options |= {"n_threads": threads, "n_threads_batch": threads}
        if folder is None:
            return cls(llama_cpp.Llama(**options), max_new_tokens)
        with tempfile.TemporaryDirectory() as place:  # llama.cpp has read it when it is deleted
            file = Path(place) / "adapter.gguf"
            _export(folder, file)
            return cls(llama_cpp.Llama(**options, lora_path=str(file)), max_new_tokens)

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far.

        A prompt whose grammar cannot be compiled gives an empty one with the error (T2M027).
        """
        found = []
        for prompt in prompts:
            try:
                found.append(self._one(prompt))
            except Text2MDTError as error:
                found.append(Generation(text="", error=str(error)))
            if progress is not None:
                progress(len(found))
        return found

    def _one(self, prompt: Prompt) -> Generation:
        from llama_cpp import LogitsProcessorList

        tokens = self._llama.tokenize(prompt.text.encode(), add_bos=False, special=False)
        room = _CONTEXT - len(tokens) - _LEFT_FREE
        if room < 1:
            return Generation(text="", truncated=True)
        bias = self._first_tokens(prompt)
        answer = self._llama.create_completion(
            tokens,
            max_tokens=min(self._limit, room),
            temperature=0.0,
            repeat_penalty=1.0,
            grammar=self._grammar(prompt.grammar),
            logits_processor=LogitsProcessorList([_Bias(bias, len(tokens))]) if bias else None,
        )
        choice = answer["choices"][0]
        return Generation(
            text=choice["text"],
            token_count=answer["usage"]["completion_tokens"],
            truncated=choice["finish_reason"] == "length",
        )

    def _grammar(self, grammar: str | None) -> Any:
        if grammar is None:
            return None
        from llama_cpp import LlamaGrammar

        try:
            return LlamaGrammar.from_string(grammar, verbose=False)
        except ValueError as error:
            raise Text2MDTError("T2M027", detail=str(error).partition("\n")[0]) from error

    def _first_tokens(self, prompt: Prompt) -> list[tuple[int, float]]:
        tokenize = self._llama.tokenize
        return [
            (token, bias)
            for opening, bias in prompt.opening_bias
            for token in {
                tokenize(opening[:length].encode(), add_bos=False, special=False)[0]
                for length in range(1, len(opening) + 1)
            }
        ]


class _Bias:
    """Adds to the logits of some tokens when the first token of an answer is chosen."""

    def __init__(self, bias: list[tuple[int, float]], prompt_length: int) -> None:
        self._bias = bias
        self._prompt_length = prompt_length

    def __call__(self, tokens: Any, logits: Any) -> Any:
        if len(tokens) == self._prompt_length:
            for token, bias in self._bias:
                logits[token] += bias
        return logits


def _export(folder: Path, file: Path) -> None:
    from pilora import load
    from pilora.export_gguf import export_gguf

    export_gguf(load(load_backbone("default", "cpu", "float32", progress=False).model, folder), file)
