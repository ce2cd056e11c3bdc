"""Layers compiled for training: neighbouring operations become one pass over memory, a third less time on a CPU."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import torch

from pilora.errors import PiloraError
from pilora.feed_forward import make_plain
from pilora.model import AdaptedModel
from pilora.prompt_state import decoder_layers

_VARIANTS = 256
"""Codes kept for all layers together: with gradients and without, evaluation, modules cut to no rank or to one."""


def compile_layers(model: AdaptedModel, backend: str = "inductor") -> None:
    """Compiles every decoder layer, one code for all of them; the numbers stay the same but for rounding and
    the draws of a dropout.

    Lengths, rows and ranks are symbols of the code, so neither batches of other sizes nor cut ranks compile again (but
    for ranks of 0 and 1, which are other code). The first pass takes about half a minute. On a CPU, attention is then
    written out: its fused form has a slow backward pass there.

    Sets `torch._dynamo.config` for the whole process.

    Args:
        model: on its device, in its final type.
        backend: of `torch.compile`.

    Raises:
        PiloraError: PIL014 for methods that look at the prompt (`can_be_compiled`), PIL013.
    """
    if not can_be_compiled(model):
        mend = "train it without compiling"
        raise PiloraError("PIL014", method=model.adapter_config.method, what="trained with compiled layers", mend=mend)
    torch._dynamo.config.force_parameter_static_shapes = False  # ranks differ from layer to layer
    for limit in ("recompile_limit", "accumulated_recompile_limit"):
        setattr(torch._dynamo.config, limit, max(getattr(torch._dynamo.config, limit), _VARIANTS))
    make_plain(model.backbone)  # what is computed again in the backward pass is the compiler's choice now
    if model.device.type == "cpu":
        model.backbone.set_attn_implementation("eager")  # type: ignore[operator]
    for layer in decoder_layers(model.backbone):
        layer.compile(dynamic=True, backend=backend)


def can_be_compiled(model: AdaptedModel) -> bool:
    """Whether the method computes the same steps whatever the rows hold: one that looks at the prompt does not."""
    return not model.prompt_aware


def has_compiler() -> bool:
    """Whether there is what compiling for this CPU needs: a C++ compiler and the headers of Python.

    The compiler is `g++` or what `CXX` names. It must know OpenMP, which that of a Mac does not, so there only a named
    one counts.
    """
    compiler = os.environ.get("CXX") or ("" if sys.platform == "darwin" else "g++")
    return (
        bool(compiler)
        and shutil.which(compiler) is not None
        and Path(sysconfig.get_path("include"), "Python.h").is_file()
    )
