"""The engine that a command names, with its settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2mdt.extractor_settings import ExtractorSettings


def chosen_engine(engine: str, endpoint: str, endpoint_options: Sequence[str], **settings: Any) -> ExtractorSettings:
    """The settings of an extractor.

    Args:
        engine: its name.
        endpoint: address of a server, or nothing.
        endpoint_options: "name=value" each.
        settings: further fields of `ExtractorSettings`.

    Raises:
        Text2MDTError: T2M157 for an unknown engine, or settings that do not fit it.
    """
    from pydantic import ValidationError

    from text2mdt.errors import Text2MDTError
    from text2mdt.extractor_settings import ENGINES, ExtractorSettings

    if engine not in ENGINES:
        mend = f"choose one of {', '.join(ENGINES)}"
        raise Text2MDTError("T2M157", engine=engine, detail="there is none of this name", mend=mend)
    options = dict(option.partition("=")[::2] for option in endpoint_options)
    asked = {"url": endpoint, **options} if endpoint or options else None
    try:
        return ExtractorSettings(engine=engine, endpoint=asked, **settings)
    except ValidationError as error:
        found = error.errors(include_input=False)[0]  # what was given may hold a password
        place = ".".join(str(part) for part in found["loc"])
        detail = found["msg"].removeprefix("Value error, ") + (f" ({place})" if place else "")
        mend = "give --engine openai --endpoint http://HOST:PORT/v1, options as NAME=VALUE (docs/engines.md)"
        raise Text2MDTError("T2M157", engine=engine, detail=detail, mend=mend) from None
