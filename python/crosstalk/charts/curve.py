"""Curves over training by number of examples, what agents' figures share: full lines for training, dashed for testing."""

import altair as alt

from . import theme
from .panel import Panel, data, experiments_of, layers, measured, size_colour, steps_axis, strength, where_known

SPLITS = {"train": [], "test": [5, 3]}


def panels_of_curves(tables, look, measures, axis_of, around=None):
    """A panel for each experiment and measure. `axis_of(rows)`: (scale, axis, what the title adds); `around(name, measure,
    y, look)`: layers that are drawn before the curves, and those drawn after them, which stand in a margin to the right."""
    rows = tables["curves"].records()
    sizes = look.size_key(sorted({row["nT"] for row in rows}))
    made = []
    for name, _ in experiments_of(rows, look):
        for measure, words in measures.items():
            here = [row for row in rows if row["experiment"] == name and row["measure"] == measure]
            if here:
                chart = _panel(here, words, sizes, axis_of, around, look)
                title = name if look.paper else f"{name}: {words.partition(' (')[0]}"  # paper has less room
                made.append(Panel(title, chart, key=_key(sizes), abreast=len(measures)))
    return made


def _key(sizes):
    return [{**entry, "dash": []} for entry in sizes] + [
        {"label": split, "colour": theme.INK, "shape": None, "dash": dash} for split, dash in SPLITS.items()
    ]


def _panel(rows, words, sizes, axis_of, around, look):
    name, measure = rows[0]["experiment"], rows[0]["measure"]
    last = max(row["step"] for row in rows) if around else None
    x, (scale, axis, added) = steps_axis(look, rows[0]["kind"], last, 1.75 if look.paper else 1.32), axis_of(rows)
    title = (words + added).replace(") (", ", ")

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    before, after = around(name, measure, y, look) if around else ([], [])
    hue = size_colour(look, sizes)
    base = data("curves", experiment=name, measure=measure).transform_calculate(size="format(datum.nT, ',.0f')")
    scale_of_splits = alt.Scale(domain=list(SPLITS), range=list(SPLITS.values()))
    dash = alt.StrokeDash("split:N", sort=list(SPLITS), scale=scale_of_splits, legend=_legend(look))
    band = base.transform_filter("isValid(datum.low)").mark_area()
    band = band.encode(
        x=x, y=y("low"), y2="high:Q", color=hue, detail="split:N", opacity=strength(look, 0.12, "size", "split")
    )
    return layers(
        look,
        *before,
        *where_known(rows, band),
        base.mark_line(strokeWidth=look.stroke(1.8)).encode(
            x=x, y=y("mean"), color=hue, strokeDash=dash, opacity=strength(look, 1, "size", "split")
        ),
        *measured(look, rows, 20, base.encode(x=x, y=y("mean"), color=hue, tooltip=_tooltip(words)), "size", "split"),
        *after,
    )  # fmt: skip


def _legend(look):
    if not look.paper:
        return None
    return alt.Legend(title="episodes over", orient="bottom", direction="horizontal", symbolType="stroke", symbolOpacity=1,
                      symbolSize=160, symbolStrokeWidth=1.4, symbolStrokeColor=theme.INK)  # fmt: skip


def _tooltip(words):
    return [
        alt.Tooltip("experiment:N", title="experiment"),
        alt.Tooltip("split:N", title="images of"),
        alt.Tooltip("size:N", title="training examples"),
        alt.Tooltip("step:Q", title="environment steps", format=",.0f"),
        alt.Tooltip("mean:Q", title=words.partition(" (")[0], format=".4~g"),
        alt.Tooltip("low:Q", title="90% by configurations, from", format=".4~g"),
        alt.Tooltip("high:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="runs"),
    ]
