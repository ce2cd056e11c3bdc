"""One line of a diagnosis."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """`ok`; `absent`: optional and not there; `slow`: works, at a price; `missing`, `broken`: does not work."""

    OK = "ok"
    ABSENT = "absent"
    SLOW = "slow"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        area: system, packages, extras, machine, cache or model.
        name: of the thing looked at.
        state: how it is.
        detail: what was found, for people.
        mend: a command, or an act where no command does it; empty where nothing is wrong.
        needed: without it no document becomes trees.
    """

    area: str
    name: str
    state: State
    detail: str
    mend: str = ""
    needed: bool = False

    @property
    def stops_work(self) -> bool:
        return self.needed and self.state in (State.MISSING, State.BROKEN)

    def report(self) -> dict[str, object]:
        """The same as JSON values."""
        return {**asdict(self), "state": self.state.value}
