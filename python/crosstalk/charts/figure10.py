"""Fig. 10: mean interference against capacity, a line for each number of training examples."""

import altair as alt

from . import theme
from .panel import (
    Panel,
    capacity_axis,
    data,
    layers,
    size_colour,
    size_dash,
    strength,
    value_scale,
    varying,
    where_known,
)

ALL = {"label": "all", "colour": theme.INK, "shape": None, "dash": [2, 2]}


def panels(tables, look):
    key = look.size_key() + [ALL]
    rows = tables["interference"].records()
    return [Panel(title, _panel(here, name, look), key=key) for name, title, here in varying(rows, "capacity", look)]


def _panel(rows, name, look):
    entries = look.size_key() + [ALL]
    unit = rows[0]["capacity_unit"]
    x = capacity_axis(rows, unit)
    scale, axis, words = value_scale(rows)
    title = look.reading.quantity + words
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    base = data("interference", experiment=name).transform_calculate(
        size="isValid(datum.nT) ? format(datum.nT, ',.0f') : 'all'"
    )
    known = base.transform_filter("isValid(datum.low)")
    band = known.mark_area().encode(
        x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2="high:Q", color=size_colour(look, entries),
        opacity=strength(look, 0.1, "size"),
    )  # fmt: skip
    return layers(
        look,
        *where_known(rows, band),
        base.mark_line(strokeWidth=look.stroke(2)).encode(
            x=x, y=y, color=size_colour(look, entries), strokeDash=size_dash(look, entries),
            opacity=strength(look, 1, "size"),
        ),
        base.mark_point(filled=True, size=look.area(46), opacity=1).encode(
            x=x, y=y, color=size_colour(look, entries), opacity=strength(look, 1, "size"), tooltip=_tooltip(unit)
        ),
    )  # fmt: skip


def _tooltip(unit):
    return [
        alt.Tooltip("experiment:N", title="experiment"),
        alt.Tooltip("size:N", title="training examples"),
        alt.Tooltip("capacity:Q", title=f"capacity ({unit})", format=",.0f"),
        alt.Tooltip("mean:Q", title="interference", format=".4~g"),
        alt.Tooltip("low:Q", title="90% by configurations, from", format=".4~g"),
        alt.Tooltip("high:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="runs"),
        alt.Tooltip("configurations:Q", title="configurations"),
    ]
