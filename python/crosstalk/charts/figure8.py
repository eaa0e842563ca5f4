"""Fig. 8: the three terms of interference's derivative over training, the means of the pairs above 0 and below 0 and of all."""

import math

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, measured, steps_axis, strength, where_known, zero_line

ALL = "mean"
DASH, FAINT = [4, 3], 0.55
LINEAR = 0.25  # so many of the sizes on a panel lie where its axis is linear, near to 0


def panels(tables, look):
    rows = tables["curves"].records()
    key = lines.key_of(rows, look)
    made = []
    for _, where, here in lines.panels_of(rows):
        term = here[0]["term"]
        made.append(Panel(f"{where['panel']}: {term}", _panel(here, where, term, key, look), key=key, abreast=3))
    return made


def _panel(rows, where, term, key, look):
    sizes = sorted(abs(row["mean"]) for row in rows if row["mean"])
    near = sizes[int(LINEAR * len(sizes))] if sizes else 1
    scale = alt.Scale(type="symlog", constant=near, nice=False)
    title = f"{term} (log beyond {float(f'{near:.2g}'):g})"
    ticks = _ticks(near, rows)
    axis = alt.Axis(labelExpr=PLAIN, values=ticks, tickCount=len(ticks))  # fewer would leave out every other one
    x = steps_axis(look, rows[0]["unit"], max(row["step"] for row in rows) or 1)
    hue = lines.colour(look, key)

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    base = lines.base("curves", **where)

    def curves(whole):
        stroke = base.transform_filter(f"{'' if whole else '!'}(datum.statistic === '{ALL}')")
        dash = {"strokeDash": DASH} if whole else {}
        stroke = stroke.mark_line(strokeWidth=look.stroke(1.4), **dash)
        return stroke.encode(x=x, y=y("mean"), color=hue, detail=alt.Detail("statistic:N"),
                             opacity=strength(look, FAINT if whole else 1, "entry"))  # fmt: skip

    band = base.transform_filter("isValid(datum.low)").mark_area()
    band = band.encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=hue, detail=alt.Detail("statistic:N"),
                       opacity=strength(look, 0.1, "entry"))  # fmt: skip
    points = measured(look, rows, 16, base.encode(x=x, y=y("mean"), color=hue, tooltip=_tooltip(rows[0])), "entry")
    bands = where_known(rows, band) if lines.has_bands(rows) else []
    return layers(look, zero_line(), *bands, curves(True), curves(False), *points)


def _ticks(near, rows):
    """0, and the largest powers of ten that the curves reach on either side."""
    ends = [row[name] for row in rows for name in ("mean", "low", "high") if row[name] is not None]
    below, above = -min(ends), max(ends)
    largest = [10.0 ** math.floor(math.log10(end)) if end > near else 0 for end in (below, above)]
    return sorted({-largest[0], 0.0, largest[1]})


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("step:Q", title="update", format=",.0f"),
        alt.Tooltip("statistic:N", title="over the pairs"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
    ]
