"""The option of the data type that a model computes in."""

from __future__ import annotations

from typing import Annotated

import typer

DtypeOption = Annotated[
    str, typer.Option(help="int8 (CPU), float32, bfloat16, float16, nf4 (4 bits, for memory), or auto: the quickest.")
]
