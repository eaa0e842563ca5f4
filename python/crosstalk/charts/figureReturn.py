"""What agents earn over training: the mean over runs, beside it their interquartile mean on the same axis, a line a configuration, and
what a policy earns that acts at random."""

import altair as alt

from . import lines, theme
from .panel import PLAIN, Panel, data, layers, measured, steps_axis, strength, where_known

UNITS = {"updates": "update", "steps": "environment step", "episodes": "episode"}
RANDOM = [1, 3]
INTERVALS = {
    "mean": "90%, one seed or configuration left out, from",
    "interquartile mean": "90%, runs drawn again, from",
}
ROOM = 0.06  # of the axis' length, beyond what is drawn


def panels(tables, look):
    rows, beaten = tables["curves"].records(), tables["lines"].records()
    key = lines.key_of(rows, look)
    made = []
    for title, where, here in lines.panels_of(rows):
        both = [row for row in rows if (row["panel"], row["split"]) == (where["panel"], here[0]["split"])]
        line = [row for row in beaten if (row["panel"], row["split"]) == (where["panel"], here[0]["split"])]
        made.append(Panel(title, _panel(here, where, _domain(both, line), line, key, look), key=key, abreast=2))
    return made


def _domain(rows, beaten):
    values = [row[column] for row in rows for column in ("value", "low", "high") if row[column] is not None]
    values += [row[column] for row in beaten for column in ("min", "max")]
    room = ROOM * (max(values) - min(values)) or 1
    return [min(values) - room, max(values) + room]


def _panel(rows, where, domain, beaten, key, look):
    title, scale = rows[0]["axis"], alt.Scale(type="linear", domain=domain, nice=False)
    axis = alt.Axis(labelExpr=PLAIN, tickCount=6)
    last = max(row["step"] for row in rows)
    x = steps_axis(look, rows[0]["unit"], last or 1)
    hue, dash = lines.colour(look, key), lines.dash(look, key)

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    base = lines.base("curves", **where)
    band = base.transform_filter("isValid(datum.low)").mark_area()
    band = band.encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=hue, opacity=strength(look, 0.13, "entry"))
    line = base.mark_line(strokeWidth=look.stroke(1.8))
    line = line.encode(x=x, y=y("value"), color=hue, strokeDash=dash, opacity=strength(look, 1, "entry"))
    marks = base.encode(x=x, y=y("value"), color=hue, tooltip=_tooltip(rows[0]))
    bands = where_known(rows, band) if lines.has_bands(rows) else []
    random = _random(where["panel"], rows[0]["split"], y, look) if beaten else []
    return layers(look, *random, *bands, line, *measured(look, rows, 20, marks, "entry"))


def _random(panel, split, y, look):
    """A line across the panel, the spread over runs about it, and its name at the right end."""
    here = data("lines", panel=panel, split=split)
    tooltip = [alt.Tooltip("label:N", title="line to beat"), alt.Tooltip("value:Q", title="earns", format=".4~g"),
               alt.Tooltip("min:Q", title="over the runs, from", format=".4~g"), alt.Tooltip("max:Q", title="to", format=".4~g")]  # fmt: skip
    text = {"text": "random", "align": "right", "baseline": "bottom", "dy": -3, "fontSize": 7 if look.paper else 11,
            "color": theme.INK}  # fmt: skip
    return [
        here.mark_rect(color=theme.QUIET, opacity=0.1).encode(y=y("min"), y2=alt.Y2("max:Q")),
        here.mark_rule(color=theme.QUIET, strokeWidth=look.stroke(1.4), strokeDash=RANDOM).encode(
            y=y("value"), tooltip=tooltip
        ),
        here.mark_text(**text).encode(x=alt.XValue("width"), y=y("value")),
    ]


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("step:Q", title=UNITS.get(row["unit"], "step"), format=",.0f"),
        alt.Tooltip("value:Q", title=row["label"], format=".4~g"),
        alt.Tooltip("low:Q", title=INTERVALS[row["statistic"]], format=".4~g"),
        alt.Tooltip("high:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="runs"),
    ]
