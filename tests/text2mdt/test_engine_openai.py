"""The engine that asks a server, against real servers of every temper."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from answering_server import Request, server
from pydantic import ValidationError

from text2mdt.engines import Prompt
from text2mdt.engines.endpoint_settings import KEY_VARIABLE, EndpointSettings
from text2mdt.engines.openai import OpenAIEngine
from text2mdt.engines.rate_limit import RateLimit
from text2mdt.engines.retry import wait_before
from text2mdt.errors import Text2MDTError
from text2mdt.predictor import Predictor

ANSWER = "1 if feature: fever\n1 yes drug: ibuprofen\n1 no none"
PROMPTS = [Prompt("a", 'start: "none"\n'), Prompt("b", 'start: "none"\n'), Prompt("c")]


def engine(url: str, **settings: object) -> OpenAIEngine:
    """Waits hardly between attempts."""
    found = EndpointSettings(url=url, **({"seconds": 5, "attempts": 3, "grammar": "none"} | settings))
    return OpenAIEngine(found, "m", 77, wait=lambda number, wish: 0.01)


def echo(request: Request) -> None:
    request.text(request.body["prompt"].upper(), tokens=request.number + 1)


def failed(url: str, **settings: object) -> str:
    with pytest.raises(Text2MDTError) as caught:
        engine(url, **settings).generate(PROMPTS[:1])
    return str(caught.value)


def test_answers_come_in_the_order_of_the_prompts():
    heard: list[int] = []
    with server(lambda request: (time.sleep(0.1 if request.body["prompt"] == "a" else 0), echo(request))) as (url, got):
        found = engine(url).generate(PROMPTS, heard.append)
    assert [generation.text for generation in found] == ["A", "B", "C"]
    assert heard == [1, 2, 3]
    assert {request.path for request in got} == {"/v1/completions"}
    assert got[0].body == {"model": "m", "max_tokens": 77, "temperature": 0, "prompt": got[0].body["prompt"]}
    assert sorted(generation.token_count for generation in found) == [1, 2, 3]


def test_chat(monkeypatch):
    def answer(request: Request) -> None:
        choice = {"message": {"role": "assistant", "content": "hello"}, "finish_reason": "length"}
        request.send(json.dumps({"choices": [choice], "usage": None}).encode())

    with server(answer) as (url, got):
        (found,) = engine(url, api="chat").generate(PROMPTS[:1])
    assert (found.text, found.truncated, found.token_count) == ("hello", True, 0)
    assert got[0].path == "/v1/chat/completions"
    assert got[0].body["messages"] == [{"role": "user", "content": "a"}]


@pytest.mark.parametrize(
    ("owner", "grammar", "fields", "dialect"),
    [
        ("vllm", "auto", {"structured_outputs": {"grammar": 'start: "none"\n'}}, "lark"),
        ("llamacpp", "auto", {"grammar": 'start: "none"\n'}, "gbnf"),
        ("somebody", "auto", {}, "lark"),
        ("vllm", "none", {}, "lark"),
        ("x", "guided_grammar", {"guided_grammar": 'start: "none"\n', "guided_decoding_backend": "guidance"}, "lark"),
        ("x", "llguidance", {"grammar": '%llguidance {}\nstart: "none"\n'}, "lark"),
        ("x", "gbnf", {"grammar": 'start: "none"\n'}, "gbnf"),
    ],
)
def test_the_grammar_goes_where_the_server_takes_it(owner, grammar, fields, dialect):
    with server(echo, owner) as (url, got):
        asked = engine(url, grammar=grammar)
        assert asked.dialect == dialect
        asked.generate(PROMPTS)
    by_prompt = {request.body["prompt"]: request.body for request in got}
    extra = {name: by_prompt["a"][name] for name in by_prompt["a"].keys() - by_prompt["c"].keys()}
    assert extra == fields


def test_a_server_that_takes_no_grammar_is_asked_without_it():
    def strict(request: Request) -> None:
        request.problem(400, "unknown grammar") if "structured_outputs" in request.body else echo(request)

    with server(strict, "vllm") as (url, got):
        asked = engine(url, grammar="auto", concurrent=1)
        assert [found.text for found in asked.generate(PROMPTS)] == ["A", "B", "C"]
        assert len(got) == 4
        assert failed(url, grammar="structured_outputs").startswith("T2M155: ")  # asked for by name, it must go through


def test_it_comes_back_where_the_server_is_busy_or_broken():
    told: list[tuple[int, str | None]] = []
    replies = [
        lambda request: request.problem(429, Retry_After="7"),
        lambda request: request.problem(503),
        lambda request: request.send(b"<html>Bad gateway</html>", 502),
        lambda request: request.send(b"\x00\xff not JSON"),
        lambda request: request.send(b'{"choices": []}'),
        lambda request: request.send(b'{"choices": [{"text": null}]}'),
        lambda request: request.send(b"[" * 100_000),
        lambda request: request.send(b""),
        lambda request: request._handler.connection.shutdown(socket.SHUT_RDWR),
        lambda request: request.text("well"),
    ]
    with server(lambda request: replies[request.number](request)) as (url, got):
        settings = EndpointSettings(url=url, attempts=len(replies), seconds=5, grammar="none")
        asked = OpenAIEngine(settings, "m", wait=lambda number, wish: told.append((number, wish)) or 0.0)
        assert asked.generate(PROMPTS[:1])[0].text == "well"
    assert len(got) == len(replies)
    assert told[0] == (1, "7")
    assert [number for number, _ in told] == list(range(1, len(replies)))


@pytest.mark.parametrize("manner", ["hangs", "drips"])
def test_a_server_that_never_comes_to_an_end_is_left(manner):
    def answer(request: Request) -> None:
        time.sleep(3) if manner == "hangs" else request.drip(3)

    started = time.monotonic()
    with server(answer) as (url, got):
        said = failed(url, seconds=0.3, attempts=2)
    assert said.startswith("T2M155: the endpoint gave no answer (no answer within 0.3 s): http://127.0.0.1:")
    assert time.monotonic() - started < 2
    assert len(got) == 2


def test_a_slow_server_is_waited_for():
    with server(lambda request: (time.sleep(0.4), echo(request))) as (url, _):
        assert engine(url, seconds=2).generate(PROMPTS[:1])[0].text == "A"


def test_an_endless_answer_is_not_read_to_its_end():
    with server(lambda request: request.send(b" " * 5_000_000)) as (url, _):
        assert "more than 4194304 bytes" in failed(url, attempts=1)


@pytest.mark.parametrize(
    ("status", "code", "times"),
    [(401, "T2M156", 1), (403, "T2M156", 1), (404, "T2M156", 1), (400, "T2M155", 1), (500, "T2M155", 3)],
)
def test_what_another_try_cannot_better_is_not_tried_again(status, code, times):
    with server(lambda request: request.problem(status, "the reason\nof it")) as (url, got):
        said = failed(url)
    assert said.startswith(f"{code}: ")
    assert f"HTTP {status}" in said and "the reason" in said
    assert "\n" not in said
    assert len(got) == times


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert failed(f"http://127.0.0.1:{port}/v1").startswith("T2M154: ")
    assert engine(f"http://127.0.0.1:{port}/v1", grammar="auto").grammar_field == "none"


def test_the_key_comes_from_the_environment_and_shows_nowhere(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, " secret-word ")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    with server(lambda request: request.problem(401, "who are you")) as (url, got):
        said = failed(url)
        settings = EndpointSettings(url=url)
    assert got[0].headers["Authorization"] == "Bearer secret-word"
    assert "secret" not in said + settings.model_dump_json()
    monkeypatch.delenv(KEY_VARIABLE)
    with server(echo) as (url, got):
        engine(url).generate(PROMPTS[:1])
    assert "Authorization" not in got[0].headers


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://host/v1", "http://user:pass@host/v1", "http://host/v1?key=1", "http:///v1"]
)
def test_an_address_that_cannot_be_used(url):
    with pytest.raises(ValidationError):
        EndpointSettings(url=url)


def test_a_key_does_not_follow_to_another_server(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    with server(echo) as (other, reached):
        with server(lambda request: request.send(b"", 307, Location=f"{other}/completions")) as (url, _):
            assert "HTTP 307" in failed(url)
        assert reached == []


def test_no_more_requests_at_once_than_told():
    at_once: list[int] = []
    now = 0

    def answer(request: Request) -> None:
        nonlocal now
        now += 1
        at_once.append(now)
        time.sleep(0.05)
        now -= 1
        echo(request)

    with server(answer) as (url, _):
        engine(url, concurrent=3).generate([Prompt(str(number)) for number in range(9)])
    assert max(at_once) == 3


def test_no_more_requests_in_a_minute_than_told():
    with server(echo) as (url, got):
        engine(url, per_minute=600).generate([Prompt(str(number)) for number in range(6)])
    times = sorted(request.at for request in got)
    assert times[-1] - times[0] >= 0.45


def test_starting_times_are_spaced_and_unused_ones_lapse():
    now = 0.0
    limit = RateLimit(60, lambda: now)
    assert [limit.reserve() for _ in range(3)] == [0.0, 1.0, 2.0]
    now = 10.0
    assert [limit.reserve() for _ in range(2)] == [0.0, 1.0]
    free = RateLimit(0, lambda: now)
    assert [free.reserve() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_waits_double_and_keep_to_the_server_s_wish():
    assert [wait_before(number, None, lambda: 1.0) for number in (1, 2, 3, 30)] == [0.5, 1.0, 2.0, 60.0]
    assert wait_before(1, None, lambda: 0.0) == 0.25
    assert wait_before(1, "7", lambda: 1.0) == 7.0
    assert wait_before(1, "1e9", lambda: 1.0) == 60.0
    assert wait_before(3, "nan", lambda: 1.0) == 2.0
    assert wait_before(3, "nonsense", lambda: 1.0) == 2.0
    assert wait_before(1, "Wed, 21 Oct 2015 07:28:00 GMT", lambda: 1.0) == 0.5


def test_within_a_running_loop():
    async def inside(url: str) -> list[str]:
        return [found.text for found in engine(url).generate(PROMPTS[:1])]

    # In a thread of its own: this one may have a loop already, that of a browser.
    with server(echo) as (url, _), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(inside(url))).result() == ["A"]


def test_answers_are_parsed_and_mended():
    replies = {"Fever?": ANSWER, "Broken?": "1 if feature: fever\n1 yes drug: ibu", "Rubbish?": "I am sorry, Dave."}

    def answer(request: Request) -> None:
        request.text(next(text for words, text in replies.items() if words in request.body["prompt"]))

    with server(answer) as (url, _):
        found = Predictor(engine(url)).predict([("Adults", words) for words in replies])
    assert [len(prediction.trees) for prediction in found] == [1, 1, 0]
    assert not found[0].repairs and found[1].repairs
    assert "T2M002" in found[2].error
