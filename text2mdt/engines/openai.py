"""The engine that asks an OpenAI-compatible server: vLLM, llama.cpp, `transformers serve`, or a hosted model."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from text2mdt.engines import Prompt
from text2mdt.engines.endpoint_settings import KEY_VARIABLE, EndpointSettings, endpoint_key
from text2mdt.engines.rate_limit import RateLimit
from text2mdt.engines.retry import RETRIED, wait_before
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Generation

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

_LOG = logging.getLogger(__name__)
_LARGEST_ANSWER = 4 * 1024**2
_OWNERS = {"vllm": "structured_outputs", "llamacpp": "gbnf"}
"""Who a server says its models are owned by → how it takes a grammar."""
_REFUSALS = frozenset({401, 403, 404, 405})
Outcome = TypeVar("Outcome")


class OpenAIEngine:
    """Generates by requests, several at once; temperature 0.

    A request that finds no answer in its time, is told to come later, or gets something that is no answer, is made
    again after a wait. A server that does not take the grammar of a passage is asked without it from then on. The
    bias of an opening is not passed on: this interface has no field for the first token alone.

    Args:
        settings: of the endpoint.
        model: as the server names it.
        max_new_tokens: limit of one answer.
        wait: seconds before a repetition, from its number and the server's wish.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        model: str,
        max_new_tokens: int = 512,
        wait: Callable[[int, str | None], float] = wait_before,
    ) -> None:
        try:
            import httpx  # noqa: F401
        except ImportError:
            raise Text2MDTError("T2M042", extra="openai") from None
        self._settings = settings
        self._model = model
        self._limit = max_new_tokens
        self._wait = wait
        self._takes_grammar = True

    @cached_property
    def grammar_field(self) -> str:
        """How the server takes grammars; asks it where the settings leave it open."""
        named = self._settings.grammar
        return _run(self._told_by_models()) if named == "auto" else named

    @property
    def dialect(self) -> str:
        """The language of the grammars that are to be given: "lark" or "gbnf"."""
        return "gbnf" if self.grammar_field == "gbnf" else "lark"

    def generate(self, prompts: Sequence[Prompt], progress: Callable[[int], None] | None = None) -> list[Generation]:
        """One generation a prompt, in the order given; `progress` hears how many are done so far.

        Raises:
            Text2MDTError: T2M154 where the server is not there, T2M155 where a prompt gets no answer, T2M156 where
                the server refuses.
        """
        field = self.grammar_field
        return _run(self._generate(prompts, field, progress)) if prompts else []

    async def _generate(
        self, prompts: Sequence[Prompt], field: str, progress: Callable[[int], None] | None
    ) -> list[Generation]:
        slots = asyncio.Semaphore(self._settings.concurrent)
        limit = RateLimit(self._settings.per_minute)
        done = 0

        async def one(client: AsyncClient, prompt: Prompt) -> Generation:
            nonlocal done
            async with slots:
                found = await self._answer(client, prompt, field, limit)
            done += 1
            if progress is not None:
                progress(done)
            return found

        async with self._client() as client:
            tasks = [asyncio.ensure_future(one(client, prompt)) for prompt in prompts]
            try:
                return list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()

    async def _answer(self, client: AsyncClient, prompt: Prompt, field: str, limit: RateLimit) -> Generation:
        import httpx

        problem, unreachable = "", False
        for attempt in range(1, self._settings.attempts + 1):
            await limit.wait()
            wish: str | None = None
            unreachable = False
            with_grammar = self._takes_grammar and prompt.grammar is not None and field != "none"
            try:
                async with asyncio.timeout(self._settings.seconds):
                    status, wish, body = await _post(client, self._path, self._request(prompt, field, with_grammar))
            except TimeoutError:
                problem = f"no answer within {self._settings.seconds:g} s"
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}"
                unreachable = isinstance(error, httpx.ConnectError)
            except ValueError as error:
                problem = str(error)
            else:
                if status in (400, 422) and with_grammar and self._settings.grammar == "auto":
                    _LOG.warning("the server does not take the grammar (%s); going on without it", _said(body))
                    self._takes_grammar = False
                    continue
                if status == 200:
                    try:
                        return _generation(body)
                    except (KeyError, IndexError, TypeError, ValueError):
                        problem = f"the answer is none: {_said(body)}"
                else:
                    problem = f"HTTP {status}: {_said(body)}"
                    if status in _REFUSALS:
                        raise Text2MDTError("T2M156", self._settings.url, detail=problem, key=KEY_VARIABLE)
                    if status not in RETRIED:
                        break
            if attempt < self._settings.attempts:
                await asyncio.sleep(self._wait(attempt, wish))
        raise Text2MDTError("T2M154" if unreachable else "T2M155", self._settings.url, detail=problem)

    def _request(self, prompt: Prompt, field: str, with_grammar: bool) -> dict[str, Any]:
        request: dict[str, Any] = {"model": self._model, "max_tokens": self._limit, "temperature": 0}
        if self._settings.api == "chat":
            request["messages"] = [{"role": "user", "content": prompt.text}]
        else:
            request["prompt"] = prompt.text
        if with_grammar:
            request |= _grammar_fields(field, prompt.grammar or "")
        return request

    @property
    def _path(self) -> str:
        return "/chat/completions" if self._settings.api == "chat" else "/completions"

    def _client(self) -> AsyncClient:
        import httpx

        key = endpoint_key()
        return httpx.AsyncClient(
            base_url=self._settings.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self._settings.seconds, connect=min(10.0, self._settings.seconds)),
            limits=httpx.Limits(max_connections=self._settings.concurrent),
            follow_redirects=False,  # a key goes to the server that was named and to no other
            trust_env=False,
        )

    async def _told_by_models(self) -> str:
        """How a server of this kind takes grammars; "none" where it does not say what it is."""
        import httpx

        try:
            async with asyncio.timeout(min(10.0, self._settings.seconds)), self._client() as client:
                answer = await client.get("/models")
            owners = {str(one.get("owned_by")) for one in answer.json()["data"]}
        except (TimeoutError, httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError):
            return "none"
        return next((_OWNERS[owner] for owner in sorted(owners) if owner in _OWNERS), "none")


