"""Curves over training by number of examples, what agents' figures share: full lines for training, dashed for testing."""

import altair as alt

from . import theme
from .panel import Panel, data, experiments_of, layers, size_colour, steps_axis, strength, where_known

SPLITS = {"train": [], "test": [5, 3]}


def panels_of_curves(tables, look, measures, axis_of, under=lambda *_: []):
    """A panel for each experiment and measure. `axis_of(rows)`: (scale, axis, what the title adds); `under(name, measure,
    y, look)`: layers that are drawn first."""
    rows = tables["curves"].records()
    made = []
    experiments = experiments_of(rows, look)
    for name, _ in experiments:
        for measure, words in measures.items():
            here = [row for row in rows if row["experiment"] == name and row["measure"] == measure]
            if here:
                what = words.partition(" (")[0]
                title = what if len(experiments) == 1 else f"{name}: {what}"  # wide titles would make narrow panels
                made.append(Panel(title, _panel(here, words, axis_of, under, look), key=key(look)))
    return made


def key(look):
    sizes = [{**entry, "dash": []} for entry in look.size_key()]
    return sizes + [{"label": split, "colour": theme.INK, "shape": None, "dash": dash} for split, dash in SPLITS.items()]


def _panel(rows, words, axis_of, under, look):
    name, measure = rows[0]["experiment"], rows[0]["measure"]
    x, (scale, axis, added) = steps_axis(rows[0]["kind"]), axis_of(rows)
    title = words + added

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    hue = size_colour(look, look.size_key())
    base = data("curves", experiment=name, measure=measure).transform_calculate(size="format(datum.nT, ',.0f')")
    dash = alt.StrokeDash("split:N", sort=list(SPLITS), scale=alt.Scale(domain=list(SPLITS), range=list(SPLITS.values())),
                          legend=_legend(look))  # fmt: skip
    band = base.transform_filter("isValid(datum.low)").mark_area().encode(
        x=x, y=y("low"), y2="high:Q", color=hue, detail="split:N", opacity=strength(look, 0.12, "size", "split")
    )  # fmt: skip
    return layers(
        look,
        *under(name, measure, y, look),
        *where_known(rows, band),
        base.mark_line(strokeWidth=look.stroke(1.8)).encode(
            x=x, y=y("mean"), color=hue, strokeDash=dash, opacity=strength(look, 1, "size", "split")
        ),
        base.mark_point(filled=True, size=look.area(20), opacity=1).encode(
            x=x, y=y("mean"), color=hue, opacity=strength(look, 1, "size", "split"), tooltip=_tooltip(words)
        ),
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
