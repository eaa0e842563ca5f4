"""Nothing of the user's is left changed: random states, buffers, gradients, the modes of autograd."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from crosstalk.model.errors import TraceError


def refuse_batch_statistics(model: nn.Module) -> None:
    """Raises where samples meet in a layer's statistics: a sample's own gradient does not exist."""
    for name, module in model.named_modules():
        if isinstance(module, _BatchNorm) and (module.training or module.running_mean is None):
            why = "is in training mode" if module.running_mean is not None else "keeps no running statistics"
            raise TraceError(
                f"{name or 'the model'} ({type(module).__name__}) {why}: it normalises by the batch, so that no sample has a "
                "gradient of its own. Call model.eval(), or .eval() on this layer alone"
            )


def _as_written() -> AbstractContextManager:
    """What torch.compile has compiled runs as its Python says, where anything can have been compiled at all."""
    return torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else nullcontext()


@contextmanager
def kept(model: nn.Module) -> Iterator[None]:
    """Random states, buffers and what modules keep of a call are afterwards what they were before; inside gradients are on and code runs as
    it is written (not compiled)."""
    devices = {p.device.index for p in model.parameters() if p.device.type == "cuda"}
    buffers = [(buffer, buffer._version, buffer.clone()) for buffer in model.buffers() if not buffer.is_inference()]
    attributes = [
        (own, dict(own))
        for module in model.modules()
        for own in (vars(module), vars(module).get("_buffers"))
        if type(own) is dict
    ]
    random = torch.get_rng_state()
    on_devices = [(device, torch.cuda.get_rng_state(device)) for device in devices]
    try:
        with torch.inference_mode(False), torch.enable_grad(), _as_written():
            yield
    finally:
        torch.set_rng_state(random)
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
