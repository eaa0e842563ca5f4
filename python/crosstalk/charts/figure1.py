"""Fig. 1: r between log interference and the generalisation gap against the number of training examples."""

import altair as alt

from . import theme
from .panel import (
    Panel, colour, dash, data, examples_axis, in_order, interval_said, is_one_of, layers, panel_name, shape,
    side_by_side, strength, where_known, zero_line,
)  # fmt: skip


def panels(tables, look):
    rows = tables["correlations"].records()
    known = [row for row in rows if row["r"] is not None]
    if look.paper and not known:
        return []  # empty axes are no figure of a paper; on the page its words say why there is no r
    rows = known or rows  # a panel without any r would be empty
    named = in_order((row["panel"],) for row in rows)
    look = look.only(rows)
    return [Panel(panel_name(name), _panel(rows, name, look)) for (name,) in named]


def _panel(rows, name, look):
    rows = [row for row in rows if row["panel"] == name and row["r"] is not None]
    sizes = sorted({row["nT"] for row in rows})
    counts = [row["experiment"] for row in rows]
    alone = [one for one in dict.fromkeys(counts) if counts.count(one) == 1]
    x = examples_axis(sizes)
    y = alt.Y("r:Q", title="Pearson’s r", scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(tickCount=5, format=".1f"))
    base = side_by_side(data("correlations", panel=name), rows).transform_filter("isValid(datum.r)")
    known = base.transform_filter("isValid(datum.low)")
    hue = colour(look)
    weak = alt.Chart(alt.sequence(1)).mark_rule(color=theme.QUIET, strokeWidth=look.stroke(0.7), strokeDash=[2, 3])
    band = known.mark_area(line=False).encode(
        x=x, y=alt.Y("low:Q", title="Pearson’s r"), y2=alt.Y2("high:Q"), color=hue, opacity=strength(look, 0.2)
    )
    blocks = [row for row in rows if row["experiment"] in alone]
    block = known.transform_filter(is_one_of("experiment", alone)).mark_rule(strokeWidth=look.stroke(14))
    whiskers = base.transform_filter("isValid(datum.runs_low)").mark_rule(strokeWidth=look.stroke(1.3))
    whiskers = whiskers.encode(
        x=x, y=alt.Y("runs_low:Q"), y2=alt.Y2("runs_high:Q"), color=hue, opacity=strength(look, 0.9)
    )
    line = base.mark_line(strokeWidth=look.stroke(2))
    point = base.mark_point(filled=True, size=look.area(62), opacity=1)
    return layers(
        look,
        zero_line(),
        weak.encode(y=alt.YDatum(0.3)),
        weak.encode(y=alt.YDatum(-0.3)),
        *where_known(rows, band),
        *where_known(
            blocks, block.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=hue, opacity=strength(look, 0.2))
        ),
        *where_known(rows, whiskers, "runs_low"),
        line.encode(x=x, y=y, color=hue, strokeDash=dash(look), opacity=strength(look, 1)),
        point.encode(x=x, y=y, color=hue, shape=shape(look), opacity=strength(look, 1), tooltip=TOOLTIP),
    )


TOOLTIP = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("nT:Q", title="training examples", format=",.0f"),
    alt.Tooltip("r:Q", title="r", format=".3f"),
    *interval_said(".3f"),
    alt.Tooltip("runs_low:Q", title="90% by runs, from", format=".3f"),
    alt.Tooltip("runs_high:Q", title="to ", format=".3f"),
    alt.Tooltip("n:Q", title="runs"),
    alt.Tooltip("configurations:Q", title="configurations"),
    alt.Tooltip("network_r:Q", title="r given the network", format=".3f"),
]
