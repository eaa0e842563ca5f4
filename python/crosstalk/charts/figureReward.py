"""Reward, accuracy and first guess over environment steps, with the two lines to beat."""

import altair as alt

from . import curve, theme
from .panel import data

MEASURES = {"reward": "reward (of an episode)", "accuracy": "accuracy (share of episodes)",
            "first_guess": "first guess (share of episodes)"}  # fmt: skip
DASHES = {"random": [1, 3], "blind": [7, 3]}


def panels(tables, look):
    lines = tables["lines"].records()
    return curve.panels_of_curves(tables, look, MEASURES, lambda rows: _axis(rows, lines), _lines_to_beat)


def _axis(rows, lines):
    """All shares from 0 to 1; rewards as far down as they go. 1 is the best there is."""
    name, measure = rows[0]["experiment"], rows[0]["measure"]
    here = [line["value"] for line in lines if line["experiment"] == name and line["measure"] == measure]
    lowest = min([0, *here, *(row[column] for row in rows for column in ("mean", "low") if row[column] is not None)])
    return alt.Scale(domain=[lowest, 1], nice=True), alt.Axis(format=".1f", tickCount=6), ""


def _lines_to_beat(name, measure, y, look):
    made = []
    for policy, dash in DASHES.items():
        here = data("lines", experiment=name, measure=measure, policy=policy)
        made.append(here.mark_rect(color=theme.QUIET, opacity=0.1).encode(y=y("min"), y2="max:Q"))
        made.append(here.mark_rule(color=theme.QUIET, strokeWidth=look.stroke(1.4), strokeDash=dash).encode(y=y("value"), tooltip=TOOLTIP))
        once = here.transform_filter(alt.FieldEqualPredicate(field="split", equal="train"))
        # Names stand below their lines, out of the title's way; above, where both policies earn nearly the same.
        above = measure == "first_guess" and policy == "blind"
        text = {"align": "right", "baseline": "bottom" if above else "top", "dx": -3, "dy": -4 if above else 4,
                "fontSize": 7 if look.paper else 11}  # fmt: skip
        made.append(once.mark_text(**text, color=theme.INK).encode(x=alt.value("width"), y=y("value"), text="label:N"))
    return made


TOOLTIP = [
    alt.Tooltip("label:N", title="line to beat"),
    alt.Tooltip("split:N", title="images of"),
    alt.Tooltip("value:Q", title="earns", format=".4~g"),
    alt.Tooltip("min:Q", title="over the runs, from", format=".4~g"),
    alt.Tooltip("max:Q", title="to", format=".4~g"),
]
