"""Listens to a model's forward pass: which torch functions read which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import ref

from torch import Tensor
from torch.autograd.graph import get_gradient_edge
from torch.overrides import TorchFunctionMode

from crosstalk.model import convolutions  # noqa: F401  (registers its rules)
from crosstalk.model.tracked import Parameter
from crosstalk.model.uses import RULES, Use, transpose


class Record:
    """One use, and the gradient that the backward pass brings for it."""

    __slots__ = ("use", "edge", "output_shape", "versions", "d", "group", "__weakref__")

    def __init__(self, use: Use, output: Tensor) -> None:
        self.use = use
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
        self, parameters: list[Parameter], by_owners: frozenset[int], hook: Callable[[Record, Tensor], None]
    ) -> None:
        """by_owners: numbers of parameters that a module answers for as a whole (owners.py); they are not recorded."""
        super().__init__()
        self.tracked: dict[int, Parameter] = {id(p.tensor): p for p in parameters if p.number not in by_owners}
        self.records: list[Record] = []
        self.loose: dict[int, str] = {}
        self._transposes: list[Tensor] = []
        self._hook = hook

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: Mapping | None = None
    ) -> Any:
        output = function(*args, **kwargs) if kwargs else function(*args)
        tracked = self.tracked
        for argument in args:
            if id(argument) in tracked:
                break
        else:
            if not (kwargs or _holds_a_list(args)) or not self._reads(args, kwargs or {}):
                return output
        self._note(function, args, kwargs or {}, output)
        return output

    def _reads(self, args: tuple, kwargs: Mapping) -> bool:
        return any(id(tensor) in self.tracked for tensor in _flat((*args, *kwargs.values())))

    def _note(self, function: Callable, args: tuple, kwargs: Mapping, output: Any) -> None:
        read = tuple(
            self.tracked[id(each)].number for each in _flat((*args, *kwargs.values())) if id(each) in self.tracked
        )
        has_gradient = any(isinstance(each, Tensor) and each.requires_grad for each in _flat((output,)))
        self.on_read(read, has_gradient)
        if not has_gradient:
            return
        rule = RULES.get(function)
        uses = None
        if rule is not None and isinstance(output, Tensor):
            try:
                uses = rule(self.tracked, *args, **kwargs)
            except TypeError:  # other arguments than the rule knows
                uses = None
        if uses is None:
            name = getattr(function, "__name__", repr(function))
            self.loose.update((number, name) for number in read)
        elif rule is transpose:
            p = self.tracked[id(args[0])]
            self.tracked[id(output)] = Parameter(p.number, p.name, p.tensor, not p.transposed)
            self._transposes.append(output)
        else:
            for use in uses:
                self.record(use, output)

    def record(self, use: Use, output: Tensor) -> None:
        record = Record(use, output)
        self.records.append(record)
        # The graph holds its hooks. One that held the record, whose edge holds the graph, would keep both for ever: the
        # circle goes through C++, where Python's collector does not see it.
        hook, its = self._hook, ref(record)
        output.register_hook(lambda d: None if its() is None else hook(its(), d))

    def on_read(self, numbers: tuple[int, ...], has_gradient: bool) -> None:
        """For a listener that asks where parameters are read."""


def _holds_a_list(args: tuple) -> bool:
    return any(type(argument) in (tuple, list) for argument in args)


def _flat(values: Any) -> Any:
    for value in values:
        if isinstance(value, (tuple, list)):
            yield from _flat(value)
        else:
            yield value
