"""The trainable parameters of a model, by number and by the layer that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from crosstalk.model.engine import there
from crosstalk.model.errors import TraceError


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A trainable parameter; its transpose, which the model may read as well; or a tensor that is made of it alone, such as
    the first rows of a table of positions (derived.py)."""

    number: int
    name: str
    tensor: Tensor
    transposed: bool = False
    lead_back: Callable[[Any, Tensor], None] | None = None  # of what is made of it: puts rows (n, size) into a trace

    @property
    def is_made(self) -> bool:
        return self.lead_back is not None

    def put_rows(self, trace: Any, rows: Tensor) -> None:
        """Puts gradients by this tensor, one row a sample, into a trace."""
        rows = rows.reshape(len(rows), self.size)
        if self.lead_back is not None:
            self.lead_back(trace, rows)
        else:
            trace.add_rows(self.name, self.number, self.size, there(rows.contiguous()))

    @property
    def layer(self) -> str:
        """The module that it belongs to: "encoder.0" of "encoder.0.weight", "" of one of the model's own."""
        return self.name.rpartition(".")[0]

    @property
    def size(self) -> int:
        return self.tensor.numel()


def parameters_of(model: nn.Module) -> list[Parameter]:
    """Those that require a gradient, in the order of model.parameters()."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if not named:
        raise TraceError(
            "the model has no parameter that requires a gradient: nothing of it is trained, so that nothing can interfere. "
            "Call requires_grad_() on what is to be trained"
        )
    for name, p in named:
        if p.is_complex():
            raise TraceError(
                f"the parameter {name} is complex: only real parameters are traced. Keep its real and imaginary parts in a real "
                "parameter, and make torch.view_as_complex of it in forward"
            )
    return [Parameter(number, name, p) for number, (name, p) in enumerate(named)]


def as_written(model: nn.Module) -> nn.Module:
    """The module behind one that torch.compile made."""
    return getattr(model, "_orig_mod", model)


def call_with(module: nn.Module, values: Mapping[int, Tensor], args: tuple, kwargs: Mapping[str, Any]) -> Any:
    """What the module gives with other values in its parameters, by their id. Each place that holds a parameter gets them once:
    tied ones stand at several, and a module with two names is one. functional_call's own way of tying goes by names,
    and leaves its tensors behind in a module that has two (torch 2.13)."""
    state = {
        name: values[id(p)] if id(p) in values else p.detach()
        for prefix, each in module.named_modules()
        for name, p in each.named_parameters(prefix, recurse=False, remove_duplicate=False)
    }
    return torch.func.functional_call(
        module, state | dict(module.named_buffers()), args, dict(kwargs), tie_weights=False
    )
