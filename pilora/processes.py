"""What keeps the processes of one training run equal.

DistributedDataParallel holds on to parameters that a cut of ranks replaces, so the model stays unwrapped and these
few functions do its work: an adapter's numbers are few. In a single process they do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch import distributed as processes


def several() -> bool:
    """Whether this process is one of several."""
    return processes.is_available() and processes.is_initialized() and processes.get_world_size() > 1


def leave() -> None:
    """Ends the part of this process in the group: threads of the group that outlive the interpreter abort it."""
    if several():
        processes.destroy_process_group()


@torch.no_grad()
def share(tensors: Iterable[Tensor]) -> None:
    """Gives every process the numbers of the first, in place: start weights, or scores that decide on shapes."""
    if several():
        for tensor in tensors:
            processes.broadcast(tensor, src=0)


def of_first(choice: bool, device: torch.device) -> bool:
    """The choice of the first process, in every process; a single one keeps its own without asking the device."""
    if not several():
        return choice
    shared = torch.tensor(float(choice), device=device)
    share([shared])
    return bool(shared)


@torch.no_grad()
def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Gives every process the mean of the gradients of all; a gradient that some of them lack counts as 0 there.

    One that all lack stays away (an expert that no prompt chose): the optimiser then leaves the parameter alone.
    """
    if not several():
        return
    chosen = list(parameters)
    there = torch.tensor([float(p.grad is not None) for p in chosen], device=chosen[0].device)
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in chosen]
    flat = torch.cat([there, *(gradient.flatten() for gradient in gradients)])
    processes.all_reduce(flat)
    there, *means = (flat / processes.get_world_size()).split([len(there), *(p.numel() for p in chosen)])
    for parameter, mean, found in zip(chosen, means, there.tolist(), strict=True):
        parameter.grad = mean.view_as(parameter).clone() if found else None
