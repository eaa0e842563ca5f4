"""A part of the samples, of inputs in which not all may be the samples'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from crosstalk.model.inputs import Inputs, call, detached, places_of, samples_of
from crosstalk.model.kept import kept

Places = frozenset  # numbers, or names, of parts of x


def narrowed(x: Inputs, first: int, count: int, of_all: Places = frozenset()) -> Inputs:
    """Samples [first, first + count): of those tensors whose first side counts the samples, and that are not everybody's."""
    n = samples_of(x)

    def cut(place: Any, part: Any) -> Any:
        is_theirs = isinstance(part, Tensor) and part.dim() > 0 and part.shape[0] == n and place not in of_all
        return part[first : first + count] if is_theirs else part

    if isinstance(x, Mapping):
        return {name: cut(name, part) for name, part in x.items()}
    return tuple(cut(*each) for each in enumerate(x)) if isinstance(x, (tuple, list)) else cut(0, x)


def places_of_all(model: nn.Module, x: Inputs) -> Places:
    """Parts of x that all samples share though they have as many rows as there are samples: a mask (T, T) where T is N. Found
    out by a pass of few samples, which must give what it gives of all. ValueError where it never does."""
    n = samples_of(x)
    tensors = [(place, part) for place, part in places_of(x) if isinstance(part, Tensor)]
    places = [place for place, part in tensors[1:] if part.dim() > 1 and part.shape[0] == part.shape[1] == n and n > 1]
    if not places:
        return frozenset()
    few = min(2, n - 1)
    with kept(model), torch.no_grad():
        whole = _rows(call(model, detached(x)), n)
        if whole is None:
            return frozenset()
        for of_all in (frozenset(), frozenset(places)):
            try:
                part = _rows(call(model, detached(narrowed(x, 0, few, of_all))), few)
            except (RuntimeError, ValueError, IndexError, AssertionError):
                continue
            if part is not None and _is_close(part, whole[:few]):
                return of_all
    raise ValueError(
        f"x at {places[0]!r} has as many rows and columns as there are samples ({n}), and a part of the samples gives other outputs "
        "whether it is cut or not. Let the model keep what all samples share, and call model.eval() where it draws at random"
    )


def _rows(output: Any, n: int) -> Tensor | None:
    """The first output that has a row for each sample."""
    each = (part for part in tree_leaves(output) if isinstance(part, Tensor) and part.dim() and part.shape[0] == n)
    return next(each, None)


def _is_close(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    most = float(other.double().abs().max()) if other.numel() else 0.0
    return float((one.double() - other.double()).abs().max() if one.numel() else 0.0) <= 1e-3 * most
