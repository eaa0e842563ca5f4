"""Inner products of the samples of two passes of one model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor

from crosstalk.model.engine import back


def crossed(traces: Iterable[Any], columns: Any) -> Iterator[Tensor]:
    """(N, M) for each of the traces that has a parameter of `columns`: the inner products by those that both have. Two
    functions of one model can reach a layer in different ways, one of them without its bias, say, or by another use of
    its weight; then the samples' gradients are formed."""
    for rows in traces:
        places = {number: slice(offset, offset + size) for number, offset, size in rows.places}
        shared = [(places[number], slice(at, at + size)) for number, at, size in columns.places if number in places]
        if not shared:
            continue
        if rows.is_like(columns):
            yield back(rows.cross_gram(columns))
            continue
        left, right = back(rows.per_sample()), back(columns.per_sample())
        yield sum(left[:, own] @ right[:, other].t() for own, other in shared)
