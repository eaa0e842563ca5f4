"""One forward and backward pass of a model, and its trace, which is handed on part by part as the gradients come.

A part is what shares no parameter with the rest: a layer, or several whose weights are tied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from crosstalk.model.engine import as_it_is, computed_in, engine
from crosstalk.model.errors import LEADS_NOWHERE, NotExact, TraceError, Unproven
from crosstalk.model.inputs import Function, Inputs, call, checked, detached, samples_of, values_of
from crosstalk.model.owners import Owner
from crosstalk.model.reached import reached_from
from crosstalk.model.recording import Listener, Record
from crosstalk.model.tracked import Parameter

Consume = Callable[[Any], None]  # of the trace of a part
TOGETHER = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Place:
    """An output at which gradients arrive, and the parameters whose gradients are made of them."""

    edge: Any
    numbers: list[int]
    samples: int
    side: int

    def by_sample(self, gradient: Tensor) -> Tensor | None:
        """(N, ...), or None where no side counts the samples."""
        if gradient.dim() == 0 or gradient.shape[self.side] % self.samples:
            return None
        return gradient.movedim(self.side, 0).reshape(self.samples, -1)


class Pass:
    """A forward pass that was listened to. `listener` records, `owners` answer for what has no rule. numbers (N): the
    samples' own, for an f that asks for them."""

    def __init__(
        self,
        model: nn.Module,
        x: Inputs,
        f: Function,
        parameters: list[Parameter],
        owners: dict[str, list[Parameter]],
        numbers: Tensor | None = None,
    ) -> None:
        self.samples = samples_of(x)
        self.parameters = parameters
        self.dtype = computed_in(parameters[0].tensor.dtype)
        self.owners = [Owner(name, model.get_submodule(name), own) for name, own in owners.items()]
        by_owners = frozenset(p.number for own in owners.values() for p in own)
        self._consume: Consume | None = None
        self._parts: list[list[Record]] = []
        self._waiting: list[int] = []
        self._retains = False
        self.listener = Listener(parameters, by_owners, self.samples)
        self.unproven: frozenset[int] = frozenset()  # parameters whose gradients were 0 when they were checked
        with self._listening():
            self.output = call(model, detached(x))
            values = values_of(f, self.output, self.samples, numbers)
        self.scalars = checked(values, self.samples)
        self.listener.close()
        self.orders_rows = self.listener.gathers or any(
            record.output_shape[:1] != (self.samples,) for record in self.records
        )
        if not self.scalars.requires_grad:
            raise TraceError(LEADS_NOWHERE)
        if self.listener.loose:
            reached, _ = reached_from(self.scalars, parameters)
            for number, function in self.listener.loose.items():
                if number in reached:
                    raise NotExact([number], f"it is read by {function}, of which nothing is known")

    def scalars_of(self, f: Function, numbers: Tensor | None = None) -> Tensor:
        """(N): f of the output. One forward pass serves several. f may call the model again."""
        with self._listening():
            values = values_of(f, self.output, self.samples, numbers)
        return checked(values, self.samples)

    def _listening(self) -> AbstractContextManager:
        return self._beside_owners() if self.owners else self.listener

    @contextmanager
    def _beside_owners(self) -> Iterator[None]:
        with ExitStack() as stack:
            for owner in self.owners:
                stack.callback(owner.module.register_forward_hook(owner.hook, with_kwargs=True).remove)
            with self.listener:
                yield

    @property
    def records(self) -> list[Record]:
        return self.listener.records

    def trace(
        self, consume: Consume, root: Tensor | None = None, cotangent: Tensor | None = None, retain: bool = False
    ) -> None:
        """Runs the backward pass of `root` (the scalars), times a cotangent (1). consume(trace) is called for each
        part, as soon as its last gradient has come. retain: another one follows."""
        self._divide()
        self._consume, self._retains = consume, retain
        for record in self.records:
            record.d = None
        for owner in self.owners:
            for each in owner.calls:
                each.gradients.clear()
        with as_it_is(self.parameters[0].tensor.device):
            if self._is_small():
                self._trace_together(root, cotangent, retain)
            else:
                self._trace_as_they_come(root, cotangent, retain)
        self._of_owners()
        self._consume = None

    def _is_small(self) -> bool:
        """Whether the gradients of all records can be held at once: asking for them is sooner done than being told. One that is
        asked for is what it was before the hooks of its tensor."""
        numbers = sum(record.output_shape.numel() for record in self.records)
        return not self.owners and not self.listener.hooks and numbers * self.dtype.itemsize <= TOGETHER

    def _trace_together(self, root: Tensor | None, cotangent: Tensor | None, retain: bool) -> None:
        gradients = self.back(root, cotangent, retain, [record.edge for record in self.records])
        with torch.no_grad():  # as it is in a backward pass
            for record, d in zip(self.records, gradients):
                if d is not None:
                    self._arrive(record, d)
            self._finish_all()

    def _trace_as_they_come(self, root: Tensor | None, cotangent: Tensor | None, retain: bool) -> None:
        """A node tells of its gradient before it runs. Those at which the pass ends do not run: theirs are what it gives."""
        ends = self._last_edges(self.scalars if root is None else root)
        at_end = {(edge.node, edge.output_nr) for edge in ends}
        records: dict[tuple, list[Record]] = {}
        for record in self.records:
            records.setdefault((record.edge.node, record.edge.output_nr), []).append(record)

        def arrive(place: tuple, d: Tensor | None) -> None:
            for record in records.get(place, ()) if d is not None else ():
                self._arrive(record, d)

        def told(place: tuple) -> Callable[[tuple], None]:
            return lambda gradients: arrive(place, gradients[place[1]])

        with ExitStack() as hooks:
            for place in records:
                if place not in at_end:
                    hooks.callback(place[0].register_prehook(told(place)).remove)
            gradients = self.back(root, cotangent, retain, ends)
        with torch.no_grad():
            for edge, d in zip(ends, gradients):
                arrive((edge.node, edge.output_nr), d)
            self._finish_all()

    def back(
        self, root: Tensor | None, cotangent: Tensor | None, retain: bool, edges: list[Any]
    ) -> tuple[Tensor | None, ...]:
        """Gradients of the root, times its cotangent, at the given edges."""
        if not edges:
            return ()
        root = self.scalars if root is None else root
        grads = torch.ones_like(root) if cotangent is None else cotangent
        return torch.autograd.grad(root, edges, grads, retain_graph=retain, allow_unused=True)

    def _last_edges(self, root: Tensor) -> list[Any]:
        """Edges of records and owners below which there is no other: a backward pass to them passes all."""
        edges: dict[Any, dict[int, Any]] = {}  # by node, by the number of its output
        of_owners = [edge for owner in self.owners for each in owner.calls for edge in each.edges]
        for edge in (*(record.edge for record in self.records), *of_owners):
            edges.setdefault(edge.node, {})[edge.output_nr] = edge
        below: dict[Any, bool] = {}  # whether an edge of ours lies below
        stack = [(root.grad_fn, False)]
        while stack:
            node, is_done = stack.pop()
            if node is None or (node in below and not is_done):
                continue
            following = [next_node for next_node, _ in node.next_functions if next_node is not None]
            if is_done:
                below[node] = any(each in edges or below.get(each, False) for each in following)
            else:
                below[node] = False
                stack.append((node, True))
                stack.extend((each, False) for each in following if each not in below)
        return [edge for node, own in edges.items() if node in below and not below[node] for edge in own.values()]

    def places(self) -> list[Place]:
        records = [Place(r.edge, [p.number for p in r.parameters], self.samples, 0) for r in self.records]
        return records + [
            Place(edge, [p.number for p in owner.parameters], self.samples, owner.side_of(shape, self.samples))
            for owner in self.owners
            for each in owner.calls
            for edge, shape in zip(each.edges, each.shapes)
        ]

    def _divide(self) -> None:
        """Parts: uses that share a parameter, directly or by others, belong together."""
        part_of: dict[int, int] = {}
        parts: list[list[Record]] = []
        for record in self.records:
            numbers = [p.number for p in record.parameters]
            together = sorted({part_of[number] for number in numbers if number in part_of})
            into = together[0] if together else len(parts)
            if not together:
                parts.append([])
            for other in together[1:]:
                parts[into] += parts[other]
                parts[other] = []
                part_of.update((number, into) for number, part in part_of.items() if part == other)
            parts[into].append(record)
            part_of.update((number, into) for number in numbers)
        self._parts = parts
        self._waiting = [len(part) for part in parts]
        for number, part in enumerate(parts):
            for record in part:
                record.group = number

    def _arrive(self, record: Record, d: Tensor) -> None:
        record.d = d.detach()
        if self.unproven and any(p.number in self.unproven for p in record.parameters) and bool(d.any()):
            raise Unproven
        self._waiting[record.group] -= 1
        if self._waiting[record.group] == 0:
            self._finish(record.group)

    def _finish_all(self) -> None:
        """What still waits: a use whose output leads to none of the scalars has no gradient."""
        for part, waiting in enumerate(self._waiting):
            if waiting:
                self._finish(part)

    def _finish(self, part: int) -> None:
        self._waiting[part] = 0
        trace = engine().Uses(self.samples)
        for record in self._parts[part]:
            if record.d is not None:
                self._put(record, trace)
                record.d = None
            if not self._retains:
                record.use = None
        if trace.places:
            self._consume(trace)

    def _put(self, record: Record, trace: Any) -> None:
        d, use = record.d, record.use
        if d.numel() == 0:  # of no sample
            return
        numbers = [p.number for p in record.parameters]
        if record.has_changed():
            raise NotExact(numbers, "what it read was changed in place afterwards")
        if d.dim() == 0 or d.shape[0] % self.samples:
            raise NotExact(numbers, f"its output {tuple(d.shape)} has no first side of {self.samples} samples")
        use.add(trace, d if d.dtype == self.dtype else d.to(self.dtype), self.samples)

    def _of_owners(self) -> None:
        for owner in self.owners:
            try:
                rows = owner.rows(self.samples, self.dtype)
            except ValueError as reason:
                raise NotExact([p.number for p in owner.parameters], str(reason)) from None
            if any(p.number in self.unproven and bool(rows[p.number].any()) for p in owner.parameters):
                raise Unproven
            for p in owner.parameters:
                trace = engine().Uses(self.samples)
                p.put_rows(trace, rows.pop(p.number))
                with as_it_is(p.tensor.device):
                    self._consume(trace)
