"""Fig. 9: the generalisation gap against the number of training examples."""

import altair as alt

from .panel import (
    GAP, Panel, colour, dash, data, examples_axis, in_order, interval_said, is_one_of, layers, on_one_scale, shape,
    side_by_side, strength, title_of, where_known, zero_line,
)  # fmt: skip


def panels(tables, look):
    rows = tables["gaps"].records()
    named = in_order((row["panel"], row["kind"], row["gap_label"]) for row in rows)
    made = []
    for panel, kind, label in named:
        here = [row for row in rows if (row["panel"], row["kind"], row["gap_label"]) == (panel, kind, label)]
        for names, added in on_one_scale(here):
            those = [row for row in here if row["experiment"] in names]
            made.append(Panel(title_of(panel, kind) + added, _panel(those, names, panel, kind, label, look)))
    return made


def _panel(rows, names, panel, kind, label, look):
    sizes = sorted({row["nT"] for row in rows})
    counts = [row["experiment"] for row in rows]
    alone = [one for one in dict.fromkeys(counts) if counts.count(one) == 1]
    x = examples_axis(sizes)
    title = f"mean {GAP[kind]}" if kind in GAP else label
    y = alt.Y("mean:Q", title=title, axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=True, nice=True))
    base = data("gaps", panel=panel, kind=kind, gap_label=label).transform_filter(is_one_of("experiment", names))
    base = side_by_side(base, rows)
    known = base.transform_filter("isValid(datum.low)")
    blocks = [row for row in rows if row["experiment"] in alone]
    block = known.transform_filter(is_one_of("experiment", alone)).mark_rule(strokeWidth=look.stroke(14))
    whiskers = base.transform_filter("isValid(datum.runs_low)").mark_rule(strokeWidth=look.stroke(1.3))
    whiskers = whiskers.encode(
        x=x, y=alt.Y("runs_low:Q"), y2=alt.Y2("runs_high:Q"), color=colour(look), opacity=strength(look, 0.9)
    )
    band = known.mark_area().encode(
        x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q"), color=colour(look), opacity=strength(look, 0.2)
    )
    return layers(
        look,
        zero_line(),
        *where_known(rows, band),
        *where_known(
            blocks,
            block.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour(look), opacity=strength(look, 0.2)),
        ),
        *where_known(rows, whiskers, "runs_low"),
        base.mark_line(strokeWidth=look.stroke(2)).encode(
            x=x, y=y, color=colour(look), strokeDash=dash(look), opacity=strength(look, 1)
        ),
        base.mark_point(filled=True, size=look.area(62), opacity=1).encode(
            x=x, y=y, color=colour(look), shape=shape(look), opacity=strength(look, 1), tooltip=TOOLTIP
        ),
    )


TOOLTIP = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("nT:Q", title="training examples", format=",.0f"),
    alt.Tooltip("mean:Q", title="mean gap", format=".4~g"),
    *interval_said(),
    alt.Tooltip("runs_low:Q", title="90% by runs, from", format=".4~g"),
    alt.Tooltip("runs_high:Q", title="to ", format=".4~g"),
    alt.Tooltip("sd:Q", title="standard deviation", format=".4~g"),
    alt.Tooltip("n:Q", title="runs"),
    alt.Tooltip("configurations:Q", title="configurations"),
]
