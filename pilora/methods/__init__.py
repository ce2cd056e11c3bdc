"""The methods: one file each, with configuration, what it installs on a backbone, and its schedule."""

from __future__ import annotations

from pilora.methods.alora import ALORA
from pilora.methods.lora import LORA
from pilora.methods.method import Method
from pilora.methods.milora import MILORA
from pilora.methods.para import PARA
from pilora.methods.pedro import PEDRO
from pilora.methods.pi_lora import PI_LORA
from pilora.methods.spt import SPT

METHODS: dict[str, Method] = {method.name: method for method in (LORA, PI_LORA, ALORA, MILORA, PEDRO, PARA, SPT)}
"""All methods by name."""

__all__ = ["METHODS", "Method"]
