"""How torch's functions use their parameters: what each call leaves for the contractions.

A function here has the signature of torch's own, with the tracked parameters beside it. It gives a list of uses, or
None where this call is not one that has a rule. A use says which parameters it touches and how it is put into a trace,
once the gradient d at the call's output is there; n counts the samples, and d's first side is n, or a multiple of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from crosstalk.model.engine import there
from crosstalk.model.tracked import Parameter

Tracked = Mapping[int, Parameter]  # by the id of the tensor
Add = Callable[[Any, Tensor, int], None]  # (trace, d, n)


@dataclass(frozen=True, slots=True)
class Use:
    parameters: tuple[Parameter, ...]
    kind: str
    reads: Tensor | None  # which must not change until the gradient comes
    add: Add


Rule = Callable[..., list[Use] | None]
RULES: dict[Callable, Rule] = {}


def rule(*functions: Callable) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(functions, function))
        return function

    return register


def whole(tracked: Tracked, tensor: Tensor | None) -> Parameter | None:
    """The parameter itself, or its transpose, where the tensor is one: not what is made of one."""
    found = tracked.get(id(tensor))
    return None if found is not None and found.is_made else found


def positions(x: Tensor, n: int) -> Tensor:
    """(n, T, width) of (n, ..., width), or of (n T, width) where a model puts all positions on one side."""
    return x.reshape(n, -1, x.shape[-1])


def summed(parameter: Parameter, kind: str, rows: Callable[[Tensor, int], Tensor], reads: Tensor | None = None) -> Use:
    """The use of a parameter whose per-sample gradients are rows(d, n), (n, size)."""

    def add(trace: Any, d: Tensor, n: int) -> None:
        parameter.put_rows(trace, rows(d, n).reshape(n, parameter.size))

    return Use((parameter,), kind, reads, add)


def product(weight: Parameter, x: Tensor, bias: Parameter | None, kind: str) -> Use:
    """output = x W' + b, W (p, d) or, transposed, its parameter (d, p)."""
    rows, columns = weight.tensor.shape

    def add(trace: Any, d: Tensor, n: int) -> None:
        a = x if x.dtype == d.dtype else x.to(d.dtype)
        if x.dim() > 2 or len(x) != n:
            a, d = positions(a, n), positions(d, n)
        number = None if bias is None else bias.number
        # The gradient of a transpose is the other product: what is input there is output gradient here.
        left, right = (d, a) if weight.transposed else (a, d)
        trace.add_linear(
            weight.name, weight.number, rows, columns, number, there(left.contiguous()), there(right.contiguous())
        )

    touched = (weight,) if bias is None else (weight, bias)
    return Use(touched, kind, x, add)


def bias_rows(bias: Parameter, kind: str) -> Use:
    return summed(bias, kind, lambda d, n: positions(d, n).sum(1))


