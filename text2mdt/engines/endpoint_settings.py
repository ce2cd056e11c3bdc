"""Where an OpenAI-compatible server is, and how it is to be asked."""

from __future__ import annotations

import os
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

KEY_VARIABLE = "TEXT2MDT_API_KEY"
"""The environment variable that holds the key; it is taken from nowhere else and kept nowhere."""

GrammarField = Literal["auto", "none", "structured_outputs", "guided_grammar", "llguidance", "gbnf"]


class EndpointSettings(BaseModel):
    """An endpoint.

    Attributes:
        url: its address up to `/v1`, for instance "http://localhost:8000/v1".
        api: "completions" (the prompt as it is, what a fine-tuned adapter needs) or "chat" (as a user's message).
        grammar: how it takes a grammar: `structured_outputs` (vLLM from 0.12) or `guided_grammar` (vLLM before) with
            vLLM's backend "guidance"; `gbnf` (llama.cpp, llama-cpp-python); `llguidance` (llama.cpp built with it);
            `none`; or `auto`: told from who the server says owns its models, else none.
        seconds: for one answer, from the connection to its last byte.
        attempts: how often one answer is asked for.
        concurrent: requests under way at once.
        per_minute: requests begun in a minute at most; 0 for no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    api: Literal["completions", "chat"] = "completions"
    grammar: GrammarField = "auto"
    seconds: float = Field(120.0, gt=0)
    attempts: int = Field(5, ge=1)
    concurrent: int = Field(8, ge=1)
    per_minute: float = Field(0.0, ge=0)

    @field_validator("url")
    @classmethod
    def _usable(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("it does not begin with http:// or https:// and a host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("it holds a user, a password or a query")
        return url.rstrip("/")


def endpoint_key() -> str | None:
    """The key of the environment; None where there is none."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None
