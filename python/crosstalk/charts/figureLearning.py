"""Learning curves of supervised runs: loss and accuracy, or squared error, with the line of the constant predictor."""

import math

import altair as alt

from . import curve
from .panel import PLAIN, value_scale

MEASURES = {"loss": "loss", "accuracy": "accuracy (share of examples)",
            "squared_error_normalised": "squared error (share of the targets’ variance)",
            "squared_error": "squared error"}  # fmt: skip
CONSTANT = {"constant": ("constant", [7, 3])}  # name on the line, dash
EXAMPLES = curve.Words("examples of", "examples of", "training step")


def panels(tables, look):
    lines = tables["lines"].records()

    def around(where, y, look):
        values = curve.values_of(lines, where)
        scale = y("value")["scale"]
        places = {name: (name, _side(value, scale)) for name, value in values.items() if name in CONSTANT}
        return curve.lines_to_beat(where, CONSTANT, places, y, look)

    return curve.panels_of_curves(tables, look, MEASURES, EXAMPLES, lambda rows: _axis(rows, lines), around)


def _axis(rows, lines):
    """Accuracy from 0 to 1; losses and errors from 0, or on a logarithmic axis where they span much. The constant's line is on it."""
    where = {name: rows[0][name] for name in ("experiment", "panel", "measure")}
    here = [line for line in lines if all(line[name] == value for name, value in where.items())]
    if where["measure"] == "accuracy":
        return alt.Scale(type="linear", domain=[0, 1], nice=False), alt.Axis(format=".1f", tickCount=6), ""
    ends = [{"mean": line["value"], "low": line["min"], "high": line["max"]} for line in here]
    scale, axis, added = value_scale([*rows, *ends])
    if scale["type"] == "log":
        return scale, axis, added
    values = [row[name] for row in (*rows, *ends) for name in ("mean", "low", "high") if row[name] is not None]
    domain = [min(0, *values), max(values) * 1.05 or 1]
    return alt.Scale(type="linear", domain=domain, nice=False), alt.Axis(labelExpr=PLAIN, tickCount=6), added


def _side(value, scale):
    """A name above its line, or below it where the line is in the upper half of the axis."""
    low, high = scale["domain"]
    if scale["type"] == "log":
        low, value, high = math.log(low), math.log(value) if value > 0 else -math.inf, math.log(high)
    return -1 if value - low > (high - low) / 2 else 0
