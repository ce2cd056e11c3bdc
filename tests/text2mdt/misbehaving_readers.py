"""Readers that do what none may do, to see that it is noticed."""

from __future__ import annotations

import os
import re


def misbehave(data: bytes, name: str) -> None:
    """Never ends (inside of C), dies, takes memory, fails or does nothing, as the data say."""
    match data:
        case b"hang":
            re.match("(a+)+b", "a" * 40)
        case b"crash":
            os.abort()
        case b"memory":
            bytearray(1_200_000_000)[::4096] = b"x" * 292_969
        case b"error":
            raise ValueError(name)
        case _:
            pass
