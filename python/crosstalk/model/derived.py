"""Tensors that a model makes of one parameter alone: rows of a table of positions, a class token for each sample, a gain
that is kept as its logarithm. Who adds or multiplies one of them to the samples uses the parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from crosstalk.model.engine import there
from crosstalk.model.tracked import Parameter


def derived(
    function: Callable, args: tuple, kwargs: Mapping, output: Any, parameter: Parameter, tensors: int
) -> Parameter | None:
    """What `function` made of the parameter, `tensors` being how many tensors it was given; None where it made several
    things, or of others too."""
    if not isinstance(output, Tensor) or parameter.transposed:
        return None
    if (
        function is F.embedding
        and tensors == 2
        and not parameter.is_made
        and len(args) >= 2
        and args[1] is parameter.tensor
    ):
        return _made_of(parameter, output, _rows_of_a_table(parameter, args[0]))
    if tensors != 1 or output is parameter.tensor:
        return None

    def lead_back(trace: Any, rows: Tensor) -> None:
        gradients = rows.reshape(len(rows), *output.shape).to(output.dtype)
        with torch.enable_grad():
            (own,) = torch.autograd.grad(output, parameter.tensor, gradients, retain_graph=True, is_grads_batched=True)
        parameter.put_rows(trace, own.to(rows.dtype))

    return _made_of(parameter, output, lead_back)


def _made_of(parameter: Parameter, output: Tensor, lead_back: Callable[[Any, Tensor], None]) -> Parameter:
    return Parameter(parameter.number, parameter.name, output, False, lead_back)


def _rows_of_a_table(table: Parameter, numbers: Tensor) -> Callable[[Any, Tensor], None]:
    """The same numbers of rows for every sample: an embedding."""
    height, width = table.tensor.shape

    def lead_back(trace: Any, rows: Tensor) -> None:
        each = numbers.reshape(1, -1).long().expand(len(rows), -1).contiguous()
        trace.add_embedding(
            table.name, table.number, height, width, there(each), there(rows.reshape(len(rows), -1, width).contiguous())
        )

    return lead_back
