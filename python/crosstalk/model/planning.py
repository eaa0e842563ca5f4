"""What will be done for a model, layer by layer, and what it will cost."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import nn

from crosstalk.model.inputs import Function, Inputs
from crosstalk.model.plans import Check, traced

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("layer", "kind", "method", "uses", "parameters", "milliseconds", "gflop", "scratch_mb")


@dataclass(frozen=True)
class LayerPlan:
    layer: str
    kind: str  # what was recognised: "linear", "convolution 2d", ...; "by itself" where a module has no rule
    method: str  # how its part of the Gram matrix is made
    uses: int
    parameters: int
    milliseconds: float  # predicted, of the contraction alone
    gflop: float
    scratch_mb: float


@dataclass(frozen=True)
class GramPlan:
    samples: int
    layers: list[LayerPlan]

    def to_pandas(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([vars(layer) for layer in self.layers], columns=list(COLUMNS))

    def _cells(self) -> list[list[str]]:
        rows = [list(COLUMNS)]
        for each in self.layers:
            numbers = [f"{value:.3g}" for value in (each.milliseconds, each.gflop, each.scratch_mb)]
            rows.append([each.layer, each.kind, each.method, str(each.uses), f"{each.parameters:,}", *numbers])
        return rows

    def __repr__(self) -> str:
        rows = self._cells()
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        total = sum(layer.milliseconds for layer in self.layers)
        return "\n".join(
            [f"Gram matrix of {self.samples} samples: {total:.3g} ms beside the model's own passes", *lines]
        )

    def _repr_html_(self) -> str:
        head, *rows = self._cells()
        lines = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
        return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def plan(model: nn.Module, x: Inputs, f: Function = "max", *, check: Check = "first") -> GramPlan:
    """What crosstalk.gram(model, x, f) does with each layer, and what that is predicted to cost, in the order of the layers.
    It runs one forward and backward pass."""

    def work(forward: Any) -> GramPlan:
        made = forward(x, f)
        kinds: dict[int, str] = {}
        for record in made.records:
            kinds.update((p.number, record.kind) for p in record.parameters)
        layers: dict[tuple[str, str], list[LayerPlan]] = {}

        def look(trace: Any) -> None:
            numbers = [number for number, _, _ in trace.places]
            first = made.parameters[min(numbers)]
            uses = sum(first.number in {p.number for p in record.parameters} for record in made.records) or 1
            found = _of_part(first.layer or first.name, kinds.get(first.number, "by itself"), uses, trace)
            layers.setdefault((found.layer, found.kind), []).append(found)

        made.trace(look)
        order = list(dict.fromkeys(p.layer or p.name for p in made.parameters))
        joined = [_together(parts) for parts in layers.values()]
        return GramPlan(made.samples, sorted(joined, key=lambda each: order.index(each.layer)))

    return traced(model, x, f, check, work)


def _of_part(layer: str, kind: str, uses: int, trace: Any) -> LayerPlan:
    costs = trace.costs()
    seconds, flops, scratch = (sum(cost[column] for cost in costs) for column in (2, 3, 4))
    methods = " + ".join(dict.fromkeys(cost[1] for cost in costs))
    size = sum(size for _, _, size in trace.places)
    return LayerPlan(layer, kind, methods, uses, size, 1e3 * seconds, flops / 1e9, scratch / 1e6)


def _together(parts: list[LayerPlan]) -> LayerPlan:
    """Gain and shift of a norm are parts of their own, and one layer."""
    first = parts[0]
    sums = [sum(getattr(part, column) for part in parts) for column in ("parameters", "milliseconds", "gflop")]
    return LayerPlan(first.layer, first.kind, first.method, first.uses, *sums, max(part.scratch_mb for part in parts))
