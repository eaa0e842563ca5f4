"""Inner products of per-sample gradients of a user's own model, and what else a trace gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Literal, overload

import torch
from torch import Tensor, nn

from crosstalk.model.blocks import bytes_of, gram_in_blocks, samples_at_once
from crosstalk.model.crossed import crossed
from crosstalk.model.cutting import places_of_all
from crosstalk.model.engine import back, computed_in, engine, there
from crosstalk.model.errors import NotFinite
from crosstalk.model.inputs import Function, Inputs, samples_of
from crosstalk.model.passes import Pass
from crosstalk.model.plans import Check, Forward, traced
from crosstalk.model.tracked import as_written, parameters_of


@overload
def gram(
    model: nn.Module, x: Inputs, f: Function = "max", *, memory: str | float | None = None, check: Check = "first"
) -> Tensor: ...
@overload
def gram(
    model: nn.Module, x: Inputs, f: Function = "max", *, per_layer: Literal[True], check: Check = "first"
) -> dict[str, Tensor]: ...


def gram(
    model: nn.Module,
    x: Inputs,
    f: Function = "max",
    *,
    per_layer: bool = False,
    memory: str | float | None = None,
    check: Check = "first",
) -> Tensor | dict[str, Tensor]:
    """G (N, N): G_nm = grad f_n . grad f_m, inner products of the samples' gradients by all trainable parameters.

    f makes one scalar of each sample's output: "max", "mean", "sum", the number of an output, or a function of the
    model's output that gives (N); one of two arguments gets the samples' numbers as well: lambda output, n: loss(output, y[n]).
    x: a tensor, a tuple of tensors, or a mapping by name; its first side counts the samples. per_layer: a dict, layer's
    name -> (N, N); its values sum to G, and what several layers share is the first one's. Exact but for rounding; in float64
    for a model in double precision, otherwise in float32. memory ("4GB", bytes): blocks of samples against blocks, so that
    this much is not passed; about blocks / 2 times as many passes. Section 2.1 of Bengio, Pineau and Precup (2020):
    interference.

    TraceError names the layer where it would not be exact. check: whether that is found out at the "first" call of a
    model with inputs of a shape, "always", or not ("off")."""
    limit = None if memory is None else bytes_of(memory)
    if limit is not None and per_layer:
        raise ValueError("per_layer=True and memory= do not go together: matrices of all layers are held at once")

    def work(forward: Forward) -> Any:
        if limit is not None:
            of_all = places_of_all(forward.model, x)
            if (at_once := samples_at_once(forward, x, f, of_all, limit)) < samples_of(x):
                total = torch.zeros(samples_of(x), samples_of(x), **_like(forward.plan.parameters[0].tensor))
                gram_in_blocks(forward, x, f, of_all, at_once, total)
                _check_finite(total.diagonal())
                return total
        made = forward(x, f)
        if per_layer:
            layers: dict[str, Tensor] = {}
            made.trace(lambda trace: _add(layers, _layer(made, trace), back(trace.gram())))
            for each in layers.values():
                _check_finite(each.diagonal(), made.scalars)
            return {name: layers[name] for name in _in_order(made, layers)}
        return gram_of(made, made.scalars)

    return traced(model, x, f, check, work)


def gram_of(made: Pass, values: Tensor, retain: bool = False) -> Tensor:
    """(N, N) of the scalars `values` of a pass. retain: another backward pass follows."""
    total: Tensor | None = None
    scratch = engine().Scratch()

    def add(trace: Any) -> None:
        nonlocal total
        products = back(trace.gram_above_diagonal(scratch=scratch))
        total = products if total is None else total.add_(products)

    made.trace(add, values, retain=retain)
    total = _zeros(made, made.samples, made.samples) if total is None else total
    _check_finite(total.diagonal(), values)
    return back(engine().mirrored(there(total)))


def cross_gram(
    model: nn.Module, x: Inputs, x2: Inputs, f: Function = "max", f2: Function | None = None, *, check: Check = "first"
) -> Tensor:
    """(N, M): grad f(x_n) . grad f2(x2_m), f2 being f where it is left out. As `gram`."""

    def work(forward: Forward) -> Tensor:
        traces: list[Any] = []
        rows = forward(x, f)
        rows.trace(traces.append)
        columns = forward(x2, f if f2 is None else f2)
        total = _zeros(rows, rows.samples, columns.samples)

        def meet(trace: Any) -> None:
            for products in crossed(traces, trace):
                total.add_(products)

        columns.trace(meet)
        if not total.isfinite().all():
            raise NotFinite(
                "a gradient of the one set or of the other is not finite: crosstalk.gram of each names the sample"
            )
        return total

    return traced(model, x, f, check, work)


def norms(model: nn.Module, x: Inputs, f: Function = "max", *, check: Check = "first") -> Tensor:
    """(N): |grad f_n|, the length of each sample's gradient. As `gram`."""

    def work(forward: Forward) -> Tensor:
        made = forward(x, f)
        total = _zeros(made, made.samples)
        made.trace(lambda trace: total.add_(back(trace.squared_norms())))
        _check_finite(total, made.scalars)
        return total.clamp_(min=0).sqrt_()

    return traced(model, x, f, check, work)


