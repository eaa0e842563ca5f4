"""What was measured along trajectories against the offset in steps, and beside it the transition itself, offset 0."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, strength, value_scale, where_known, zero_line


def panels(tables, look):
    rows = [row for row in tables["curves"].records() if row["mean"] is not None]
    key = lines.key_of(rows, look)
    made = []
    random = [row for row in tables["others"].records() if row["mean"] is not None]
    for title, where, here in lines.panels_of(rows):
        around, itself = ([row for row in here if (row["offset"] == 0) is apart] for apart in (False, True))
        if around:
            apart = [row for row in random if all(row[column] == value for column, value in where.items())]
            made.append(Panel(title, _around(around, apart, where, key, look), key=key))
        if itself and not itself[0]["array"].startswith("cosine"):  # which is 1 there
            made.append(Panel(f"{title}, at offset 0", _itself(itself, where, key, look), key=key))
    return made


def _around(rows, random, where, key, look):
    scale, axis, added = value_scale(rows + random)
    title = rows[0]["label"] + added
    x = alt.X("offset:Q", title="offset (steps)", scale=alt.Scale(nice=False, padding=8),
              axis=alt.Axis(grid=False, labelExpr=PLAIN))  # fmt: skip
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    hue, dash = lines.colour(look, key), lines.dash(look, key)
    base = lines.base("curves", **where).transform_filter("isValid(datum.mean) && datum.offset != 0")
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"

    def side(chart, sign):  # a line does not pass through 0, which stands apart
        return chart.transform_filter(f"{sign} * datum.offset > 0")

    def band(sign):
        area = side(base, sign).transform_filter(low).mark_area()
        return area.encode(x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=hue,
                           opacity=strength(look, 0.13, "entry"))  # fmt: skip

    def line(sign):
        stroke = side(base, sign).mark_line(strokeWidth=look.stroke(1.8))
        return stroke.encode(x=x, y=y, color=hue, strokeDash=dash, opacity=strength(look, 1, "entry"))

    bands = [mark for sign in (-1, 1) for mark in where_known(rows, band(sign))] if lines.has_bands(rows) else []
    others = lines.base("others", **where).transform_filter("isValid(datum.mean)")
    others = others.mark_rule(strokeDash=[2, 3], strokeWidth=look.stroke(1.2))
    return layers(
        look,
        *_zero(rows),
        *bands,
        *([others.encode(y=y, color=hue, opacity=strength(look, 0.9, "entry"))] if random else []),
        *(line(sign) for sign in (-1, 1)),
        base.mark_point(filled=True, size=look.area(14)).encode(
            x=x, y=y, color=hue, tooltip=_tooltip(rows[0]), opacity=strength(look, 1, "entry")
        ),
    )


def _itself(rows, where, key, look):
    scale, axis, added = value_scale(rows)
    title = rows[0]["label"] + added
    order = [entry["label"] for entry in key]  # whose names the key shows
    x = alt.X("entry:N", title="offset 0", sort=order, axis=alt.Axis(grid=False, labels=False, ticks=False))
    hue = lines.colour(look, key)
    base = lines.base("curves", **where).transform_filter("isValid(datum.mean) && datum.offset == 0")
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    reach = base.transform_filter(low).mark_rule(strokeWidth=look.stroke(1.6))
    reach = reach.encode(x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=hue)
    return layers(
        look,
        *_zero(rows),
        *where_known(rows, reach),
        base.mark_point(filled=True, size=look.area(46)).encode(
            x=x,
            y=alt.Y("mean:Q", title=title, scale=scale, axis=axis),
            color=hue,
            tooltip=_tooltip(rows[0]),
            opacity=strength(look, 1, "entry"),
        ),
    )


def _zero(rows):
    ends = [row[name] for row in rows for name in ("mean", "low", "high") if row[name] is not None]
    return [zero_line()] if min(ends) < 0 < max(ends) else []


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("offset:Q", title="offset (steps)"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("transitions:Q", title="transitions", format=","),
        alt.Tooltip("n:Q", title="runs"),
    ]
