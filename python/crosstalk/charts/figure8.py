"""Fig. 8: the three terms of interference's derivative over training, the means of the pairs above 0 and below 0 and of all."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, steps_axis, strength, where_known, zero_line

ALL = "mean"
DASH, FAINT = [4, 3], 0.55
LINEAR = 0.02  # of the largest size on a panel: nearer to 0 the axis is linear


def panels(tables, look):
    rows = tables["curves"].records()
    key = lines.key_of(rows, look)
    made = []
    for title, where, here in lines.panels_of(rows):
        term = here[0]["term"]
        made.append(Panel(f"{title} ({term})", _panel(here, where, term, key, look), key=key, abreast=3))
    return made


def _panel(rows, where, term, key, look):
    ends = [abs(row[name]) for row in rows for name in ("mean", "low", "high") if row[name] is not None]
    scale = alt.Scale(type="symlog", constant=LINEAR * max(ends) or 1, nice=True)
    title = f"{term} (linear near 0, then log scale)"
    axis = alt.Axis(labelExpr=PLAIN, tickCount=7)
    x = steps_axis(look, rows[0]["unit"], max(row["step"] for row in rows) or 1)
    hue = lines.colour(look, key)

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    base = lines.base("curves", **where)

    def curves(whole):
        stroke = base.transform_filter(f"{'' if whole else '!'}(datum.statistic === '{ALL}')")
        dash = {"strokeDash": DASH} if whole else {}
        stroke = stroke.mark_line(strokeWidth=look.stroke(1.8), **dash)
        return stroke.encode(x=x, y=y("mean"), color=hue, detail=alt.Detail("statistic:N"),
                             opacity=strength(look, FAINT if whole else 1, "entry"))  # fmt: skip

    band = base.transform_filter("isValid(datum.low)").mark_area()
    band = band.encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=hue, detail=alt.Detail("statistic:N"),
                       opacity=strength(look, 0.1, "entry"))  # fmt: skip
    points = base.mark_point(filled=True, size=look.area(16))
    points = points.encode(x=x, y=y("mean"), color=hue, tooltip=_tooltip(rows[0]), opacity=strength(look, 0.8, "entry"))
    bands = where_known(rows, band) if lines.has_bands(rows) else []
    return layers(look, zero_line(), *bands, curves(True), curves(False), points)


def _tooltip(row):
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip("step:Q", title="update", format=",.0f"),
        alt.Tooltip("statistic:N", title="over the pairs"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
    ]
