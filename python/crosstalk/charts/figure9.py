"""Fig. 9: the generalisation gap against the number of training examples."""

import altair as alt

from . import theme
from .panel import KINDS, Panel, colour, dash, data, examples_axis, layers, shape, side_by_side, strength


def panels(tables, look):
    rows = tables["gaps"].records()
    labels = sorted({(row["panel"], row["kind"], row["gap_label"]) for row in rows})
    return [Panel(KINDS.get(kind, kind).capitalize(), _panel(rows, kind, label, look)) for _, kind, label in labels]


def _panel(rows, kind, label, look):
    rows = [row for row in rows if row["gap_label"] == label and row["kind"] == kind]
    sizes = sorted({row["nT"] for row in rows})
    counts = [row["experiment"] for row in rows]
    alone = [one for one in dict.fromkeys(counts) if counts.count(one) == 1]
    x = examples_axis(sizes)
    y = alt.Y("mean:Q", title=label, axis=alt.Axis(tickCount=6, format="~g"), scale=alt.Scale(zero=True, nice=True))
    quiet = colour(look).copy()
    quiet["legend"] = None
    base = side_by_side(data("gaps", kind=kind, gap_label=label), look)
    known = base.transform_filter("isValid(datum.low)")
    block = known.transform_filter(alt.FieldOneOfPredicate(field="experiment", oneOf=alone)).mark_rule(strokeWidth=14)
    whiskers = base.transform_filter("isValid(datum.runs_low)").mark_rule(strokeWidth=1.3)
    return layers(
        look,
        alt.Chart().mark_rule(color=theme.QUIET, strokeWidth=1).encode(y=alt.datum(0)),
        known.mark_area().encode(
            x=x, y=alt.Y("low:Q", title=label), y2="high:Q", color=quiet, opacity=strength(look, 0.2)
        ),
        *([block.encode(x=x, y="low:Q", y2="high:Q", color=quiet, opacity=strength(look, 0.2))] if alone else []),
        whiskers.encode(x=x, y="runs_low:Q", y2="runs_high:Q", color=quiet, opacity=strength(look, 0.9)),
        base.mark_line(strokeWidth=2).encode(
            x=x, y=y, color=colour(look), strokeDash=dash(look), opacity=strength(look, 1)
        ),
        base.mark_point(filled=True, size=62, opacity=1).encode(
            x=x, y=y, color=colour(look), shape=shape(look), opacity=strength(look, 1), tooltip=TOOLTIP
        ),
    )


TOOLTIP = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("nT:Q", title="training examples", format=",.0f"),
    alt.Tooltip("mean:Q", title="mean gap", format=".4~g"),
    alt.Tooltip("low:Q", title="90% by configurations, from", format=".4~g"),
    alt.Tooltip("high:Q", title="to", format=".4~g"),
    alt.Tooltip("runs_low:Q", title="90% by runs, from", format=".4~g"),
    alt.Tooltip("runs_high:Q", title="to ", format=".4~g"),
    alt.Tooltip("sd:Q", title="standard deviation", format=".4~g"),
    alt.Tooltip("n:Q", title="runs"),
    alt.Tooltip("configurations:Q", title="configurations"),
]
