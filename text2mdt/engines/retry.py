"""How long to wait before a request is made again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP answers that another try may better."""


def wait_before(attempt: int, retry_after: str | None = None, draw: Callable[[], float] = random.random) -> float:
    """Seconds before attempt number `attempt` (from 1, the first repetition).

    Twice as long each time, half of it drawn so that clients do not come back together; what the server asks for by
    `Retry-After` (seconds or a date) counts where it is longer. At most a minute.
    """
    own = min(FIRST_WAIT * 2 ** min(attempt - 1, 16), LONGEST_WAIT) * (0.5 + 0.5 * draw())
    return min(max(own, _asked(retry_after)), LONGEST_WAIT)


def _asked(retry_after: str | None) -> float:
    if not retry_after:
        return 0.0
    try:
        return float(retry_after)
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
