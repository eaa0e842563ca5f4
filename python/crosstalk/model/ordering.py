"""Functions that put rows in an order that the data decide: which sample's row is whose may be another in each batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# By the place of the side among the arguments; where it is None, rows change places whatever the arguments.
ORDERING: dict[Callable, int | None] = {}


def _known(names: str, place: int | None) -> None:
    for name in names.split():
        for owner in (torch, Tensor):
            for each in (name, f"{name}_"):
                if hasattr(owner, each):
                    ORDERING[getattr(owner, each)] = place


_known("gather index_select index_add index_copy index_reduce scatter scatter_add scatter_reduce", 1)
_known("sort argsort topk take_along_dim", 2)
_known("masked_select masked_scatter take index_put", None)
ORDERING |= {Tensor.__getitem__: None, Tensor.__setitem__: None, F.embedding: None}
ORDERING |= dict.fromkeys((torch.sort, Tensor.sort, torch.argsort, Tensor.argsort), 1)


def orders_rows(function: Callable, args: tuple, kwargs: Mapping) -> bool:
    """Whether this call of one of ORDERING moves rows: x[i] with a tensor i, gather(0, i), and the like."""
    if function in (Tensor.__getitem__, Tensor.__setitem__):
        first = args[1][0] if isinstance(args[1], tuple) and args[1] else args[1]
        return isinstance(first, Tensor) and first.dim() > 0
    if function is F.embedding:  # of a table that is made of the samples
        table = args[1] if len(args) > 1 else kwargs.get("weight")
        return isinstance(table, Tensor) and table.requires_grad and not table.is_leaf
    place = ORDERING[function]
    if place is None:
        return True
    x, side = args[0] if args else kwargs.get("input"), _side(args, kwargs, place)
    return isinstance(x, Tensor) and isinstance(side, int) and x.dim() > 0 and side % x.dim() == 0


def _side(args: tuple, kwargs: Mapping, place: int) -> Any:
    """The side along which; the last where none is given."""
    if "dim" in kwargs:
        return kwargs["dim"]
    return args[place] if len(args) > place else -1
