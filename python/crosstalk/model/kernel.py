"""The empirical neural tangent kernel with all outputs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from crosstalk.model.crossed import crossed
from crosstalk.model.engine import as_it_is, back
from crosstalk.model.inputs import Inputs
from crosstalk.model.plans import Check, traced


def _weighed(output: Tensor) -> Tensor:
    """All outputs, each with a weight of its own: what mixes samples in one cannot cancel in another."""
    if not isinstance(output, Tensor) or output.dim() != 2:
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"ntk is of outputs (N, O); the model gives {shape}")
    weights = 0.5 + 0.618034 * torch.arange(output.shape[1], device=output.device) % 1
    return (output * weights.to(output.dtype)).sum(1)


def ntk(model: nn.Module, x: Inputs, *, check: Check = "first") -> Tensor:
    """(N, N, O, O): grad f_o(x_n) . grad f_p(x_m) at [n, m, o, p], for a model with outputs (N, O). One forward pass, O
    backward passes; the traces of all O are held at once. crosstalk.gram(model, x, f) has one function's, for far less."""

    def work(forward: Any) -> Tensor:
        made = forward(x, _weighed)
        output = made.output
        n, outputs = output.shape
        kernel = torch.zeros(n, n, outputs, outputs, dtype=made.dtype, device=output.device)
        traces: list[list[Any]] = []
        for o in range(outputs):
            one = torch.zeros_like(output)
            one[:, o] = 1
            parts: list[Any] = []
            made.trace(
                parts.append,
                output,
                one,
                retain=o + 1 < outputs,
            )
            traces.append(parts)
        with as_it_is(output.device):
            for o in range(outputs):
                for p in range(o, outputs):
                    for trace in traces[p]:
                        for products in [back(trace.gram())] if o == p else crossed(traces[o], trace):
                            kernel[:, :, o, p] += products
                    kernel[:, :, p, o] = kernel[:, :, o, p].t()
        return kernel

    return traced(model, x, _weighed, check, work)
