"""JSON in one form only, so that equal content has equal hashes."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from text2mdt.errors import Text2MDTError

JsonObject = dict[str, Any]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def canonical(content: object) -> str:
    """Keys sorted, no blanks, ASCII only: any database keeps it as it is.

    Raises:
        Text2MDTError: T2M111 for what JSON cannot hold (NaN, objects, keys that are no strings, too deep nesting).
    """
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Text2MDTError("T2M111", detail=f"no JSON: {error}") from None


def canonical_object(content: Mapping[str, Any] | str, what: str) -> str:
    """The canonical text of a JSON object, given as such or as its text; `what` names it in the error T2M111."""
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise Text2MDTError("T2M111", what, detail=f"no JSON: {error}") from None
    if not isinstance(content, Mapping):
        raise Text2MDTError("T2M111", what, detail="no JSON object")
    return canonical(dict(content))


def content_hash(content: object) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()


def text_hash(text: str) -> str:
    """SHA-256 of a text as UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def storable(text: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def folded(text: str) -> str:
    """The text as it is searched: capital letters and forms of the same character do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable(text)).casefold())
