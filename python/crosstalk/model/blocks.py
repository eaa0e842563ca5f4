"""A Gram matrix within a limit of memory: blocks of samples against blocks of samples.

The trace of a block is held while the blocks behind it pass by, each with a forward and a backward pass of its own. What a
sample takes is measured on a few."""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from torch import Tensor

from crosstalk.model.crossed import crossed
from crosstalk.model.engine import back
from crosstalk.model.cutting import Places, narrowed
from crosstalk.model.inputs import Function, Inputs, samples_of
from crosstalk.model.passes import Pass
from crosstalk.model.plans import Forward

UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
SCRATCH = 64 * 2**20  # what a contraction forms and drops
PROBED = 4  # samples by which memory is measured


def bytes_of(memory: str | int | float) -> float:
    """4e9, "4GB" or "500 MiB" in bytes."""
    if isinstance(memory, (int, float)) and memory > 0:
        return float(memory)
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?)\s*([a-zA-Z]*)\s*", str(memory))
    if not found or found.group(2).lower() not in UNITS or float(found.group(1)) <= 0:
        raise ValueError(f'memory={memory!r}: give a number of bytes, or a text like "4GB" or "500MiB"')
    return float(found.group(1)) * UNITS[found.group(2).lower()]


class _Sizes:
    """Bytes that a forward pass keeps for its backward pass, each storage once, parameters left out."""

    def __init__(self, made_of: set[int]) -> None:
        self.storages: dict[int, int] = {}
        self._not = made_of

    def __enter__(self) -> _Sizes:
        self._hooks = torch.autograd.graph.saved_tensors_hooks(self._keep, lambda tensor: tensor)
        self._hooks.__enter__()
        return self

    def __exit__(self, *why: Any) -> None:
        self._hooks.__exit__(*why)

    def _keep(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._not:
            self.storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    @property
    def bytes(self) -> int:
        return sum(self.storages.values())


def samples_at_once(forward: Forward, x: Inputs, f: Function, of_all: Places, memory: float) -> int:
    """How many samples a block may have; of_all: what of x no block cuts (cutting.py). ValueError where the memory does not hold one against one."""
    n = samples_of(x)
    probed = min(PROBED, n)
    own = {p.untyped_storage().data_ptr() for p in forward.model.parameters()}
    with _Sizes(own) as sizes:
        made = forward(narrowed(x, 0, probed, of_all), f, torch.arange(probed))
    kept = sizes.bytes / probed
    width = made.scalars.element_size()
    rows = sum(p.size for owner in made.owners for p in owner.parameters)  # a sample's, of modules by themselves
    outputs = sum(math.prod(record.output_shape) for record in made.records)
    gradients = width * (rows + outputs / probed)
    result = 2 * n * n * width
    left = memory - result - SCRATCH
    if left >= n * (kept + gradients):
        return n
    each = 2 * (kept + gradients) + gradients  # a block that is held, one that passes by, and gradients on their way
    at_once = int(left // each)
    if at_once < 1:
        raise ValueError(
            f"memory={memory / 1e6:,.0f} MB holds no sample against another: with {n:,} samples it takes at least "
            f"{(result + SCRATCH + each) / 1e6:,.0f} MB, {result / 1e6:,.0f} of them for the matrix itself"
        )
    return math.ceil(n / math.ceil(n / at_once))


def gram_in_blocks(forward: Forward, x: Inputs, f: Function, of_all: Places, at_once: int, total: Tensor) -> None:
    """Fills total (N, N), with at_once samples in a block."""
    n = samples_of(x)

    def block(first: int) -> Pass:
        count = min(at_once, n - first)
        return forward(narrowed(x, first, count, of_all), f, torch.arange(first, first + count))

    for i in range(0, n, at_once):
        made = block(i)
        held: list[Any] = []
        made.trace(held.append)
        del made
        for trace in held:
            rows = slice(i, min(i + at_once, n))
            total[rows, rows] += back(trace.gram())
        for j in range(i + at_once, n, at_once):
            columns = slice(j, min(j + at_once, n))

            def meet(trace: Any, rows: slice = rows, columns: slice = columns) -> None:
                for products in crossed(held, trace):  # noqa: B023
                    total[rows, columns] += products

            block(j).trace(meet)
            total[columns, rows] = total[rows, columns].t()
