"""Reward, accuracy and first guess over environment steps, with the two lines to beat."""

import altair as alt

from . import curve, theme
from .panel import data

MEASURES = {"reward": "reward", "accuracy": "accuracy (share of episodes)",
            "first_guess": "first guess (share of episodes)"}  # fmt: skip
POLICIES = {"random": ("random", [1, 3]), "blind": ("never looks", [7, 3])}  # name on the line, dash
TOP = 1.14  # of the axes: room for a name above 1


def panels(tables, look):
    lines = tables["lines"].records()
    return curve.panels_of_curves(tables, look, MEASURES, lambda rows: _axis(rows, lines),
                                  lambda *panel: _lines_to_beat(lines, *panel))  # fmt: skip


def _axis(rows, lines):
    """Shares from 0 to 1; rewards as far down as they go. 1 is the best there is."""
    name, measure = rows[0]["experiment"], rows[0]["measure"]
    here = [line["value"] for line in lines if line["experiment"] == name and line["measure"] == measure]
    lowest = min([0, *here, *(row[column] for row in rows for column in ("mean", "low") if row[column] is not None)])
    return alt.Scale(domain=[lowest, TOP], nice=False), alt.Axis(format=".1f", tickCount=6), ""


def _places(values, lowest, look):
    """Where each line's name stands: (policy whose line carries it, how many lines of text above that line, -1 below it). The
    upper line's name is above it and the lower line's below, or above too where the axis leaves no room below; and where the
    upper line is then in the way, both names are above that."""
    lower, upper = sorted(values, key=values.get) if len(values) == 2 else (*values, *values)
    room = (TOP - lowest) * (0.16 if look.paper else 0.08)  # what a name takes
    if values[lower] - lowest > room:
        return {lower: (lower, -1), upper: (upper, 0)}
    near = values[upper] - values[lower] < room
    return {lower: (upper if near else lower, 0), upper: (upper, int(near and upper != lower))}


def _lines_to_beat(rows, name, measure, y, look):
    """The lines across the whole panel, and their names in the margin that the curves do not reach."""
    lines, names = [], []
    values = {row["policy"]: row["value"] for row in rows if (row["experiment"], row["measure"]) == (name, measure)}
    places = _places(values, y("value")["scale"]["domain"][0], look) if values else {}
    for policy, (words, dash) in POLICIES.items():
        if policy not in values:
            continue
        here = data("lines", experiment=name, measure=measure, policy=policy)
        lines.append(here.mark_rect(color=theme.QUIET, opacity=0.1).encode(y=y("min"), y2="max:Q"))
        lines.append(
            here.mark_rule(color=theme.QUIET, strokeWidth=look.stroke(1.4), strokeDash=dash).encode(
                y=y("value"), tooltip=TOOLTIP
            )
        )
        line, above = places[policy]
        size = 7 if look.paper else 11
        text = {"text": words, "align": "right", "baseline": "top" if above < 0 else "bottom", "fontSize": size,
                "dy": 3 if above < 0 else -3 - (size + 2) * above, "color": theme.INK}  # fmt: skip
        carrier = data("lines", experiment=name, measure=measure, policy=line, split="train")
        names.append(carrier.mark_text(**text).encode(x=alt.value("width"), y=y("value")))
    return lines, names


TOOLTIP = [
    alt.Tooltip("label:N", title="line to beat"),
    alt.Tooltip("split:N", title="images of"),
    alt.Tooltip("value:Q", title="earns", format=".4~g"),
    alt.Tooltip("min:Q", title="over the runs, from", format=".4~g"),
    alt.Tooltip("max:Q", title="to", format=".4~g"),
]
