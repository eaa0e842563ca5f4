"""Fig. 2: the generalisation gap against standardised log interference, every run, with a line an experiment."""

import altair as alt

from .panel import (
    GAP, Panel, colour, dash, data, fill, in_order, is_one_of, layers, on_one_scale, shape, strength, title_of,
    where_known,
)  # fmt: skip

STANDARDISED = {"train-train": "log mean interference (standardised)",
                "train-test": "log mean train–test interference (standardised)",
                "stiffness": "mean stiffness (standardised)",
                "function-stiffness": "mean function stiffness (standardised)"}  # fmt: skip


def panels(tables, look):
    rows = tables["points"].records()
    named = in_order((row["panel"], row["kind"]) for row in rows)
    made = []
    for panel, kind in named:
        here = [row for row in rows if (row["panel"], row["kind"]) == (panel, kind)]
        made += [Panel(title_of(panel, kind) + added, _panel(panel, kind, names, rows, tables, look), height=340)
                 for names, added in on_one_scale(here)]  # fmt: skip
    return made


def _panel(panel, kind, here, rows, tables, look):
    x = alt.X("x:Q", title=STANDARDISED[look.reading.interference], scale=alt.Scale(zero=False, nice=True),
              axis=alt.Axis(tickCount=6))  # fmt: skip
    title = GAP.get(kind, "generalisation gap")
    y = alt.Y("gap:Q", title=title, axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=True, nice=True))
    unit = next((row["capacity_unit"] for row in rows), "parameters")
    sizes = [row["capacity"] for row in rows]
    size = alt.Size("capacity:Q", scale=alt.Scale(type="log", domain=[min(sizes), max(max(sizes), 2 * min(sizes))],
                                                     range=[look.area(18), look.area(190)]),
                    legend=_size_legend(unit, sorted(set(sizes))) if look.paper else None)  # fmt: skip
    bands = data("bands").transform_filter(is_one_of("experiment", here))
    known = bands.transform_filter("isValid(datum.low)")
    points = data("points", panel=panel, kind=kind).transform_filter(is_one_of("experiment", here))
    points = points.transform_filter("isValid(datum.gap)")
    band = known.mark_area().encode(
        x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q"), color=colour(look), opacity=strength(look, 0.16)
    )
    line = bands.mark_line(strokeWidth=look.stroke(2.4)).encode(
        x=x, y=alt.Y("y:Q", title=title), color=colour(look), strokeDash=dash(look), opacity=strength(look, 1)
    )
    drawn = [row for row in tables["bands"].records() if row["experiment"] in here]
    return layers(
        look,
        *where_known(drawn, band),
        points.mark_point(filled=False, strokeWidth=look.stroke(1.3)).encode(
            x=x, y=y, color=colour(look), fill=fill(look), shape=shape(look), size=size, opacity=strength(look, 0.75),
            fillOpacity=alt.FillOpacityValue(0.5, condition={"test": "datum.learned === false", "value": 0}),
            tooltip=_tooltip(unit, kind),
        ),
        *where_known(drawn, line, "y"),
    )  # fmt: skip


def _size_legend(unit, values):
    chosen = [values[0], values[len(values) // 2], values[-1]] if len(values) > 2 else values
    return alt.Legend(title=f"capacity ({unit})", orient="bottom", direction="horizontal", values=chosen, format=".3~s")


def _tooltip(unit, kind):
    agents = kind == "windowed"
    error = "1 − reward" if agents else "error"
    beaten = "learned (beats never looking by a tenth)" if agents else "learned (beats the constant by a tenth)"
    return [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("experiment:N", title="experiment"),
        alt.Tooltip("nT:Q", title="training examples", format=",.0f"),
        alt.Tooltip("hidden:Q", title="hidden units"),
        alt.Tooltip("depth:Q", title="extra layers"),
        alt.Tooltip("capacity:Q", title=f"capacity ({unit})", format=",.0f"),
        alt.Tooltip("seed:Q", title="seed"),
        alt.Tooltip("step:Q", title="measured at step", format=",.0f"),
        alt.Tooltip("mean:Q", title="interference", format=".4~g"),
        alt.Tooltip("gap:Q", title="gap", format=".4~g"),
        alt.Tooltip("train_error:Q", title=f"train {error}", format=".4~g"),
        alt.Tooltip("test_error:Q", title=f"test {error}", format=".4~g"),
        alt.Tooltip("learned:N", title=beaten),
    ]
