"""Convolutions of one, two and three dimensions, and their transposes, as uses that the engine knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from crosstalk.model.engine import there
from crosstalk.model.tracked import Parameter
from crosstalk.model.uses import Tracked, Use, rule, summed, whole

Sides = Sequence[int]


def _each(value: int | Sides, sides: int) -> list[int]:
    return [value] * sides if isinstance(value, int) else list(value) * (sides if len(value) == 1 else 1)


def _padded(x: Tensor, padding: str | int | Sides, kernel: Sides, dilation: Sides) -> tuple[Tensor, list[int]]:
    """x and the padding that is left to do: "same" can need more behind than before."""
    if padding == "valid":
        return x, [0] * len(kernel)
    if padding != "same":
        return x, _each(padding, len(kernel))  # type: ignore[arg-type]
    total = [d * (k - 1) for d, k in zip(dilation, kernel)]
    around = [width for t in reversed(total) for width in (t // 2, t - t // 2)]
    return F.pad(x, around), [0] * len(kernel)


def _channel_sums(d: Tensor, n: int) -> Tensor:
    return d.reshape(n, -1, d.shape[1], d[0, 0].numel()).sum((1, 3))


class _Geometry:
    """The numbers of a convolution, in two dimensions where it has one or two: x (B, C, ...) meets d (B, P, ...)."""

    def __init__(self, weight: Parameter, stride: Sides, padding: Sides, dilation: Sides, groups: int) -> None:
        self.weight, self.groups = weight, groups
        self.stride, self.padding, self.dilation = list(stride), list(padding), list(dilation)

    def add(self, trace: Any, x: Tensor, d: Tensor, n: int, bias: Parameter | None) -> None:
        if d.shape[0] != n:
            rows = per_sample(self, x, d)  # several images a sample: their sum
            shape = (n, self.weight.size)
            trace.add_rows(
                self.weight.name, self.weight.number, self.weight.size, there(rows.reshape(n, -1, shape[1]).sum(1))
            )
            if bias is not None:
                bias.put_rows(trace, _channel_sums(d, n))
            return
        number, shape = None if bias is None else bias.number, list(self.weight.tensor.shape)
        numbers = self.stride, self.padding, self.dilation
        if x.dim() == 3:  # one dimension is two, of height 1
            x, d, shape = x.unsqueeze(2), d.unsqueeze(2), [*shape[:2], 1, shape[2]]
            numbers = [1, *self.stride], [0, *self.padding], [1, *self.dilation]
        if x.dim() == 4:
            trace.add_convolution(
                self.weight.name, self.weight.number, shape, number, *numbers, self.groups, there(x.contiguous()), there(d.contiguous())
            )  # fmt: skip
        elif self.groups == 1:
            # Each position of the output reads one patch: a linear layer over a sequence of patches.
            a, g = patches(self, x, d), d.flatten(2).transpose(1, 2).contiguous()
            trace.add_linear(self.weight.name, self.weight.number, shape[0], a.shape[2], number, there(a), there(g))
        else:
            self.weight.put_rows(trace, per_sample(self, x, d))
            if bias is not None:
                bias.put_rows(trace, _channel_sums(d, n))


def patches(geometry: _Geometry, x: Tensor, d: Tensor) -> Tensor:
    """(B, T, C kernel): what each of d's T positions read of x (B, C, ...)."""
    kernel = geometry.weight.tensor.shape[2:]
    x = F.pad(x, [p for p in reversed(geometry.padding) for _ in (0, 1)])
    size, strides = list(x.shape[:2]), list(x.stride()[:2])
    for side, out in enumerate(d.shape[2:], 2):
        size.append(out), strides.append(x.stride(side) * geometry.stride[side - 2])
    for side, width in enumerate(kernel, 2):
        size.append(width), strides.append(x.stride(side) * geometry.dilation[side - 2])
    rank = len(kernel)
    windows = x.as_strided(size, strides)  # (B, C, out..., kernel...)
    order = [0, *range(2, 2 + rank), 1, *range(2 + rank, 2 + 2 * rank)]
    return windows.permute(order).reshape(x.shape[0], d[0, 0].numel(), -1)


def per_sample(geometry: _Geometry, x: Tensor, d: Tensor) -> Tensor:
    """(B, P C / groups kernel): each image's weight gradient."""
    rows, groups = [], geometry.groups
    for part, of in zip(x.chunk(groups, 1), d.chunk(groups, 1)):
        rows.append(torch.bmm(of.flatten(2), patches(geometry, part, of)).flatten(1))
    return torch.cat(rows, 1)


def _fits(tracked: Tracked, input: Tensor, weight: Tensor, bias: Tensor | None, dimensions: int) -> bool:
    """Whether samples are convolved with parameters as they stand, not with what is made of some."""
    made = any(id(each) in tracked and tracked[id(each)].is_made for each in (weight, bias))
    return not made and id(input) not in tracked and input.dim() == dimensions + 2


def _convolution(dimensions: int):  # noqa: ANN202
    def convolution(
        tracked: Tracked,
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: int | Sides = 1,
        padding: str | int | Sides = 0,
        dilation: int | Sides = 1,
        groups: int = 1,
    ) -> list[Use] | None:
        if not _fits(tracked, input, weight, bias, dimensions):
            return None
        w, b = whole(tracked, weight), whole(tracked, bias)
        kind = f"convolution {dimensions}d"
        if w is None:
            return [summed(b, kind, _channel_sums)] if b else None

        def add(trace: Any, d: Tensor, n: int) -> None:
            spread = _each(dilation, dimensions)
            x, around = _padded(input.detach().to(d.dtype), padding, weight.shape[2:], spread)
            _Geometry(w, _each(stride, dimensions), around, spread, groups).add(trace, x, d, n, b)

        return [Use((w,) if b is None else (w, b), kind, input, add)]

    return convolution


def _transposed(dimensions: int):  # noqa: ANN202
    def transposed(
        tracked: Tracked,
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: int | Sides = 1,
        padding: int | Sides = 0,
        output_padding: int | Sides = 0,
        groups: int = 1,
        dilation: int | Sides = 1,
    ) -> list[Use] | None:
        """The convolution that leads back: what is its input there is the output gradient here."""
        if not _fits(tracked, input, weight, bias, dimensions):
            return None
        w, b = whole(tracked, weight), whole(tracked, bias)
        kind = f"transposed convolution {dimensions}d"
        uses = [summed(b, kind, _channel_sums)] if b else []

        def add(trace: Any, d: Tensor, n: int) -> None:
            steps, around, spread, beyond = (_each(v, dimensions) for v in (stride, padding, dilation, output_padding))
            x = _reaching(input.detach().to(d.dtype), beyond, steps)
            _Geometry(w, steps, around, spread, groups).add(trace, d, x, n, None)

        return [*uses, Use((w,), kind, input, add)] if w else uses or None

    return transposed


def _reaching(x: Tensor, output_padding: Sides, stride: Sides) -> Tensor:
    """x with zeros where an output padding of a stride or more lets the convolution that leads back have more positions."""
    more = [extra // step for extra, step in zip(output_padding, stride)]
    return F.pad(x, [width for each in reversed(more) for width in (0, each)]) if any(more) else x


for _dimensions, (_function, _back) in enumerate(
    ((F.conv1d, F.conv_transpose1d), (F.conv2d, F.conv_transpose2d), (F.conv3d, F.conv_transpose3d)), 1
):
    rule(_function)(_convolution(_dimensions))
    rule(_back)(_transposed(_dimensions))