def _grammar_fields(field: str, grammar: str) -> dict[str, Any]:
    if field == "structured_outputs":
        return {"structured_outputs": {"grammar": grammar}}
    if field == "guided_grammar":
        return {"guided_grammar": grammar, "guided_decoding_backend": "guidance"}
    return {"grammar": f"%llguidance {{}}\n{grammar}" if field == "llguidance" else grammar}


async def _post(client: AsyncClient, path: str, request: dict[str, Any]) -> tuple[int, str | None, Any]:
    """Status, wish to wait, and the JSON of an answer.

    Raises:
        ValueError: for an answer of success that is no JSON, or one that is too long.
    """
    async with client.stream("POST", path, json=request) as answer:
        content = await _bounded(answer)
        wish = answer.headers.get("retry-after")
    try:
        return answer.status_code, wish, json.loads(content)
    except (ValueError, RecursionError):
        if answer.status_code == 200:
            raise ValueError(f"the answer is no JSON: {_said(content.decode(errors='replace'))}") from None
        return answer.status_code, wish, content.decode(errors="replace")


async def _bounded(answer: Response) -> bytes:
    content = b""
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > _LARGEST_ANSWER:
            raise ValueError(f"the answer has more than {_LARGEST_ANSWER} bytes")
    return content


def _generation(body: Any) -> Generation:
    """What a server answered; raises what a value of another shape raises."""
    choice = body["choices"][0]
    text = choice["text"] if "text" in choice else choice["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("the text is none")
    used = (body.get("usage") or {}).get("completion_tokens")
    return Generation(
        text=text,
        token_count=used if isinstance(used, int) and used >= 0 else 0,
        truncated=choice.get("finish_reason") == "length",
    )


def _said(body: Any) -> str:
    """The beginning of an answer, on one line."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return " ".join(text.split())[:200] or "nothing"


def _run(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Runs it to its end, also where this thread has a loop already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
