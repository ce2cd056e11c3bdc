"""The engine on vLLM without a server: the backbone on a GPU, the adapter beside it as a PEFT LoRA."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from text2mdt.adapters import find_adapter
from text2mdt.engines import Prompt
from text2mdt.errors import Text2MDTError
from text2mdt.models import ensure_embedded, load_backbone
from text2mdt.schema import Generation

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The largest ranks that vLLM can be told."""


class VllmEngine:
    """Generates with `vllm.LLM`, greedily; vLLM makes its own batches.

    The grammars are those of llguidance, which is vLLM's backend "guidance". The bias of an opening is not passed on.

    Args:
        llm: a `vllm.LLM` with the backend "guidance" for structured outputs.
        adapter: a `vllm.lora.request.LoRARequest`, or None.
        max_new_tokens: limit of one answer.
    """

    def __init__(self, llm: Any, adapter: Any = None, max_new_tokens: int = 512) -> None:
        self._llm = llm
        self._adapter = adapter
        self._limit = max_new_tokens

    @classmethod
    def load(cls, model: str, adapter: str | None, dtype: str = "auto", max_new_tokens: int = 512) -> VllmEngine:
        """The engine for a backbone and an adapter, which is exported to a folder that lives as long as the process.

        Args:
            model: "default", a folder or a hub id.
            adapter: as `find_adapter` takes it.
            dtype: as vLLM takes it.

        Raises:
            Text2MDTError: T2M157 where vLLM is missing.
            Text2MDTError, PiloraError: as `load_backbone`, `pilora.load` and `pilora.export.export_peft`.
        """
        try:
            from vllm import LLM
            from vllm.lora.request import LoRARequest
        except ImportError:
            mend = (
                "serve the model with vLLM in an environment of its own and use --engine openai, or install vLLM here"
            )
            raise Text2MDTError("T2M157", engine="vllm", detail="vLLM is not installed", mend=mend) from None
        folder = find_adapter(adapter)
        source = str(ensure_embedded()) if model == "default" else model
        options: dict[str, Any] = {
            "model": source,
            "dtype": dtype,
            "structured_outputs_config": {"backend": "guidance"},
            "trust_remote_code": False,
        }
        if folder is None:
            return cls(LLM(**options), None, max_new_tokens)
        place = Path(tempfile.mkdtemp(prefix="text2mdt-adapter-"))
        rank = _export(model, folder, place)
        options |= {"enable_lora": True, "max_lora_rank": next((known for known in RANKS if known >= rank), rank)}
        return cls(LLM(**options), LoRARequest("text2mdt", 1, str(place)), max_new_tokens)

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears the end."""
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        if not prompts:
            return []
        parameters = [
            SamplingParams(
                temperature=0.0,
                max_tokens=self._limit,
                structured_outputs=None if prompt.grammar is None else StructuredOutputsParams(grammar=prompt.grammar),
            )
            for prompt in prompts
        ]
        texts = [prompt.text for prompt in prompts]
        answers = self._llm.generate(texts, parameters, lora_request=self._adapter, use_tqdm=False)
        if progress is not None:
            progress(len(answers))
        return [_generation(answer.outputs[0]) for answer in answers]


def _generation(output: Any) -> Generation:
    return Generation(text=output.text, token_count=len(output.token_ids), truncated=output.finish_reason == "length")


def _export(model: str, folder: Path, place: Path) -> int:
    """Writes the adapter as a PEFT LoRA; gives its rank."""
    from pilora import load
    from pilora.export import export_peft, padded_tensors

    adapted = load(load_backbone(model, "cpu", progress=False).model, folder)
    export_peft(adapted, place)
    return padded_tensors(adapted, place)[0]
