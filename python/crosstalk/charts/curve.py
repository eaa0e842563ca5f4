"""Curves over training by number of examples: full lines for training, dashed for testing; and lines across a panel, of what
has not learned and is to be beaten."""

from dataclasses import dataclass

import altair as alt

from . import theme
from .panel import (
    Panel, data, experiments_of, interval_said, layers, measured, size_colour, steps_axis, strength, unit_of, where_known,
)  # fmt: skip

SPLITS = {"train": [], "test": [5, 3]}
MARGIN = 1.32, 1.75  # how much longer than the curves a panel with names of lines is, on the page and on paper


@dataclass(frozen=True)
class Words:
    """What the curves are over, as the key on paper and the pointer say it."""

    over: str
    split: str
    step: str


def panels_of_curves(tables, look, measures, words, axis_of, around=None):
    """A panel for each experiment and measure. `axis_of(rows)`: (scale, axis, what the title adds); `around(where, y, look)`:
    layers that are drawn before the curves, and those drawn after them, which stand in a margin to the right."""
    rows = tables["curves"].records()
    sizes = look.size_key(sorted({row["nT"] for row in rows}))
    made, abreast = [], 0
    for where, name, mine in experiments_of(rows):
        there = [measure for measure in measures if any(row["measure"] == measure for row in mine)]
        abreast = max(abreast, len(there))
        for measure in there:
            here = [row for row in mine if row["measure"] == measure]
            said = measures[measure]
            chart = _panel(here, {**where, "measure": measure}, said, sizes, words, axis_of, around, look)
            title = name if look.paper else f"{name}: {said.partition(' (')[0]}"  # paper has less room
            made.append(Panel(title, chart, key=_key(sizes)))
    for panel in made:
        panel.abreast = abreast
    return made


def _key(sizes):
    return [{**entry, "dash": []} for entry in sizes] + [
        {"label": split, "colour": theme.INK, "shape": None, "dash": dash} for split, dash in SPLITS.items()
    ]


def _panel(rows, where, said, sizes, words, axis_of, around, look):
    scale, axis, added = axis_of(rows)
    title = (said + added).replace(") (", ", ")

    def y(column):
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=axis)

    before, after = around(where, y, look) if around else ([], [])
    last = max(row["step"] for row in rows) if around else None
    x = steps_axis(look, unit_of(rows[0]["kind"]), last, MARGIN[look.paper] if after else 1.0)
    hue = size_colour(look, sizes)
    base = data("curves", **where).transform_calculate(size="format(datum.nT, ',.0f')")
    scale_of_splits = alt.Scale(domain=list(SPLITS), range=list(SPLITS.values()))
    dash = alt.StrokeDash("split:N", sort=list(SPLITS), scale=scale_of_splits, legend=_legend(look, words))
    low = "datum.low > 0" if scale["type"] == "log" else "isValid(datum.low)"
    band = base.transform_filter(low).mark_area()
    band = band.encode(
        x=x,
        y=y("low"),
        y2=alt.Y2("high:Q"),
        color=hue,
        detail=alt.Detail("split:N"),
        opacity=strength(look, 0.12, "size", "split"),
    )
    return layers(
        look,
        *before,
        *where_known(rows, band),
        base.mark_line(strokeWidth=look.stroke(1.8)).encode(
            x=x, y=y("mean"), color=hue, strokeDash=dash, opacity=strength(look, 1, "size", "split")
        ),
        *measured(look, rows, 20, base.encode(x=x, y=y("mean"), color=hue, tooltip=_tooltip(said, words)), "size", "split"),
        *after,
    )  # fmt: skip


def lines_to_beat(where, styles, places, y, look):
    """(lines across the whole panel, their names in the margin that the curves do not reach). `styles`: {policy: (name, dash)};
    `places`: {policy that has a value: (policy whose line carries its name, how many lines of text above it, -1 below it)}."""
    lines, names = [], []
    for policy, (line, above) in places.items():
        words, dash = styles[policy]
        here = data("lines", **where, policy=policy)
        lines.append(here.mark_rect(color=theme.QUIET, opacity=0.1).encode(y=y("min"), y2=alt.Y2("max:Q")))
        lines.append(
            here.mark_rule(color=theme.QUIET, strokeWidth=look.stroke(1.4), strokeDash=dash).encode(
                y=y("value"), tooltip=LINE
            )
        )
        size = 7 if look.paper else 11
        text = {"text": words, "align": "right", "baseline": "top" if above < 0 else "bottom", "fontSize": size,
                "dy": 3 if above < 0 else -3 - (size + 2) * above, "color": theme.INK}  # fmt: skip
        carrier = data("lines", **where, policy=line, split="train")
        names.append(carrier.mark_text(**text).encode(x=alt.XValue("width"), y=y("value")))
    return lines, names


def values_of(lines, where):
    """{policy: value} of the lines of one panel; of a policy that differs between the splits, training's."""
    here = [line for line in lines if all(line[column] == value for column, value in where.items())]
    return {line["policy"]: line["value"] for line in sorted(here, key=lambda line: line["split"] == "train")}


def _legend(look, words):
    if not look.paper:
        return None
    return alt.Legend(title=words.over, orient="bottom", direction="horizontal", symbolType="stroke", symbolOpacity=1,
                      symbolSize=160, symbolStrokeWidth=1.4, symbolStrokeColor=theme.INK)  # fmt: skip


LINE = [
    alt.Tooltip("label:N", title="line to beat"),
    alt.Tooltip("split:N", title="over"),
    alt.Tooltip("value:Q", title="has", format=".4~g"),
    alt.Tooltip("min:Q", title="over the runs, from", format=".4~g"),
    alt.Tooltip("max:Q", title="to", format=".4~g"),
]


def _tooltip(said, words):
    return [
        alt.Tooltip("experiment:N", title="experiment"),
        alt.Tooltip("split:N", title=words.split),
        alt.Tooltip("size:N", title="training examples"),
        alt.Tooltip("step:Q", title=words.step, format=",.0f"),
        alt.Tooltip("mean:Q", title=said.partition(" (")[0], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
    ]
