"""Fig. 7: reward and function interference against the sign variance of the TD error, a mark a configuration, on one horizontal axis."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, strength, value_scale, where_known

ROOM = 0.05  # of the axis' length, beyond what is drawn


def panels(tables, look):
    rows = [{**row, "experiment": row["panel"]} for row in tables["points"].records()]
    key = [{**entry, "shape": "circle"} for entry in lines.key_of(rows, look)]
    made = []
    for title, where, here in lines.panels_of(rows):
        reach = _domain([row for row in rows if row["panel"] == where["panel"]])
        made.append(Panel(title, _panel(here, where, reach, key, look), key=key if len(key) > 1 else [], abreast=2))
    return made


def _domain(rows):
    """Of the signs, on both panels."""
    ends = [row[name] for row in rows for name in ("variance", "variance_low", "variance_high") if row[name] is not None]
    room = ROOM * (max(ends) - min(ends)) or 0.1
    return [min(ends) - room, max(ends) + room]


def _panel(rows, where, domain, key, look):
    scale, axis, added = value_scale(rows)
    title = rows[0]["axis"] + added

    def x(column="variance"):
        along = alt.Scale(type="linear", domain=domain, nice=False)
        ticks = alt.Axis(labelExpr=PLAIN, tickCount=5, grid=False)
        return alt.X(f"{column}:Q", title="sign variance of the TD error", scale=along, axis=ticks)

    def y(column="mean"):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    hue = lines.colour(look, key)
    names = [entry["label"] for entry in key]
    inside = alt.Fill("entry:N", scale=alt.Scale(domain=names, range=[entry["colour"] for entry in key]), legend=None)
    base = lines.base("points", **where)
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    thin = {"color": hue, "opacity": strength(look, 0.5, "entry")}
    upright = base.transform_filter(low).mark_rule(strokeWidth=look.stroke(1))
    upright = upright.encode(x=x(), y=y("low"), y2=alt.Y2("high:Q"), **thin)
    level = base.transform_filter("isValid(datum.variance_low)").mark_rule(strokeWidth=look.stroke(1))
    level = level.encode(x=x("variance_low"), x2=alt.X2("variance_high:Q"), y=y(), **thin)
    joined = base.mark_line(strokeWidth=look.stroke(1), strokeDash=[3, 3])
    joined = joined.encode(x=x(), y=y(), order=alt.Order("size:Q"), **thin)
    marks = base.mark_point(filled=False, strokeWidth=look.stroke(1.6)).encode(
        x=x(), y=y(), color=hue, fill=inside, size=_size(rows, look), opacity=strength(look, 0.85, "entry"),
        fillOpacity=alt.FillOpacityValue(0.6, condition={"test": "datum.diverged > 0", "value": 0}), tooltip=_tooltip(rows[0]),
    )  # fmt: skip
    several = rows[0]["size_key"] and any(row["size"] is not None for row in rows)
    return layers(look, *where_known(rows, upright), *where_known(rows, level, "variance_low"), *([joined] if several else []), marks)


def _size(rows, look):
    """By the second swept number, on a logarithmic scale where it can be."""
    values = sorted({row["size"] for row in rows if row["size"] is not None})
    if len(values) < 2:
        return alt.SizeValue(look.area(70))
    scale = alt.Scale(type="log" if values[0] > 0 else "linear", domain=[values[0], values[-1]], range=[look.area(30), look.area(240)])
    legend = alt.Legend(title=rows[0]["size_key"], orient="bottom", direction="horizontal", values=values)
    return alt.Size("size:Q", scale=scale, legend=legend if look.paper else None)


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        *([alt.Tooltip("size:Q", title=row["size_key"])] if row["size_key"] else []),
        alt.Tooltip("variance:Q", title="sign variance", format=".4~g"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
        alt.Tooltip("diverged:Q", title="runs that diverged"),
    ]
