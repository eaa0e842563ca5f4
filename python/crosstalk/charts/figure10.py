"""Fig. 10: mean interference against the width of the networks, a panel for each depth and a line for each number of training
examples. Width and depth are never mixed on one axis: a line over both would go up and down by the order of the networks alone."""

import altair as alt

from . import theme
from .panel import (
    Panel,
    data,
    experiments_of,
    interval_said,
    layers,
    log_axis,
    size_colour,
    size_dash,
    strength,
    value_scale,
    where_known,
)

ALL = {"label": "all", "colour": theme.INK, "shape": None, "dash": [2, 2]}


def panels(tables, look):
    key = look.size_key() + [ALL]
    made = []
    for where, title, rows in experiments_of(tables["interference"].records()):
        parts = _parts(rows)
        for added, wanted, here, x in parts:
            chart = _panel(here, rows, {**where, **wanted}, x, look)
            made.append(Panel(title + (f": {added}" if added else ""), chart, key=key, abreast=len(parts)))
    return made


def _parts(rows):
    """[(what a title adds, the columns' values, rows, axis)]: what of an experiment can be a line. Nothing varies: no panel,
    and the figure's notes name the experiment."""
    ours = [row for row in rows if row["hidden"] is not None]
    custom = [row for row in rows if row["hidden"] is None]
    parts = []
    depths = sorted({row["depth"] for row in ours})
    for depth in depths:
        here = [row for row in ours if row["depth"] == depth]
        widths = sorted({row["hidden"] for row in here})
        if len(widths) > 1:
            said = _layers(depth) if len(depths) > 1 else ""
            parts.append((said, {"depth": depth}, here, log_axis(here, "hidden", "hidden units (width", widths)))
    if not parts and len(depths) > 1 and len({row["hidden"] for row in ours}) == 1:
        parts.append(("", {}, ours, _depth_axis(depths)))
    unit = rows[0]["capacity_unit"]
    if len({row["capacity"] for row in custom}) > 1:
        said = "networks of their own layers" if ours else ""
        parts.append((said, {"hidden": None}, custom, log_axis(custom, "capacity", f"capacity ({unit}")))
    return parts


def _layers(depth):
    return "no extra layer" if depth == 0 else "1 extra layer" if depth == 1 else f"{depth:g} extra layers"


def _depth_axis(depths):
    return alt.X("depth:Q", title="extra layers (depth)", scale=alt.Scale(nice=False, padding=12),
                 axis=alt.Axis(values=depths, format="d", grid=False))  # fmt: skip


def _panel(rows, whole, where, x, look):
    """`whole`: the rows of all of the experiment's panels, which share one scale of values."""
    entries = look.size_key() + [ALL]
    scale, axis, words = value_scale(whole)
    if scale["type"] == "linear" and len(whole) > len(rows):
        there = [row[name] for row in whole for name in ("mean", "low", "high") if row[name] is not None]
        scale = alt.Scale(type="linear", zero=False, nice=True, domain=[min(there), max(there)])
    title = look.reading.quantity + words
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    base = data("interference", **where).transform_calculate(
        size="isValid(datum.nT) ? format(datum.nT, ',.0f') : 'all'"
    )
    known = base.transform_filter("isValid(datum.low)")
    band = known.mark_area().encode(
        x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=size_colour(look, entries),
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
            x=x, y=y, color=size_colour(look, entries), opacity=strength(look, 1, "size"), tooltip=TOOLTIP
        ),
    )  # fmt: skip


TOOLTIP = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("size:N", title="training examples"),
    alt.Tooltip("hidden:Q", title="hidden units", format=",.0f"),
    alt.Tooltip("depth:Q", title="extra layers"),
    alt.Tooltip("capacity:Q", title="capacity", format=",.0f"),
    alt.Tooltip("mean:Q", title="interference", format=".4~g"),
    *interval_said(),
    alt.Tooltip("n:Q", title="runs"),
    alt.Tooltip("configurations:Q", title="configurations"),
]
