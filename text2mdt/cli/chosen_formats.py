"""The export formats named on a command line."""

from __future__ import annotations


def chosen_formats(names: str) -> list[str]:
    """The formats of a list with commas; raises T2M040 for an unknown one, or for none."""
    from text2mdt.errors import Text2MDTError
    from text2mdt.export import FORMATS

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted or [""]:
        if name not in FORMATS:
            raise Text2MDTError("T2M040", name=name, known=", ".join(FORMATS))
    return wanted
