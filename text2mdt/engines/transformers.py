"""The default engine: batched decoding of any Hugging Face causal LM, greedy or sampled, under a grammar if given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from text2mdt.engines import Beams, Prompt
from text2mdt.engines.batch import Batch
from text2mdt.engines.beam_search import BeamSearch
from text2mdt.engines.decoding_row import DecodingRow
from text2mdt.engines.token_mask import TokenMasks
from text2mdt.engines.token_sampler import TokenSampler
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Choice, Generation

_PASS_COST = {"cpu": 8.0}
"""What a pass costs beside its tokens, in tokens: measured with 135M parameters on a CPU."""
_PASS_COST_ACCELERATOR = 256.0


class TransformersEngine:
    """Generates with a model of `transformers` (or one that wraps such a model).

    Prompts are sorted by length and padded on the left. Tokens that the grammar forces are not chosen, and a
    run of them is read in one pass. Finished rows leave the batch and the cache.

    Args:
        model: a causal LM; it is put into evaluation mode.
        tokenizer: its fast tokenizer, which adds its own special tokens to the prompt, as in training.
        batch_size: rows decoded together.
        max_new_tokens: the limit of an answer, the end token not counted.
    """

    def __init__(
        self, model: Any, tokenizer: PreTrainedTokenizerBase, *, batch_size: int = 16, max_new_tokens: int = 512
    ) -> None:
        if batch_size < 1 or max_new_tokens < 1:
            raise ValueError("batch_size and max_new_tokens must be at least 1")
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        self._limit = max_new_tokens
        self._end_tokens = _end_tokens(model, tokenizer)
        if not self._end_tokens:
            raise ValueError("neither the tokenizer nor the model names an end token")
        config = model.config.get_text_config()
        self._masks = TokenMasks(tokenizer, self._end_tokens, batch_size, config.vocab_size)
        self._pass_cost = _PASS_COST.get(model.device.type, _PASS_COST_ACCELERATOR)
        # A sliding window counts places in the cache, so it must not hold unused ones.
        layers = getattr(config, "layer_types", None) or ["full_attention"]
        self._may_leave_gaps = set(layers) == {"full_attention"}

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far.

        A prompt whose grammar cannot be compiled gives an empty one with the error (T2M027).
        """
        if not prompts:
            return []
        encoded = self._tokenizer([prompt.text for prompt in prompts])["input_ids"]
        order = sorted(range(len(prompts)), key=lambda index: len(encoded[index]), reverse=True)
        found: dict[int, Generation] = {}

        def note(index: int, generation: Generation) -> None:
            found[index] = generation
            if progress is not None:
                progress(len(found))

        beams = self._beams(prompts)
        step = self._batch_size // (1 if beams is None else beams.width)
        for start in range(0, len(order), step):
            rows = []
            for index in order[start : start + step]:
                try:
                    rows.append(self._row(index, encoded[index], prompts[index]))
                except Text2MDTError as error:
                    note(index, Generation(text="", error=str(error)))
            for row in self._decode(rows, beams):
                note(row.index, self._generation(row))
        return [found[index] for index in range(len(prompts))]

    def _row(self, index: int, encoded: Sequence[int], prompt: Prompt) -> DecodingRow:
        return DecodingRow(
            index,
            list(encoded) or [min(self._end_tokens)],
            self._masks.matcher(prompt.grammar),
            self._end_tokens,
            self._limit,
            self._first_tokens(prompt.opening_bias),
            _sampler(prompt),
        )

    def _beams(self, prompts: Sequence[Prompt]) -> Beams | None:
        beams = prompts[0].beams
        if any(prompt.beams != beams for prompt in prompts):
            raise ValueError("the prompts of one call must be searched alike")
        if beams is not None and beams.width > self._batch_size:
            raise ValueError(f"{beams.width} beams do not fit into a batch of {self._batch_size} rows")
        if beams is not None and not self._may_leave_gaps:
            raise Text2MDTError("T2M039")
        return beams

    @torch.inference_mode()
    def _decode(self, rows: Sequence[DecodingRow], beams: Beams | None = None) -> Iterator[DecodingRow]:
        """The rows as they finish."""
        yield from (row for row in rows if row.done)  # the grammar leaves no choice about them
        rows = [row for row in rows if not row.done]
        if not rows:
            return
        batch = Batch(self._model, rows, self._pass_cost, self._may_leave_gaps)
        if beams is not None:
            yield from BeamSearch(batch, self._log_probabilities, beams).run()
            return
        logits = batch.read_prompts()
        while batch.rows:
            self._choose(batch.rows, logits)
            yield from batch.drop_done()
            if batch.rows:
                logits = batch.read_pending()

    def _choose(self, rows: Sequence[DecodingRow], logits: Tensor) -> None:
        """Takes the best or the drawn token of every row that has read all its tokens."""
        ready = [place for place, row in enumerate(rows) if not row.pending]
        if not ready:
            return
        chosen = [rows[place] for place in ready]
        scores = logits if len(ready) == len(rows) else logits[torch.tensor(ready, device=logits.device)]
        self._constrain(chosen, scores)
        tokens = scores.argmax(dim=-1)
        for place, row in enumerate(chosen):
            if row.sampler is not None and not row.done:
                tokens[place] = row.sampler.choose(scores[place])
        taken = scores.gather(1, tokens[:, None])[:, 0]
        log_probabilities = (taken - torch.logsumexp(scores, dim=-1)).tolist()
        for row, token, log_probability in zip(chosen, tokens.tolist(), log_probabilities, strict=True):
            if not row.done:
                row.choose(token, log_probability)

    def _constrain(self, rows: Sequence[DecodingRow], scores: Tensor) -> None:
        """Adds the bias of first tokens and takes away what the grammars forbid, in place."""
        for place, row in enumerate(rows):
            if not row.tokens:
                for token, bias in row.opening_bias:
                    scores[place, token] += bias
        self._masks.apply(rows, scores)

    def _log_probabilities(self, rows: Sequence[DecodingRow], logits: Tensor) -> Tensor:
        self._constrain(rows, logits)
        return logits.log_softmax(dim=-1)

    def _first_tokens(self, opening_bias: Sequence[tuple[str, float]]) -> list[tuple[int, float]]:
        """The bias of the tokens that each opening may begin with: a grammar allows it in other pieces as well."""
        encode = self._tokenizer.encode
        return [
            (token, bias)
            for opening, bias in opening_bias
            for token in {
                encode(opening[:length], add_special_tokens=False)[0] for length in range(1, len(opening) + 1)
            }
        ]

    def _generation(self, row: DecodingRow) -> Generation:
        return Generation(
            text=self._decode_tokens(row.tokens),
            token_count=len(row.tokens),
            forced_count=row.forced_count,
            truncated=row.truncated,
            log_probability=row.log_probability,
            choices=tuple(
                # A sign that is not whole yet is decoded as a replacement sign.
                Choice(len(self._decode_tokens(row.tokens[:place]).rstrip("\ufffd")), log_probability)
                for place, log_probability in row.choices
            ),
        )

    def _decode_tokens(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _sampler(prompt: Prompt) -> TokenSampler | None:
    return None if prompt.sampling is None else TokenSampler(prompt.sampling, prompt.text)


def _end_tokens(model: Any, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """The tokenizer's end token and those of the model's generation settings."""
    ids = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    named = ids if isinstance(ids, list) else [ids]
    return frozenset(token for token in (tokenizer.eos_token_id, *named) if token is not None)
