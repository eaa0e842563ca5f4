"""The engine for torch tensors: they go there and come back as DLPack capsules, without a copy."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.utils.dlpack import from_dlpack, to_dlpack

from crosstalk import _torch


@cache
def engine() -> ModuleType:
    """crosstalk._engine; ImportError where it was built for another torch than the one that is imported."""
    _torch.check(torch)
    return _torch.engine()


def there(tensor: Tensor) -> Any:
    return to_dlpack(tensor.detach())


def back(capsule: Any) -> Tensor:
    return from_dlpack(capsule)


def computed_in(dtype: torch.dtype) -> torch.dtype:
    """The precision of a contraction of gradients in `dtype`: double in double, single in all others."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def autocast_is_on() -> bool:
    return torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")


def as_it_is(device: torch.device) -> AbstractContextManager:
    """Contractions keep their precision: autocast would change that of the products inside."""
    if not torch.is_autocast_enabled(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)
