"""Nothing of the user's is left changed: random states, buffers, gradients, the modes of autograd."""

from __future__ import annotations

import random as python_random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import nn


def _as_written() -> AbstractContextManager:
    """What torch.compile has compiled runs as its Python says, where anything can have been compiled at all."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


@contextmanager
def kept(model: nn.Module) -> Iterator[None]:
    """Random states, buffers and what modules keep of a call are afterwards what they were before; inside gradients are on
    and code runs as it is written (not compiled)."""
    owned = [module.__dict__ for module in model.modules()]
    attributes = [(own, dict(own)) for own in owned]
    attributes += [(own["_buffers"], dict(own["_buffers"])) for own in owned if own["_buffers"]]
    held = {id(buffer): buffer for own in owned for buffer in own["_buffers"].values() if buffer is not None}
    buffers = [(each, each._version, each.clone()) for each in held.values() if not each.is_inference()]
    devices = set()
    if torch.cuda.is_available():
        devices = {p.device.index for p in model.parameters() if p.device.type == "cuda"}
    random = torch.get_rng_state()
    others = [(python_random.setstate, python_random.getstate())]
    if "numpy" in sys.modules:
        others.append((sys.modules["numpy"].random.set_state, sys.modules["numpy"].random.get_state()))
    on_devices = [(device, torch.cuda.get_rng_state(device)) for device in devices]
    try:
        with torch.inference_mode(False), torch.enable_grad(), _as_written():
            yield
    finally:
        torch.set_rng_state(random)
        for restore, state in others:
            restore(state)
        for device, state in on_devices:
            torch.cuda.set_rng_state(state, device)
        for own, before in attributes:
            for name in own.keys() - before.keys():
                del own[name]
            own.update(before)
        with torch.no_grad():
            for buffer, version, before in buffers:
                if buffer._version != version:
                    buffer.copy_(before)
                    # A graph in progress may have saved it: its numbers are those again.
                    torch._C._autograd._unsafe_set_version_counter((buffer,), (version,))
