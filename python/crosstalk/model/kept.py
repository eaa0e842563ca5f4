"""Nothing of the user's is left changed: random states, buffers, gradients, the modes of autograd."""

from __future__ import annotations

import random as python_random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn


def _as_written() -> AbstractContextManager:
    """What torch.compile has compiled runs as its Python says, where anything can have been compiled at all."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


class Elsewhere:
    """The random states of Python and NumPy, from which hardly a model draws: NumPy's takes longer to keep than a small network
    to run."""

    def __init__(self) -> None:
        self._python = python_random.getstate()
        self._numpy = sys.modules["numpy"].random if "numpy" in sys.modules else None
        self._of_numpy = self._numpy.get_state(legacy=False) if self._numpy else None

    def have_moved(self) -> bool:
        of_numpy = self._numpy.get_state(legacy=False) if self._numpy else None
        return self._python != python_random.getstate() or not _is_same(self._of_numpy, of_numpy)

    def restore(self) -> None:
        python_random.setstate(self._python)
        if self._numpy:
            self._numpy.set_state(self._of_numpy)


def _is_same(one: Any, two: Any) -> bool:
    """Of two states of NumPy's, dicts in which arrays stand."""
    if isinstance(one, dict):
        return all(_is_same(each, two[name]) for name, each in one.items())
    return bool((one == two).all()) if hasattr(one, "all") else one == two


@contextmanager
def kept(model: nn.Module, elsewhere: bool = True) -> Iterator[Elsewhere | None]:
    """Random states, buffers and what modules keep of a call are afterwards what they were before; inside gradients are on
    and code runs as it is written (not compiled). elsewhere: Python's and NumPy's states, too."""
    owned = [module.__dict__ for module in model.modules()]
    attributes = [(own, dict(own)) for own in owned]
    attributes += [(own["_buffers"], dict(own["_buffers"])) for own in owned if own["_buffers"]]
    held = {id(buffer): buffer for own in owned for buffer in own["_buffers"].values() if buffer is not None}
    buffers = [(each, each._version, each.clone()) for each in held.values() if not each.is_inference()]
    devices = set()
    if torch.cuda.is_available():
        devices = {p.device.index for p in model.parameters() if p.device.type == "cuda"}
    random = torch.get_rng_state()
    others = Elsewhere() if elsewhere else None
    on_devices = [(device, torch.cuda.get_rng_state(device)) for device in devices]
    try:
        with torch.inference_mode(False), torch.enable_grad(), _as_written():
            yield others
    finally:
        torch.set_rng_state(random)
        if others is not None:
            others.restore()
        for device, state in on_devices:
            torch.cuda.set_rng_state(state, device)
        for own, before in attributes:
            for name in own.keys() - before.keys():
                del own[name]
            own.update(before)
        with torch.no_grad():
            for buffer, version, before in buffers:
                if buffer._version != version or not torch.equal(
                    buffer, before
                ):  # batch norm counts no change of its own
                    buffer.copy_(before)
                    # A graph in progress may have saved it: its numbers are those again.
                    torch._C._autograd._unsafe_set_version_counter((buffer,), (version,))
