"""Fig. D.2: mean function interference over training, a line for each number of training examples."""

import altair as alt

from .panel import (
    Panel,
    data,
    interval_said,
    layers,
    measured,
    size_colour,
    size_dash,
    steps_axis,
    strength,
    unit_of,
    value_scale,
    varying,
    where_known,
)


def panels(tables, look):
    rows = tables["curves"].records()
    key = look.size_key()
    return [Panel(title, _panel(here, where, look), key=key) for where, title, here in varying(rows, "step")]


def _panel(rows, where, look):
    entries = look.size_key()
    x = steps_axis(look, unit_of(rows[0]["kind"]))
    scale, axis, words = value_scale(rows)
    title = look.reading.quantity + words
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    base = data("curves", **where).transform_calculate(size="format(datum.nT, ',.0f')")
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    band = base.transform_filter(low).mark_area().encode(
        x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=size_colour(look, entries),
        opacity=strength(look, 0.13, "size"),
    )  # fmt: skip
    return layers(
        look,
        *where_known(rows, band),
        base.mark_line(strokeWidth=look.stroke(1.8)).encode(
            x=x, y=y, color=size_colour(look, entries), strokeDash=size_dash(look, entries),
            opacity=strength(look, 1, "size"),
        ),
        *measured(look, rows, 26, base.encode(x=x, y=y, color=size_colour(look, entries), tooltip=TOOLTIP), "size"),
    )  # fmt: skip


TOOLTIP = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("size:N", title="training examples"),
    alt.Tooltip("step:Q", title="step", format=",.0f"),
    alt.Tooltip("mean:Q", title="mean interference", format=".4~g"),
    *interval_said(),
    alt.Tooltip("geometric_mean:Q", title="geometric mean", format=".4~g"),
    alt.Tooltip("median:Q", title="median", format=".4~g"),
    alt.Tooltip("n:Q", title="runs"),
]
