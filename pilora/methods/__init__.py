"""The methods: one file each, with configuration, what it installs on a backbone, and its schedule."""

from __future__ import annotations

from pilora.errors import PiloraError
from pilora.methods.alora import ALORA
from pilora.methods.lora import LORA
from pilora.methods.method import Method
from pilora.methods.milora import MILORA
from pilora.methods.para import PARA
from pilora.methods.pedro import PEDRO
from pilora.methods.peft_reference import PEFT_REFERENCES
from pilora.methods.pi_lora import PI_LORA
from pilora.methods.spt import SPT

METHODS: dict[str, Method] = {method.name: method for method in (LORA, PI_LORA, ALORA, MILORA, PEDRO, PARA, SPT)}
"""All methods by name."""

REFERENCES: dict[str, Method] = {method.name: method for method in PEFT_REFERENCES}
"""Methods of another library, to compare with."""


def find_method(name: object, where: object = "") -> Method:
    """The method or reference of this name.

    Raises:
        PiloraError: PIL002 where there is none.
    """
    known = {**METHODS, **REFERENCES}  # as they are now: a method may have been entered from outside
    if name not in known:
        raise PiloraError("PIL002", where, method=name, known=", ".join(known))
    return known[str(name)]


__all__ = ["METHODS", "REFERENCES", "Method", "find_method"]