Direction = Tensor | Iterable[Tensor] | Mapping[str, Tensor]


def directional(model: nn.Module, x: Inputs, f: Function, v: Direction, *, check: Check = "first") -> Tensor:
    """(N): grad f_n . v, how fast f_n changes along v. v: one vector, or tensors like the trainable parameters, in their
    order or by name. As `gram`."""
    along = _direction(as_written(model), v)

    def work(forward: Forward) -> Tensor:
        made = forward(x, f)
        total = _zeros(made, made.samples)

        def add(trace: Any) -> None:
            own = torch.cat([along[number] for number, _, _ in trace.places]).to(made.dtype)
            total.add_(back(trace.directional(there(own))))

        made.trace(add)
        return total

    return traced(model, x, f, check, work)


def per_sample(model: nn.Module, x: Inputs, f: Function = "max", *, check: Check = "first") -> Tensor:
    """(N, P): each sample's gradient, the trainable parameters one after the other in the order of model.parameters().
    N P numbers are held: `gram` and `norms` need far less. As `gram`."""

    def work(forward: Forward) -> Tensor:
        made = forward(x, f)
        sizes = [p.size for p in made.parameters]
        rows = _zeros(made, made.samples, sum(sizes))
        begins = [sum(sizes[:number]) for number in range(len(sizes))]

        def add(trace: Any) -> None:
            own = back(trace.per_sample())
            for number, offset, size in trace.places:
                rows[:, begins[number] : begins[number] + size] += own[:, offset : offset + size]

        made.trace(add)
        return rows

    return traced(model, x, f, check, work)


def _like(first: Tensor) -> dict[str, Any]:
    return {"dtype": computed_in(first.dtype), "device": first.device}


def _zeros(made: Pass, *shape: int) -> Tensor:
    return torch.zeros(*shape, **_like(made.parameters[0].tensor))


def _layer(made: Pass, trace: Any) -> str:
    """The layer of a part's first parameter, or the parameter itself where it is the model's own."""
    first = made.parameters[min(number for number, _, _ in trace.places)]
    return first.layer or first.name


def _add(layers: dict[str, Tensor], name: str, gram: Tensor) -> None:
    layers[name] = layers[name] + gram if name in layers else gram


def _in_order(made: Pass, layers: dict[str, Tensor]) -> list[str]:
    order = dict.fromkeys(p.layer or p.name for p in made.parameters)
    return [name for name in order if name in layers]


def _check_finite(squares: Tensor, values: Tensor | None = None) -> None:
    """NotFinite where a sample's |grad f_n|^2 (N) is not; values: the f_n, for the message."""
    if isfinite(float(squares.sum())):  # so is each
        return
    wrong = ~squares.isfinite()
    if wrong.any():
        sample = int(wrong.nonzero()[0])
        value = "" if values is None else f"; its f is {float(values[sample].detach())}"
        raise NotFinite(
            f"the gradient of sample {sample} is not finite ({int(wrong.sum())} of {len(squares)} are not{value}): "
            "look at its input, and at a loss or rate that grows"
        )


def _direction(model: nn.Module, v: Direction) -> list[Tensor]:
    parameters = parameters_of(model)
    total = sum(p.size for p in parameters)
    if isinstance(v, Mapping):
        names = {p.name for p in parameters}
        if wrong := [name for name in v if name not in names] or [name for name in names if name not in v]:
            raise ValueError(
                f"v and the trainable parameters differ in {wrong[0]!r}: give one tensor for each of their names"
            )
        v = [v[p.name] for p in parameters]
    pieces = [v] if isinstance(v, Tensor) else list(v)
    flat = torch.cat([piece.detach().reshape(-1) for piece in pieces]) if pieces else torch.zeros(0)
    if flat.numel() != total:
        raise ValueError(f"v has {flat.numel()} numbers where the model has {total} that are trained")
    return list(flat.split([p.size for p in parameters]))
