"""Whatever runs without examples measure, over training: a panel a measure, a line a configuration."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, log_ticks, measured, steps_axis, strength, value_scale, where_known

WIDE, ROOM = 5, 30  # factors: from where on an axis is logarithmic, and how far it goes beyond the runs that are done
UNITS = {"updates": "update", "steps": "environment step", "episodes": "episode"}


def panels(tables, look):
    rows = [row for row in tables["curves"].records() if row["drawn"]]
    gone = tables["lost"].records()
    key = lines.key_of([*rows, *gone], look)
    return [Panel(title, _panel(here, where, _end([*rows, *gone], where), gone, key, look), key=key)
            for title, where, here in lines.panels_of(rows)]  # fmt: skip


def _end(rows, where):
    """One for all measures of some runs: churn ends a measurement earlier than the others."""
    return max(row["step"] for row in _here(rows, where)) or 1


def _panel(rows, where, last, gone, key, look):
    done = [row for row in rows if not row["diverged"]]
    scale, axis, added = _values(done, rows)
    title = (rows[0]["axis"] + added).replace(") (", ", ")
    leaves = len(done) < len(rows)  # the axis: what diverges
    x = steps_axis(look, rows[0]["unit"], last)
    hue, dash = lines.colour(look, key), lines.dash(look, key)
    y = alt.Y("seen_mean:Q", title=title, scale=scale, axis=axis)
    base = lines.seen(lines.base("curves", **where, drawn=True), scale, "mean", "low", "high")
    kept, ended = base.transform_filter("!datum.diverged"), base.transform_filter("datum.diverged")
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    band = kept.transform_filter(low).mark_area(clip=leaves)
    band = band.encode(x=x, y=alt.Y("seen_low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("seen_high:Q"), color=hue,
                       opacity=strength(look, 0.13, "entry"))  # fmt: skip
    line = kept.mark_line(clip=leaves, strokeWidth=look.stroke(1.8))
    parts = [line.encode(x=x, y=y, color=hue, strokeDash=dash, opacity=strength(look, 1, "entry"))] if done else []
    if leaves:
        line = ended.mark_line(clip=True, strokeWidth=look.stroke(1.8), strokeDash=lines.DIVERGED)
        parts.append(line.encode(x=x, y=y, color=hue, opacity=strength(look, 1, "entry")))
    if here := _here(gone, where):
        step = UNITS.get(here[0]["unit"], "step")
        mark = lines.base("lost", panel=where["panel"])
        tooltip = [alt.Tooltip("entry:N", title="line"), alt.Tooltip("runs:Q", title="runs that diverged"),
                   alt.Tooltip("step:Q", title=f"last measured at {step}", format=",.0f")]  # fmt: skip
        parts += lines.lost(mark, look, x, key, {lines.name_of(row) for row in here}, tooltip)
    marks = base.encode(x=x, y=y, color=hue, tooltip=_tooltip(rows[0]))
    bands = where_known(done, band) if lines.has_bands(rows) else []
    return layers(look, *bands, *parts, *measured(look, rows, 20, marks, "entry", clip=leaves))


def _values(done, rows):
    """The axis of the runs that are done, which what diverges leaves; where those go far themselves, a logarithmic one with room
    for the beginning of the others."""
    if not done or len(done) == len(rows):
        return value_scale(rows)
    there, all_ = _ends(done), _ends(rows)
    if min(all_) > 0 and max(there) > WIDE * min(there):
        domain = [min(all_) / 1.15, min(max(all_), ROOM * max(there)) * 1.15]
        scale = alt.Scale(type="log", domain=domain, nice=False)
        return scale, alt.Axis(labelExpr=PLAIN, values=log_ticks(*domain), labelOverlap="greedy"), " (log scale)"
    room = 0.04 * (max(there) - min(there)) or 1
    scale = alt.Scale(type="linear", domain=[min(there) - room, max(there) + room], nice=False)
    return scale, alt.Axis(labelExpr=PLAIN, tickCount=6), ""


def _ends(rows):
    return [row[name] for row in rows for name in ("mean", "low", "high") if row[name] is not None]


def _here(rows, where):
    return [row for row in rows if row["panel"] == where["panel"]]


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("step:Q", title=UNITS.get(row["unit"], "step"), format=",.0f"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
        alt.Tooltip("diverged:N", title="diverged later"),
    ]
