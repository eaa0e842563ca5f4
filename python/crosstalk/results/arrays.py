"""Measured arrays with what their axes are: Gram matrices, spectra, curves over offsets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crosstalk.report.markup import join, tag

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Axis:
    """One axis of an array. `name`: what it counts, "" where the measure does not say. `coordinates`: a number or a
    text for each place; the places themselves, from 0, where the measure names none."""

    name: str
    coordinates: np.ndarray

    def __repr__(self) -> str:
        ends = [str(one) for one in (*self.coordinates[:1], *self.coordinates[-1:])]
        return f"{self.name or 'unnamed'} ({len(self.coordinates)}: {' ... '.join(ends)})"


@dataclass(frozen=True, eq=False)
class MeasuredArray:
    """An array that a run measured at a step.

    `values`: float64, of the shape that the axes have. `classes`: of a Gram matrix over samples with labels, the class
    of each sample, in the order of both axes; otherwise None.
    """

    name: str
    run: str
    step: int
    split: str
    values: np.ndarray
    axes: tuple[Axis, ...]
    classes: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype, copy=copy)

    def frame(self) -> pd.DataFrame:
        """One row a value: a column for each axis (axis_0, axis_1, ... where it has no name of its own), and value."""
        import pandas as pd

        names = [axis.name for axis in self.axes]
        names = [name if name and names.count(name) == 1 else f"{name or 'axis'}_{i}" for i, name in enumerate(names)]
        places = np.indices(self.values.shape).reshape(len(self.axes), -1)
        columns = {name: axis.coordinates[at] for name, axis, at in zip(names, self.axes, places, strict=True)}
        return pd.DataFrame(columns | {"value": self.values.ravel()})

    def __repr__(self) -> str:
        axes = "".join(f"\n  axis {i}: {axis}" for i, axis in enumerate(self.axes))
        return f"{self.name}, {self.split}, run {self.run}, step {self.step}, shape {self.shape}{axes}"

    def _repr_html_(self) -> str:
        rows = [tag("tr", tag("th", f"axis {i}"), tag("td", repr(axis))) for i, axis in enumerate(self.axes)]
        title = f"{self.name}, {self.split}: run {self.run}, step {self.step}, shape {self.shape}"
        return str(join([tag("p", tag("strong", title)), tag("table", *rows)]))


def _coordinates(labels: list, length: int) -> np.ndarray:
    if not labels:
        return np.arange(length)
    same = len({isinstance(label, str) for label in labels}) == 1
    return np.array(labels if same else [str(label) for label in labels])


def array_of(name: str, run: str, stored: tuple[int, str, np.ndarray, str, str]) -> MeasuredArray:
    """From what crosstalk._cli.Results.arrays gives."""
    step, split, values, axes_text, classes_text = stored
    said = json.loads(axes_text)
    axes = tuple(Axis(title, _coordinates(labels, n)) for (title, labels), n in zip(said, values.shape, strict=True))
    classes = json.loads(classes_text)
    fits = isinstance(classes, list) and bool(values.shape) and len(classes) == values.shape[0]
    return MeasuredArray(name, run, step, split, values, axes, np.array(classes) if fits else None)
