"""What a reader had to mend, kept short however long the text is."""

from __future__ import annotations


class Repairs:
    """Counts repairs by kind and remembers where each kind came first."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}

    def note(self, what: str, where: str = "") -> None:
        first, count = self._found.get(what, (where, 0))
        self._found[what] = (first, count + 1)

    def messages(self) -> tuple[str, ...]:
        """One line a kind, in order of appearance, such as `unknown relation dropped (line 3, 2 times)`."""
        lines = []
        for what, (where, count) in self._found.items():
            details = ", ".join(part for part in (where, f"{count} times" if count > 1 else "") if part)
            lines.append(f"{what} ({details})" if details else what)
        return tuple(lines)
