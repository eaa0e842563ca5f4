"""Two studies run by run: the difference B - A of every pair, and its mean with a 90% interval, a panel a measure. An
experiment has a line of its own with its name, and so no colour: it is two experiments of the report, one of each study."""

import textwrap

import altair as alt

from . import theme
from .panel import PLAIN, Panel, array, data, interval_said, layers, literal

LETTERS = 22  # of a name that stands in one line
MEASURES = {
    "gap": "generalisation gap",
    "train_error": "train error",
    "test_error": "test error",
    "log_interference": "log interference, train–train",
    "log_interference_train_test": "log interference, train–test",
    "stiffness": "stiffness (cosine)",
    "function_stiffness": "function stiffness (cosine)",
    "r": "r of log interference and gap",
    "r_given_examples": "the same r, given the number of examples",
}


def panels(tables, look):
    rows = tables["differences"].records()
    named = [name for name in MEASURES if any(row["measure"] == name for row in rows)]
    named += sorted({row["measure"] for row in rows} - set(named))
    count = len({row["experiment"] for row in rows})
    names = sorted({row["experiment"] for row in rows})
    return [
        Panel(MEASURES.get(name, name), _panel(name, names, look), height=70 + 46 * count, abreast=2) for name in named
    ]


def _in_lines(names):
    """A label's text as an expression of Vega's: long names in several lines, for cut they would be alike."""
    said = "datum.label"
    for name in names:
        lines = textwrap.wrap(name, LETTERS, break_on_hyphens=False)
        if len(lines) > 1:
            said = f"datum.label == {literal(name)} ? {array(lines)} : {said}"
    return said


def _panel(name, names, look):
    raised = {
        "condition": {"test": f"length(datum.value) > {LETTERS}", "value": -0.6 * (9 if look.paper else 11)},
        "value": 0,
    }
    axis = alt.Axis(
        labelLimit=150, labelExpr=_in_lines(names), labelOffset=raised, labelOverlap=False, ticks=False, domain=False
    )
    y = alt.Y("experiment:N", title=None, axis=axis)
    title = "difference B − A"
    x = alt.X(
        "difference:Q", title=title, scale=alt.Scale(zero=True, nice=True), axis=alt.Axis(tickCount=5, labelExpr=PLAIN)
    )
    pairs = data("pairs", measure=name)
    means = data("differences", measure=name)
    known = means.transform_filter("isValid(datum.low)")
    return layers(
        look,
        alt.Chart(alt.sequence(1)).mark_rule(color=theme.QUIET, strokeWidth=1).encode(x=alt.XDatum(0)),
        pairs.mark_tick(color=theme.QUIET, opacity=0.45, thickness=look.stroke(1.2), size=look.area(22)).encode(
            x=x, y=y, tooltip=PAIR
        ),
        known.mark_rule(color=theme.INK, strokeWidth=look.stroke(4)).encode(
            x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"), y=y
        ),
        means.mark_point(
            filled=True, color=theme.INK, size=look.area(110), stroke=theme.GROUND, strokeWidth=1, opacity=1
        ).encode(x=x, y=y, tooltip=MEAN),
    )


PAIR = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("run_a:N", title="run of A"),
    alt.Tooltip("run_b:N", title="run of B"),
    alt.Tooltip("seed:Q", title="seed"),
    alt.Tooltip("a:Q", title="A", format=".4~g"),
    alt.Tooltip("b:Q", title="B", format=".4~g"),
    alt.Tooltip("difference:Q", title="B − A", format=".4~g"),
]
MEAN = [
    alt.Tooltip("experiment:N", title="experiment"),
    alt.Tooltip("difference:Q", title="mean of B − A", format=".4~g"),
    *interval_said(),
    alt.Tooltip("n:Q", title="pairs"),
    alt.Tooltip("configurations:Q", title="configurations"),
]
