"""Reward, accuracy and first guess over environment steps, with the two lines to beat."""

import altair as alt

from . import curve

MEASURES = {"reward": "reward", "accuracy": "accuracy (share of episodes)",
            "first_guess": "first guess (share of episodes)"}  # fmt: skip
POLICIES = {"random": ("random", [1, 3]), "blind": ("never looks", [7, 3])}  # name on the line, dash
EPISODES = curve.Words("episodes over", "images of", "environment steps")
TOP = 1.14  # of the axes: room for a name above 1


def panels(tables, look):
    lines = tables["lines"].records()

    def around(where, y, look):
        values = curve.values_of(lines, where)
        places = _places(values, y("value")["scale"]["domain"][0], look) if values else {}
        return curve.lines_to_beat(where, POLICIES, places, y, look)

    return curve.panels_of_curves(tables, look, MEASURES, EPISODES, lambda rows: _axis(rows, lines, look), around)


def _axis(rows, lines, look):
    """Shares from 0 to 1; rewards as far down as they go. 1 is the best there is."""
    name, measure = rows[0]["experiment"], rows[0]["measure"]
    here = [line["value"] for line in lines if line["experiment"] == name and line["measure"] == measure]
    lowest = min([0, *here, *(row[column] for row in rows for column in ("mean", "low") if row[column] is not None)])
    return (
        alt.Scale(type="linear", domain=[lowest, TOP], nice=False),
        alt.Axis(format=".1f", tickCount=3 if look.paper else 6),
        "",
    )


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