@rule(F.linear)
def linear(tracked: Tracked, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> list[Use] | None:
    w, b = whole(tracked, weight), tracked.get(id(bias))
    if id(input) in tracked or weight.dim() != 2 or input.dim() < 2 or (w is None and id(weight) in tracked):
        return None
    if w is None:
        return [bias_rows(b, "linear")] if b else None
    if b is not None and (w.transposed or b.is_made):
        return [product(w, input, None, "linear"), bias_rows(b, "linear")]
    return [product(w, input, b, "linear")]


@rule(torch.matmul, torch.mm, Tensor.matmul, Tensor.mm, Tensor.__matmul__)
def matmul(tracked: Tracked, input: Tensor, other: Tensor) -> list[Use] | None:
    w = whole(tracked, other)
    if w is None or id(input) in tracked or other.dim() != 2 or input.dim() < 2:
        return None
    flipped = Parameter(w.number, w.name, w.tensor, not w.transposed)  # x W is x (W')'
    return [product(flipped, input, None, "product")]


@rule(torch.addmm, Tensor.addmm)
def addmm(tracked: Tracked, input: Tensor, mat1: Tensor, mat2: Tensor, **scales: float) -> list[Use] | None:
    b = tracked.get(id(input))
    uses = matmul(tracked, mat1, mat2)
    if scales or uses is None or (b is None and input.requires_grad) or (b is not None and input.dim() != 1):
        return None
    return uses + ([bias_rows(b, "product")] if b else [])


@rule(F.embedding)
def embedding(
    tracked: Tracked,
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> list[Use] | None:
    w = whole(tracked, weight)
    if w is None or w.transposed or max_norm is not None or scale_grad_by_freq or input.dim() == 0:
        return None
    rows, width = weight.shape

    def add(trace: Any, d: Tensor, n: int) -> None:
        numbers, d = input.reshape(n, -1), positions(d, n)
        if padding_idx is not None:
            d = d.masked_fill((numbers == padding_idx % rows).unsqueeze(2), 0)
        trace.add_embedding(w.name, w.number, rows, width, there(numbers.long().contiguous()), there(d.contiguous()))

    return [Use((w,), "embedding", input, add)]


def _scaled(
    weight: Parameter | None,
    bias: Parameter | None,
    kind: str,
    x: Tensor,
    normal: Callable[[Tensor], Tensor],
    channels: bool,
) -> list[Use] | None:
    """Gain and shift after a normalisation: by the last sides, or by the second (`channels`). None without a samples' side."""
    if x.dim() <= (1 if channels else max(p.tensor.dim() for p in (weight, bias) if p is not None)):
        return None

    def over(d: Tensor, n: int, size: int) -> Tensor:
        if channels:
            return d.reshape(n, -1, size, d[0, 0].numel()).sum((1, 3))
        return d.reshape(n, -1, size).sum(1)

    uses = []
    if weight is not None:
        uses.append(summed(weight, kind, lambda d, n: over(d * normal(x).to(d.dtype), n, weight.size), x))
    if bias is not None:
        uses.append(summed(bias, kind, lambda d, n: over(d, n, bias.size)))
    return uses or None


@rule(F.layer_norm)
def layer_norm(
    tracked: Tracked,
    input: Tensor,
    normalized_shape: list[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> list[Use] | None:
    def normal(x: Tensor) -> Tensor:
        return F.layer_norm(x, normalized_shape, None, None, eps)

    return _scaled(tracked.get(id(weight)), tracked.get(id(bias)), "layer norm", input.detach(), normal, channels=False)


@rule(F.rms_norm)
def rms_norm(
    tracked: Tracked, input: Tensor, normalized_shape: list[int], weight: Tensor | None = None, eps: float | None = None
) -> list[Use] | None:
    def normal(x: Tensor) -> Tensor:
        return F.rms_norm(x, normalized_shape, None, eps)

    return _scaled(tracked.get(id(weight)), None, "RMS norm", input.detach(), normal, channels=False)


@rule(F.group_norm)
def group_norm(
    tracked: Tracked,
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> list[Use] | None:
    def normal(x: Tensor) -> Tensor:
        return F.group_norm(x, num_groups, None, None, eps)

    return _scaled(tracked.get(id(weight)), tracked.get(id(bias)), "group norm", input.detach(), normal, channels=True)


@rule(F.batch_norm)
def batch_norm(
    tracked: Tracked,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> list[Use] | None:
    if training:
        return None

    def normal(x: Tensor) -> Tensor:
        return F.batch_norm(x, running_mean, running_var, None, None, False, 0.0, eps)

    return _scaled(tracked.get(id(weight)), tracked.get(id(bias)), "batch norm", input.detach(), normal, channels=True)


def _reduced(parameter: Parameter, d: Tensor, n: int) -> Tensor:
    """d summed over all sides along which the parameter was repeated, the samples' apart."""
    if d.shape[0] != n:  # several rows a sample
        d = d.reshape(n, -1, *d.shape[1:])
    shape = (1,) * (d.dim() - parameter.tensor.dim()) + tuple(parameter.tensor.shape)
    sides = [side for side in range(1, d.dim()) if shape[side] == 1 and d.shape[side] > 1]
    return d.sum(sides, keepdim=True) if sides else d


def _elementwise(tracked: Tracked, input: Any, other: Any) -> tuple[Parameter, Tensor] | None:
    """The parameter and the samples' tensor, where one of the two is each, and the parameter has no samples' side."""
    for one, two in ((input, other), (other, input)):
        p = tracked.get(id(one))
        if p is None or p.transposed or not isinstance(two, Tensor) or id(two) in tracked:
            continue
        if one.dim() < two.dim() or (one.dim() == two.dim() and one.shape[0] == 1):
            return p, two
    return None


@rule(torch.add, Tensor.add, Tensor.__add__, Tensor.__radd__)
def add(tracked: Tracked, input: Any, other: Any) -> list[Use] | None:
    found = _elementwise(tracked, input, other)
    return [summed(found[0], "sum", lambda d, n: _reduced(found[0], d, n))] if found else None


@rule(torch.mul, Tensor.mul, Tensor.__mul__, Tensor.__rmul__)
def mul(tracked: Tracked, input: Any, other: Any) -> list[Use] | None:
    if (found := _elementwise(tracked, input, other)) is None:
        return None
    parameter, x = found[0], found[1].detach()
    if x.is_complex():
        return None
    return [summed(parameter, "scale", lambda d, n: _reduced(parameter, d * x.to(d.dtype), n), x)]


@rule(torch.t, Tensor.t, Tensor.T.__get__, Tensor.mT.__get__, torch.transpose, Tensor.transpose)
def transpose(tracked: Tracked, input: Tensor, *sides: int) -> list[Use] | None:
    """No use yet: whoever reads the transpose uses the parameter (recording.py keeps it among the tracked)."""
    if whole(tracked, input) is None:
        return None
    return [] if input.dim() == 2 and sorted(side % 2 for side in sides) in ([], [0, 1]) else None
