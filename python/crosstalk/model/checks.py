"""Two checks of a trace, where silence would be wrong.

1. Summed over the samples, each with a weight of its own, the trace is the gradient that autograd finds: nothing was
   read that was not heard. With one weight for all, samples that have changed places would not be seen.
2. With the cotangents of a set of samples zero, the gradients at that set's outputs are exactly zero, and the others'
   what they were: no sample's scalar depends on another's row. For the ceil(log2 N) sets that the bits of a sample's
   number make, so that each pair of samples is told apart by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from crosstalk.model.engine import autocast_is_on, back
from crosstalk.model.errors import NotExact
from crosstalk.model.passes import Pass

# Relative to the largest number that stands there: what rounding of another order of sums makes, and much room.
TOLERANCES = {torch.float64: 1e-8, torch.float32: 3e-4, torch.float16: 5e-2, torch.bfloat16: 1e-1}


def check(made: Pass) -> frozenset[int]:
    """Raises NotExact, with the parameters whose uses are not what they seemed. Gives those of which nothing is proven, for
    their gradients are 0."""
    tolerance = _tolerance(made)
    sums = _check_sums(made, tolerance)
    if made.samples > 1:
        _check_samples(made, tolerance)
    return frozenset(p.number for p in made.parameters if p.number not in sums or not bool(sums[p.number].any()))


def _tolerance(made: Pass) -> float:
    kinds = {p.tensor.dtype for p in made.parameters} | {made.scalars.dtype}
    if autocast_is_on():
        kinds.add(torch.bfloat16)
    return max(TOLERANCES.get(kind, 1e-1) for kind in kinds)


def _check_sums(made: Pass, tolerance: float) -> dict[int, Tensor]:
    sums: dict[int, Tensor] = {}
    sizes: dict[int, float] = {}  # of a typical number among the samples' gradients

    def add(trace: Any) -> None:
        gradient, norms = back(trace.gradient()), back(trace.squared_norms())
        for number, offset, size in trace.places:
            sums[number] = gradient[offset : offset + size]
            sizes[number] = float((norms.clamp(min=0).sum() / gradient.numel()).sqrt())

    weights = 0.5 + (0.618034 * torch.arange(made.samples, device=made.scalars.device) % 1).to(made.scalars.dtype)
    made.trace(add, cotangent=weights, retain=True)
    tensors = [p.tensor for p in made.parameters]
    with _without_hooks(tensors):
        truth = torch.autograd.grad(made.scalars, tensors, weights, retain_graph=True, allow_unused=True)
    # In front of a normalisation a gradient can be 0 but for rounding, which is not the same in two ways of adding it up.
    largest = max(float(each.abs().max()) for each in (*sums.values(), torch.zeros(1)) if each.numel())
    rounding = 100 * torch.finfo(made.dtype).eps * largest
    for p, gradient in zip(made.parameters, truth):
        if gradient is None and p.number not in sums:
            continue
        right = torch.zeros_like(p.tensor) if gradient is None else gradient
        right = (right.to_dense() if right.is_sparse else right).reshape(-1).to(made.dtype)
        ours = sums.get(p.number, torch.zeros_like(right))
        if not (right.isfinite().all() and ours.isfinite().all()):
            continue  # said by the contraction, with the sample
        scale = max(float(right.abs().max()), sizes.get(p.number, 0.0))
        off = float((ours - right).abs().max())
        if off > tolerance * scale + rounding:
            raise NotExact(
                [p.number],
                f"the sum of the samples' gradients of {p.name} is not the gradient that autograd finds: off by {off / scale:.1e} "
                f"of its size where {tolerance:.0e} is rounding. It is read somewhere that cannot be seen from outside",
            )

    return sums


@contextmanager
def _without_hooks(parameters: list[Tensor]) -> Iterator[None]:
    """The user's own hooks, which may clip a gradient or count, hear nothing of this."""
    hooks = [p._backward_hooks for p in parameters]
    try:
        for p in parameters:
            p._backward_hooks = None
        yield
    finally:
        for p, own in zip(parameters, hooks):
            p._backward_hooks = own


def _check_samples(made: Pass, tolerance: float) -> None:
    places = made.places()
    edges = [place.edge for place in places]
    whole = made.back(None, None, True, edges)
    numbers = torch.arange(made.samples, device=made.scalars.device)
    for bit in range((made.samples - 1).bit_length()):
        is_kept = (numbers >> bit) % 2 == 0
        part = made.back(None, is_kept.to(made.scalars.dtype), True, edges)
        for place, all_of, some in zip(places, whole, part):
            if all_of is None:
                continue
            some = torch.zeros_like(all_of) if some is None else some
            rows_of_all, rows = place.by_sample(all_of), place.by_sample(some)
            if rows is None or rows.numel() == 0:
                continue  # refused when it is put into a trace; or of nobody
            zeroed, left, before = rows[~is_kept], rows[is_kept], rows_of_all[is_kept]
            scale = float(rows_of_all.abs().max())
            if bool((zeroed != 0).any()) or float((left - before).abs().max()) > tolerance * scale:
                raise NotExact(place.numbers, "the samples are mixed on the way from its output to the scalars")
