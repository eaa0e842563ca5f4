"""Listens to a model's forward pass: which torch functions read which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import get_gradient_edge
from torch.overrides import TorchFunctionMode

from crosstalk.model import convolutions  # noqa: F401  (registers its rules)
from crosstalk.model.derived import derived
from crosstalk.model.ordering import ORDERING, orders_rows
from crosstalk.model.tracked import Parameter
from crosstalk.model.uses import RULES, Use, embedding, transpose


class Record:
    """One use, and the gradient that the backward pass brings for it."""

    __slots__ = ("parameters", "kind", "use", "edge", "output_shape", "versions", "d", "group")

    def __init__(self, use: Use, output: Tensor) -> None:
        self.parameters, self.kind = use.parameters, use.kind
        self.use: Use | None = use  # which holds what the layer read, until it is done with
        self.edge = get_gradient_edge(output)
        self.output_shape = output.shape
        self.versions = None if use.reads is None else use.reads._version
        self.d: Tensor | None = None
        self.group: int = -1

    def has_changed(self) -> bool:
        """Whether what the layer read was changed in place since."""
        return self.use.reads is not None and self.use.reads._version != self.versions


class Listener(TorchFunctionMode):
    """While it is entered, each call of a torch function that reads a tracked parameter becomes a record, or its
    parameters are `loose`: read by a function without a rule."""

    def __init__(
        self,
        parameters: list[Parameter],
        by_owners: frozenset[int],
        samples: int,
    ) -> None:
        """by_owners: numbers of parameters that a module answers for as a whole (owners.py); they are not recorded."""
        super().__init__()
        self.tracked: dict[int, Parameter] = {id(p.tensor): p for p in parameters if p.number not in by_owners}
        self.records: list[Record] = []
        self.loose: dict[int, str] = {}
        self.gathers = False  # whether rows are put in an order that the data decide
        self.hooks = False  # whether a hook may change a gradient on its way
        self.last_linear: Tensor | None = None  # the input of the last linear layer, trained or not
        self._samples = samples
        self._made: dict[int, Parameter] = {}  # of one parameter each, and read by nobody yet, by the tensor's id
        self._held: list[Tensor] = []  # so that no other tensor gets the id of one that is tracked

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: Mapping | None = None
    ) -> Any:
        kwargs = kwargs or {}
        output = function(*args, **kwargs)
        if function is F.linear:
            self.last_linear = args[0] if args else kwargs.get("input")
        elif function in ORDERING and orders_rows(function, args, kwargs):
            self.gathers = True
        elif function in HOOKING:
            self.hooks = True
        given = _flat((*args, *kwargs.values())) if kwargs or _holds_a_list(args) else args
        read = [self.tracked[id(each)] for each in given if id(each) in self.tracked]
        if read:
            self._note(function, args, kwargs, output, list(given), read)
        return output

    def _note(
        self, function: Callable, args: tuple, kwargs: Mapping, output: Any, given: list, read: list[Parameter]
    ) -> None:
        has_gradient = any(isinstance(each, Tensor) and each.requires_grad for each in _parts(output))
        numbers = tuple(p.number for p in read)
        self.on_read(numbers, has_gradient)
        if not has_gradient:
            return
        for each in given if self._made else ():
            self._made.pop(id(each), None)
        uses = self._uses(function, args, kwargs, output)
        if uses is None:
            tensors = sum(isinstance(each, Tensor) for each in given)
            made = derived(function, args, kwargs, output, read[0], tensors) if len(read) == 1 else None
            if made is not None:
                self._track(output, made)
                self._made[id(output)] = made
            else:
                name = getattr(function, "__name__", repr(function))
                self.loose.update((number, name) for number in numbers)
        elif RULES[function] is transpose:
            p = self.tracked[id(args[0])]
            self._track(output, Parameter(p.number, p.name, p.tensor, not p.transposed))
        else:
            self.records += [Record(use, output) for use in uses]

    def _uses(self, function: Callable, args: tuple, kwargs: Mapping, output: Any) -> list[Use] | None:
        rule = RULES.get(function)
        if rule is None or not isinstance(output, Tensor):
            return None
        if rule is embedding and (output.dim() == 0 or output.shape[0] % self._samples):
            return None  # rows of a table that are not the samples'
        try:
            return rule(self.tracked, *args, **kwargs)
        except TypeError:  # other arguments than the rule knows
            return None

    def _track(self, tensor: Tensor, parameter: Parameter) -> None:
        self.tracked[id(tensor)] = parameter
        self._held.append(tensor)

    def close(self) -> None:
        """After the forward pass: what was made of a parameter and then read by nobody known makes it loose."""
        self.loose.update((p.number, "what is made of it") for p in self._made.values())
        self._made.clear()

    def on_read(self, numbers: tuple[int, ...], has_gradient: bool) -> None:
        """For a listener that asks where parameters are read."""


HOOKING = {Tensor.register_hook, Tensor.grad_fn.__get__}


def _holds_a_list(args: tuple) -> bool:
    return any(type(argument) in (tuple, list) for argument in args)


def _parts(output: Any) -> list | tuple:
    return (output,) if isinstance(output, Tensor) else _flat((output,))


def _flat(values: Any) -> list:
    flat: list[Any] = []
    for value in values:
        if isinstance(value, (tuple, list)):
            flat += _flat(value)
        else:
            flat.append(value)
    return flat
