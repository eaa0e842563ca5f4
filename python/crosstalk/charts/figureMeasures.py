"""Whatever runs without examples measure, over training: a panel a measure, a line a configuration."""

import altair as alt

from . import lines
from .panel import Panel, interval_said, layers, measured, steps_axis, strength, value_scale, where_known

UNITS = {"updates": "update", "steps": "environment step", "episodes": "episode"}


def panels(tables, look):
    rows = [row for row in tables["curves"].records() if row["drawn"]]
    gone = tables["lost"].records()
    key = lines.key_of([*rows, *gone], look)
    return [Panel(title, _panel(here, where, gone, key, look), key=key) for title, where, here in lines.panels_of(rows)]


def _panel(rows, where, gone, key, look):
    done = [row for row in rows if not row["diverged"]]
    scale, axis, added = value_scale(done or rows)  # what diverges may leave the panel
    title = rows[0]["label"] + added
    last = max(row["step"] for row in [*rows, *_here(gone, where)])
    x = steps_axis(look, rows[0]["unit"], last or 1)
    hue, dash = lines.colour(look, key), lines.dash(look, key)
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    base = lines.base("curves", **where, drawn=True)
    kept, ended = base.transform_filter("!datum.diverged"), base.transform_filter("datum.diverged")
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    band = kept.transform_filter(low).mark_area(clip=True)
    band = band.encode(x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=hue,
                       opacity=strength(look, 0.13, "entry"))  # fmt: skip
    line = kept.mark_line(clip=True, strokeWidth=look.stroke(1.8))
    parts = [line.encode(x=x, y=y, color=hue, strokeDash=dash, opacity=strength(look, 1, "entry"))] if done else []
    if len(done) < len(rows):
        line = ended.mark_line(clip=True, strokeWidth=look.stroke(1.8), strokeDash=lines.DIVERGED)
        parts.append(line.encode(x=x, y=y, color=hue, opacity=strength(look, 1, "entry")))
    if here := _here(gone, where):
        step = UNITS.get(here[0]["unit"], "step")
        mark = lines.base("lost", panel=where["panel"])
        tooltip = [alt.Tooltip("entry:N", title="line"), alt.Tooltip("runs:Q", title="runs that diverged"),
                   alt.Tooltip("step:Q", title=f"last measured at {step}", format=",.0f")]  # fmt: skip
        parts.append(lines.lost(mark, look, x, key, tooltip))
    marks = base.encode(x=x, y=y, color=hue, tooltip=_tooltip(rows[0]))
    return layers(look, *where_known(done, band), *parts, *measured(look, rows, 20, marks, "entry"))


def _here(gone, where):
    return [row for row in gone if row["panel"] == where["panel"]]


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("step:Q", title=UNITS.get(row["unit"], "step"), format=",.0f"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
        alt.Tooltip("diverged:N", title="diverged later"),
    ]
