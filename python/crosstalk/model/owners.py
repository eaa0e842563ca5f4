"""Modules whose parameters have no rule of their own: per-sample gradients of that module alone.

The gradient at the module's outputs is that of the whole model's backward pass; from there back, one sample at a time,
vectorised (torch.func) or, where that cannot be, in a loop."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from crosstalk.model.tracked import Parameter, call_with


@dataclass
class Call:
    """One call of an owner: what went in, and the gradients at what came out."""

    args: tuple
    kwargs: Mapping
    gradients: dict[int, Tensor] = field(default_factory=dict)  # by the number of the output
    edges: list[Any] = field(default_factory=list)
    shapes: list[torch.Size] = field(default_factory=list)  # at the edges


class Owner:
    def __init__(self, name: str, module: nn.Module, parameters: list[Parameter]) -> None:
        self.name, self.module, self.parameters = name, module, parameters
        self.calls: list[Call] = []

    def hook(self, module: nn.Module, args: tuple, kwargs: Mapping, output: Any) -> Any:
        """A forward hook (with_kwargs=True). Several outputs are handed on as views of themselves: where one of them is made
        of another, the gradient at that other one is then what comes from outside alone."""
        call = Call(*tree_map(_detached, (args, dict(kwargs))))
        parts, form = tree_flatten(output)
        with_gradients = [isinstance(part, Tensor) and part.requires_grad for part in parts]
        if sum(with_gradients) > 1:
            parts = [part.view_as(part) if is_one else part for part, is_one in zip(parts, with_gradients)]
        its = ref(call)  # a hook that held the call would keep the graph for ever, as in Listener.record

        def arrive(number: int, d: Tensor) -> None:
            if (heard := its()) is not None:
                heard.gradients[number] = d.detach()

        for number, part in enumerate(parts):
            if with_gradients[number]:
                call.edges.append(torch.autograd.graph.get_gradient_edge(part))
                call.shapes.append(part.shape)
                part.register_hook(lambda d, number=number: arrive(number, d))
        if call.edges:
            self.calls.append(call)
        return tree_unflatten(parts, form)

    def rows(self, samples: int, dtype: torch.dtype) -> dict[int, Tensor]:
        """By the number of the parameter: (N, size), summed over the calls. ValueError where samples cannot be told apart
        at the module's outputs, or where it does something else with one sample alone."""
        if not self.calls:
            raise ValueError("no tensor that it gives leads to the scalars, though they depend on its parameters")
        random = torch.get_rng_state()
        sums = {p.number: torch.zeros(samples, p.size, dtype=dtype, device=p.tensor.device) for p in self.parameters}
        for call in self.calls:
            if call.gradients:
                for p, rows in zip(self.parameters, self._rows_of(call, samples)):
                    sums[p.number] += rows.reshape(samples, p.size).to(dtype)
        if not torch.equal(random, torch.get_rng_state()):
            raise ValueError(
                "it draws at random, and one sample's draw is another when it is called alone; call model.eval()"
            )
        return sums

    def _rows_of(self, call: Call, samples: int) -> list[Tensor]:
        inputs, form = tree_flatten((call.args, call.kwargs))
        mask = self._mask_of_all(call)
        sides = [
            self._side(part.shape, samples) if isinstance(part, Tensor) and part is not mask else None
            for part in inputs
        ]
        numbers = list(call.gradients)
        out_sides = [self._side(call.gradients[number].shape, samples) for number in numbers]
        if None in out_sides:
            shape = tuple(call.gradients[numbers[out_sides.index(None)]].shape)
            raise ValueError(f"its output {shape} has no side of {samples} samples")
        values = tuple(p.tensor.detach() for p in self.parameters)
        places = [id(p.tensor) for p in self.parameters]

        def outputs_of(values: tuple, parts: list) -> tuple:
            args, kwargs = tree_unflatten(parts, form)
            flat = tree_flatten(call_with(self.module, dict(zip(places, values)), args, kwargs))[0]
            return tuple(flat[number] for number in numbers)

        def one(gradients: tuple, *parts: Any) -> tuple:
            alone = [part if side is None else part.unsqueeze(side) for part, side in zip(parts, sides)]
            pulls = tuple(gradient.unsqueeze(side) for gradient, side in zip(gradients, out_sides))
            _, back = torch.func.vjp(lambda *values: outputs_of(values, alone), *values)
            return back(pulls)

        gradients = tuple(call.gradients[number] for number in numbers)
        try:
            every = torch.func.vmap(one, (tuple(out_sides), *sides), randomness="error")
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "There is a performance drop")  # of functions without a batching rule
                return list(every(gradients, *inputs))
        except Exception:  # noqa: BLE001  what vmap lacks, or this code forbids: the same sample by sample
            pass
        try:
            return self._one_by_one(outputs_of, values, gradients, out_sides, inputs, sides, samples)
        except (RuntimeError, IndexError, TypeError) as error:
            raise ValueError(f"it cannot be called with one sample alone: {str(error).splitlines()[0]}") from None

    @staticmethod
    def _one_by_one(outputs_of, values, gradients, out_sides, inputs, sides, samples) -> list[Tensor]:  # noqa: ANN001
        rows: list[list[Tensor]] = [[] for _ in values]
        for n in range(samples):
            alone = [part if side is None else part.narrow(side, n, 1) for part, side in zip(inputs, sides)]
            leaves = [value.detach().requires_grad_() for value in values]
            outputs = outputs_of(tuple(leaves), alone)
            pulls = [gradient.narrow(side, n, 1) for gradient, side in zip(gradients, out_sides)]
            for output, pull in zip(outputs, pulls):
                if output.shape != pull.shape:
                    raise ValueError(
                        f"of one sample it makes {tuple(output.shape)}, where {tuple(pull.shape)} is one of {samples}"
                    )
            for into, row, leaf in zip(rows, torch.autograd.grad(outputs, leaves, pulls, allow_unused=True), leaves):
                into.append(torch.zeros_like(leaf) if row is None else row)
        return [torch.stack(each) for each in rows]

    def _mask_of_all(self, call: Call) -> Tensor | None:
        """(T, T), which positions see which: all samples' own, also where T is the number of samples."""
        if not isinstance(self.module, nn.MultiheadAttention):
            return None
        mask = call.kwargs.get("attn_mask", call.args[5] if len(call.args) > 5 else None)
        return mask if mask is not None and mask.dim() == 2 else None

    def side_of(self, shape: torch.Size, samples: int) -> int:
        """Which side of an output counts the samples; the first where none does, for the message."""
        return self._side(shape, samples) or 0

    def _side(self, shape: torch.Size, samples: int) -> int | None:
        sides = [0, 1]
        if (
            isinstance(self.module, (nn.RNNBase, nn.MultiheadAttention))
            and len(shape) == 3
            and not self.module.batch_first
        ):
            sides = [1, 0]
        return next((side for side in sides if side < len(shape) and shape[side] == samples), None)


def _detached(part: Any) -> Any:
    return part.detach() if isinstance(part, Tensor) else part
