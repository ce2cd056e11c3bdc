"""Requests spaced so that no more than so many begin in a minute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class RateLimit:
    """Gives out starting times, evenly spaced.

    Args:
        per_minute: at most; 0 for no limit.
        clock: seconds, of any origin.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._clock = clock
        self._next = clock()

    async def wait(self) -> None:
        """Returns when the next request may begin."""
        wait = self.reserve()
        if wait > 0:
            await asyncio.sleep(wait)

    def reserve(self) -> float:
        """Takes the next starting time; seconds until then."""
        now = self._clock()
        start = max(now, self._next)
        self._next = start + self._gap
        return start - now
