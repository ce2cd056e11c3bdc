"""Trees as target text: one module a format."""

from __future__ import annotations

from text2mdt.errors import Text2MDTError
from text2mdt.linear.if_then_else import IfThenElseFormat
from text2mdt.linear.json import JsonFormat
from text2mdt.linear.outline import OutlineFormat
from text2mdt.linear.segments import Format, Segment, encode_target
from text2mdt.linear.thought_first import ThoughtFirstFormat, nodes, plan, steps, triples
from text2mdt.linear.three_steps import ThreeStepsFormat

_ALL: tuple[Format, ...] = (
    OutlineFormat(),
    JsonFormat(),
    IfThenElseFormat(),
    ThoughtFirstFormat("plan_outline", plan),
    ThoughtFirstFormat("triples_outline", triples),
    ThoughtFirstFormat("nodes_outline", nodes),
    ThoughtFirstFormat("steps_outline", steps),
    ThreeStepsFormat(),
)
FORMATS: dict[str, Format] = {form.name: form for form in _ALL}
"""The target formats by name."""

DEFAULT_FORMAT = "outline"


def get_format(name: str) -> Format:
    """The format of this name; raises T2M003 where there is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise Text2MDTError("T2M003", name=name, known=", ".join(FORMATS)) from None


__all__ = ["DEFAULT_FORMAT", "FORMATS", "Format", "Segment", "encode_target", "get_format"]
