"""What a model is called with, and what its outputs become: one scalar for each sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from numbers import Integral
from typing import Any

import torch
from torch import Tensor, nn

Inputs = Tensor | tuple | list | Mapping
Function = Callable[[Any], Tensor] | str | int

NAMES: dict[str, Callable[[Tensor], Tensor]] = {
    "max": lambda output: output.max(1).values,
    "mean": lambda output: output.mean(1),
    "sum": lambda output: output.sum(1),
}


def call(model: nn.Module, x: Inputs) -> Any:
    """The model's output: x is its input, a tuple of its inputs, or a mapping of them by name."""
    if isinstance(x, Mapping):
        return model(**x)
    return model(*x) if isinstance(x, (tuple, list)) else model(x)


def places_of(x: Inputs) -> list[tuple[Any, Any]]:
    """The parts of x, each with its name or number."""
    return list(x.items() if isinstance(x, Mapping) else enumerate(x if isinstance(x, (tuple, list)) else [x]))


def parts_of(x: Inputs) -> list[Any]:
    return [part for _, part in places_of(x)]


def tensors_of(x: Inputs) -> list[Tensor]:
    found = [part for part in parts_of(x) if isinstance(part, Tensor)]
    if not found:
        raise TypeError(f"x holds no torch tensor: it is {type(x).__name__}; give a tensor, or a tuple of tensors")
    return found


def detached(x: Inputs) -> Inputs:
    """x without what came before it: gradients stop here."""

    def cut(part: Any) -> Any:
        if not isinstance(part, Tensor):
            return part
        return part.clone() if part.is_inference() else part.detach()

    if isinstance(x, Mapping):
        return {name: cut(part) for name, part in x.items()}
    return type(x)(map(cut, x)) if type(x) in (tuple, list) else tuple(map(cut, x)) if isinstance(x, tuple) else cut(x)


def samples_of(x: Inputs) -> int:
    """N, the first side of x's first tensor."""
    first = tensors_of(x)[0]
    if first.dim() == 0 or first.shape[0] == 0:
        raise ValueError(f"x has the shape {tuple(first.shape)}: its first side counts the samples, at least one")
    return first.shape[0]


def check_places(model: nn.Module, x: Inputs) -> None:
    """Raises where the model and its inputs are on different devices."""
    own = next(model.parameters(), None)
    if own is not None and own.device.type == "meta":
        raise ValueError(
            "the model is on the meta device, where tensors have no numbers: model.to_empty(device=...), and load them"
        )
    for part in tensors_of(x):
        if own is not None and part.device != own.device:
            raise ValueError(
                f"x is on {part.device} where the model is on {own.device}: give x.to({str(own.device)!r}), or move the model"
            )


def wants_numbers(f: Function) -> bool:
    """Whether f is a function of two arguments: the output, and the numbers of its samples in x."""
    code = getattr(f, "__code__", None)
    if code is not None and not hasattr(f, "__self__"):
        return code.co_argcount - len(f.__defaults__ or ()) == 2
    if isinstance(f, (str, Integral, type)):
        return False
    try:
        needed = [
            p for p in signature(f).parameters.values() if p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD
        ]
    except (TypeError, ValueError):  # of a function in C
        return False
    return len(needed) == 2


def scalars(f: Function, output: Any, samples: int, numbers: Tensor | None = None) -> Tensor:
    """f of the model's output, (N), one scalar for each sample: a name ("max", "mean", "sum"), the number of an output, a
    function of the output, or one of the output and the samples' numbers (0 to N - 1). ValueError where it has
    another shape."""
    return checked(values_of(f, output, samples, numbers), samples)


def values_of(f: Function, output: Any, samples: int, numbers: Tensor | None = None) -> Any:
    """What f gives, whatever it is: `checked` says whether it is what it should be."""
    if isinstance(f, bool) or not (isinstance(f, (str, Integral)) or callable(f)):
        raise TypeError(
            f"f is {f!r}: give a name ({', '.join(NAMES)}), an output's number, or a function of the output"
        )
    if isinstance(f, (str, Integral)):
        if not isinstance(output, Tensor) or output.dim() != 2:
            shape = tuple(output.shape) if isinstance(output, Tensor) else f"a {type(output).__name__}"
            raise ValueError(
                f"f={f!r} needs outputs (N, O); the model gives {shape}: give f as a function of the output"
            )
        if isinstance(f, str):
            if f not in NAMES:
                raise ValueError(
                    f'f="{f}" is not one of {", ".join(NAMES)}; an output\'s number and a function work too'
                )
            return NAMES[f](output)
        if not -output.shape[1] <= f < output.shape[1]:
            raise ValueError(f"f={f} where the model has {output.shape[1]} outputs")
        return output[:, int(f)]
    try:
        return f(output, torch.arange(samples) if numbers is None else numbers) if wants_numbers(f) else f(output)
    except (IndexError, RuntimeError) as error:
        if not wants_numbers(f):
            error.add_note(
                f"f was given the outputs of {samples} samples. Where they are a part of x (memory=, Watch's samples=), a function "
                "of two arguments gets their numbers in x as well: lambda out, n: loss(out, y[n])"
            )
        raise


def checked(values: Any, samples: int) -> Tensor:
    """(N), or a message that says what it is instead."""
    if not isinstance(values, Tensor):
        raise TypeError(f"f gave {type(values).__name__}, not a tensor of {samples} numbers, one for each sample")
    if values.shape != (samples,):
        hint = "a loss needs reduction='none'" if values.dim() == 0 else "sum over all sides but the first, or pick one"
        raise ValueError(
            f"f gave the shape {tuple(values.shape)} where x has {samples} samples: ({samples},) is needed; {hint}"
        )
    if not values.is_floating_point():
        raise TypeError(f"f gave {values.dtype}, which has no gradient; give floating-point numbers")
    return values
