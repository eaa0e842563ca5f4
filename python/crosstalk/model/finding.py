"""Finds out, in a forward pass of its own, where a model reads its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import ref

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules import module as torch_module

from crosstalk.model.errors import LEADS_NOWHERE, TraceError
from crosstalk.model.inputs import Function, Inputs, call, detached, samples_of, scalars, tensors_of
from crosstalk.model.reached import reached_from
from crosstalk.model.recording import Listener
from crosstalk.model.tracked import Parameter

DROPOUTS = {F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout}


@dataclass(frozen=True)
class Found:
    model: ref[nn.Module]  # plans are kept by their model, and must not keep it alive
    without_rules: list[int]  # numbers of parameters that are read in a way without a rule, or unseen
    places: dict[int, list[str]]  # by parameter: the modules in which all its reads happen, from the outermost
    is_random: bool

    def owner(self, parameter: Parameter) -> str:
        """The smallest module that was called around all reads of the parameter and holds it."""
        around = self.places.get(parameter.number, [""])
        if not around:
            raise TraceError(
                f"f reads the parameter {parameter.name} itself, outside the model: only what a model does is traced. Let the "
                "model's forward give what f needs of it, or leave it out of f"
            )
        for name in reversed(around):
            if any(p is parameter.tensor for p in self.model().get_submodule(name).parameters()):
                return name
        return ""


class _Finder(Listener):
    """Hears, with each read, in which modules it happens."""

    def __init__(self, parameters: list[Parameter], samples: int) -> None:
        super().__init__(parameters, frozenset(), samples)
        self.inside: list[str] = []
        self.places: dict[int, list[str]] = {}
        self.unheard: set[int] = set()  # read where no gradients are kept
        self.is_random = False

    def on_read(self, numbers: tuple[int, ...], has_gradient: bool) -> None:
        if not has_gradient:
            self.unheard.update(numbers)
            return
        for number in numbers:
            before = self.places.get(number, self.inside)
            self.places[number] = [a for a, b in zip(before, self.inside) if a == b]

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: Mapping | None = None
    ) -> Any:
        if function in DROPOUTS:
            named = dict(zip(("input", "p", "training"), args)) | dict(kwargs or {})
            self.is_random |= bool(named.get("training", True)) and named.get("p", 0.5) > 0
        return super().__torch_function__(function, types, args, kwargs)


def find(model: nn.Module, x: Inputs, f: Function, parameters: list[Parameter]) -> Found:
    """TraceError where f of the output leads to no trainable parameter."""
    samples, random = samples_of(x), torch.get_rng_state()
    finder = _Finder(parameters, samples)
    with _told_of_modules(model, finder), finder:
        try:
            output = call(model, detached(x))
        except RuntimeError as error:
            kinds, own = {part.dtype for part in tensors_of(x)}, parameters[0].tensor.dtype
            if own in kinds or "dtype" not in str(error):
                raise
            given = ", ".join(map(str, kinds))
            raise TypeError(f"x is {given} where the model computes in {own}: give x.to({own}) ({error})") from error
        values = scalars(f, output, samples)
    finder.close()
    is_random = finder.is_random or not torch.equal(random, torch.get_rng_state())
    if not values.requires_grad:
        raise TraceError(LEADS_NOWHERE)
    reached, is_reentrant = reached_from(values, parameters)
    if is_reentrant:
        inside = dict.fromkeys(p.layer or p.name for p in parameters if p.number in finder.unheard)
        raise TraceError(
            f"layer {', '.join(inside) or 'unknown'}: it runs in torch.utils.checkpoint with use_reentrant=True, whose gradients "
            "cannot be asked for. Give checkpoint use_reentrant=False"
        )
    heard = {p.number for record in finder.records for p in record.parameters}
    without = [
        p.number for p in parameters if p.number in reached and (p.number in finder.loose or p.number not in heard)
    ]
    return Found(ref(model), without, finder.places, is_random)


@contextmanager
def _told_of_modules(model: nn.Module, finder: _Finder) -> Iterator[None]:
    names = {id(module): name for name, module in model.named_modules()}

    def enter(module: nn.Module, args: Any) -> None:
        if id(module) in names:
            finder.inside.append(names[id(module)])

    def leave(module: nn.Module, args: Any, output: Any) -> None:
        if id(module) in names:
            finder.inside.pop()

    handles = [torch_module.register_module_forward_pre_hook(enter), torch_module.register_module_forward_hook(leave)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
