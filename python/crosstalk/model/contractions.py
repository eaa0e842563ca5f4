"""Inner products of per-sample gradients of a user's own model, and what else a trace gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, overload

import torch
from torch import Tensor, nn

from crosstalk.model.engine import back, engine, there
from crosstalk.model.errors import TraceError
from crosstalk.model.inputs import Function, Inputs
from crosstalk.model.passes import Pass
from crosstalk.model.plans import Check, traced
from crosstalk.model.tracked import parameters_of

Forward = Any


@overload
def gram(model: nn.Module, x: Inputs, f: Function = "max", *, check: Check = "first") -> Tensor: ...
@overload
def gram(
    model: nn.Module, x: Inputs, f: Function = "max", *, per_layer: Literal[True], check: Check = "first"
) -> dict[str, Tensor]: ...


def gram(
    model: nn.Module, x: Inputs, f: Function = "max", *, per_layer: bool = False, check: Check = "first"
) -> Tensor | dict[str, Tensor]:
    """G (N, N): G_nm = grad f_n . grad f_m, inner products of the samples' gradients by all trainable parameters.

    f makes one scalar of each sample's output: "max", "mean", "sum", the number of an output, or a function of the
    model's output that gives (N). x: a tensor, a tuple of tensors, or a mapping by name; its first side counts the samples.
    per_layer: a dict, layer's name -> (N, N); its values sum to G. Exact but for rounding; in float64 for a model in double
    precision, otherwise in float32. Equation (4) of Bengio, Pineau and Precup (2020) without its division: interference.
    TraceError names the layer where it would not be exact. check: whether that is found out at the "first" call of a
    model with inputs of a shape, "always", or not ("off")."""

    def work(forward: Forward) -> Any:
        made = forward(x, f)
        if per_layer:
            layers: dict[str, Tensor] = {}
            made.trace(lambda part, trace: _add(layers, _layer(made, trace), back(trace.gram())))
            return {name: _finite(layers[name], made) for name in _in_order(made, layers)}
        total = _zeros(made, made.samples, made.samples)
        scratch = engine().Scratch()
        made.trace(lambda part, trace: total.add_(back(trace.gram(scratch=scratch))))
        return _finite(total, made)

    return traced(model, x, f, check, work)


def cross_gram(
    model: nn.Module, x: Inputs, x2: Inputs, f: Function = "max", f2: Function | None = None, *, check: Check = "first"
) -> Tensor:
    """(N, M): grad f(x_n) . grad f2(x2_m), f2 being f where it is left out. As `gram`."""

    def work(forward: Forward) -> Tensor:
        traces: list[Any] = []
        rows = forward(x, f)
        rows.trace(lambda part, trace: traces.append(trace))
        columns = forward(x2, f if f2 is None else f2)
        total = _zeros(rows, rows.samples, columns.samples)

        def meet(part: int, trace: Any) -> None:
            for products in crossed(traces, trace):
                total.add_(products)

        columns.trace(meet)
        return total

    return traced(model, x, f, check, work)


def norms(model: nn.Module, x: Inputs, f: Function = "max", *, check: Check = "first") -> Tensor:
    """(N): |grad f_n|, the length of each sample's gradient. As `gram`."""

    def work(forward: Forward) -> Tensor:
        made = forward(x, f)
        total = _zeros(made, made.samples)
        made.trace(lambda part, trace: total.add_(back(trace.squared_norms())))
        return total.clamp_(min=0).sqrt_()

    return traced(model, x, f, check, work)


Direction = Tensor | Iterable[Tensor] | Mapping[str, Tensor]


def directional(model: nn.Module, x: Inputs, f: Function, v: Direction, *, check: Check = "first") -> Tensor:
    """(N): grad f_n . v, how fast f_n changes along v. v: one vector, or tensors like the trainable parameters, in their
    order or by name. As `gram`."""
    along = _direction(getattr(model, "_orig_mod", model), v)

    def work(forward: Forward) -> Tensor:
        made = forward(x, f)
        total = _zeros(made, made.samples)

        def add(part: int, trace: Any) -> None:
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

        def add(part: int, trace: Any) -> None:
            own = back(trace.per_sample())
            for number, offset, size in trace.places:
                rows[:, begins[number] : begins[number] + size] += own[:, offset : offset + size]

        made.trace(add)
        return rows

    return traced(model, x, f, check, work)


def _zeros(made: Pass, *shape: int) -> Tensor:
    return torch.zeros(*shape, dtype=made.dtype, device=made.parameters[0].tensor.device)


def numbers_of(trace: Any) -> tuple[int, ...]:
    return tuple(sorted(number for number, _, _ in trace.places))


def crossed(traces: Iterable[Any], columns: Any) -> Iterator[Tensor]:
    """(N, M) for each of the traces that has a parameter of `columns`: the inner products by those that both have. Two
    functions of one model can reach a layer in different ways, one of them without its bias, say, or by another use of
    its weight; then the samples' gradients are formed."""
    for rows in traces:
        places = {number: slice(offset, offset + size) for number, offset, size in rows.places}
        shared = [(places[number], slice(at, at + size)) for number, at, size in columns.places if number in places]
        if not shared:
            continue
        if rows.places == columns.places:
            try:
                yield back(rows.cross_gram(columns))
                continue
            except RuntimeError as error:
                if "two traces of one network" not in str(error):  # not made of the same uses
                    raise
        left, right = back(rows.per_sample()), back(columns.per_sample())
        yield sum(left[:, own] @ right[:, other].t() for own, other in shared)


def _layer(made: Pass, trace: Any) -> str:
    """The layer of a part's first parameter, or the parameter itself where it is the model's own."""
    first = made.parameters[min(numbers_of(trace))]
    return first.layer or first.name


def _add(layers: dict[str, Tensor], name: str, gram: Tensor) -> None:
    layers[name] = layers[name] + gram if name in layers else gram


def _in_order(made: Pass, layers: dict[str, Tensor]) -> list[str]:
    order = dict.fromkeys(p.layer or p.name for p in made.parameters)
    return [name for name in order if name in layers]


def _finite(gram: Tensor, made: Pass) -> Tensor:
    wrong = ~gram.diagonal().isfinite()
    if wrong.any():
        sample = int(wrong.nonzero()[0])
        value = float(made.scalars[sample])
        raise TraceError(
            f"the gradient of sample {sample} is not finite ({int(wrong.sum())} of {made.samples} are not; its f is {value}): "
            "look at its input, and at a loss or rate that grows"
        )
    return gram


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
