"""What a whole run comes to against a swept number, a line for each value of another key: Sutton and Barto's Fig. 12.3."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, log_ticks, strength, value_scale, where_known

EDGE = 1.04  # how far beyond the value before learning an axis goes


def panels(tables, look):
    rows = [_with_line(row) for row in tables["means"].records() if row["drawn"]]
    key = lines.key_of(rows, look)
    return [Panel(title, _panel(here, where, key, look), key=key if len(key) > 1 else [])
            for title, where, here in lines.panels_of(rows)]  # fmt: skip


def _with_line(row):
    return {**row, "line": f"{row['line_key']} {row['line']}" if row["line"] else ""}


def _panel(rows, where, key, look):
    scale, axis, added = _values(rows)
    title = f"mean {rows[0]['label']} over a run{added}"
    x = _x(rows)
    hue, dash = lines.colour(look, key), lines.dash(look, key)
    y = alt.Y("seen_mean:Q", title=title, scale=scale, axis=axis)
    said = "datum.line ? datum.line_key + ' ' + datum.line : ''"
    base = lines.data("means", **where, drawn=True).transform_calculate(line=said)
    base = lines.seen(base.transform_calculate(entry="datum.line ? datum.line : datum.panel"), scale, "mean", "low", "high")
    band = base.transform_filter("isValid(datum.low)").mark_area(clip=True)
    band = band.encode(x=x, y=alt.Y("seen_low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("seen_high:Q"), color=hue,
                       opacity=strength(look, 0.13, "entry"))  # fmt: skip
    known = base.transform_filter("isValid(datum.mean)")
    parts = [
        known.mark_line(clip=True, strokeWidth=look.stroke(1.8)).encode(
            x=x, y=y, color=hue, strokeDash=dash, opacity=strength(look, 1, "entry")
        ),
        known.mark_point(clip=True, filled=True, size=look.area(40)).encode(
            x=x, y=y, color=hue, tooltip=_tooltip(rows[0]), opacity=strength(look, 1, "entry")
        ),
    ]
    if any(row["diverged"] for row in rows):
        gone = base.transform_filter("datum.diverged > 0")
        names = {lines.name_of(row) for row in rows if row["diverged"]}
        parts += lines.lost(gone, look, x, key, names, _tooltip(rows[0]))
    return layers(look, *(where_known(rows, band) if lines.has_bands(rows) else []), *parts)


def _values(rows):
    """Up to the value before learning, where some configuration does better than that; else as far as the values go."""
    start, better = rows[0]["start"], rows[0]["better"]
    means = [row["mean"] for row in rows if row["mean"] is not None]
    ends = [row[name] for row in rows for name in ("mean", "low") if row[name] is not None]
    if start is not None and better == "less" and means and min(means) < start < max(means):
        room = start - min(ends)
        domain = [max(0, min(ends) - 0.06 * room) if min(ends) >= 0 else min(ends) - 0.06 * room, min(ends) + EDGE * room]
        return alt.Scale(type="linear", domain=domain, nice=False), alt.Axis(labelExpr=PLAIN, tickCount=6), ", up to that before learning"
    if start is not None and better == "more" and means and min(means) < start < max(means):
        room = max(means) - start
        domain = [max(means) - EDGE * room, max(means) + 0.06 * room]
        return alt.Scale(type="linear", domain=domain, nice=False), alt.Axis(labelExpr=PLAIN, tickCount=6), ", down to that before learning"
    return value_scale(rows)


def _x(rows):
    """Logarithmic where the values lie more evenly so, as the powers of two do."""
    values = sorted({row["x"] for row in rows})
    title = rows[0]["x_key"]
    steps = [b - a for a, b in zip(values, values[1:], strict=False)]
    if values[0] > 0 and max(steps) > 4 * min(steps):
        domain = [values[0] / 1.15, values[-1] * 1.15]
        axis = alt.Axis(labelExpr=PLAIN, values=log_ticks(*domain), grid=False, labelOverlap="greedy")
        return alt.X("x:Q", title=f"{title} (log scale)", scale=alt.Scale(type="log", domain=domain, nice=False), axis=axis)
    room = 0.02 * (values[-1] - values[0])
    scale = alt.Scale(type="linear", domain=[min(values[0], 0 if values[0] >= 0 else values[0]), values[-1] + room], nice=False)
    return alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(labelExpr=PLAIN, tickCount=6, grid=False))


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("x:Q", title=row["x_key"], format=".4~g"),
        alt.Tooltip("mean:Q", title=f"mean {row['label']}", format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
        alt.Tooltip("diverged:Q", title="runs that diverged"),
    ]
