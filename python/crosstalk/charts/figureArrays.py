"""Arrays of one dimension as curves over their axis: numbers where its places have numbers, else their names in order."""

import altair as alt

from . import lines
from .panel import PLAIN, Panel, interval_said, layers, strength, value_scale, where_known, zero_line

MOST_LETTERS = 50  # of all names together, side by side along an axis
MOST_NAMES = 20  # that are all written; of more, as many as have room


def panels(tables, look):
    rows = [row for row in tables["curves"].records() if row["mean"] is not None]
    key = lines.key_of(rows, look)
    return [Panel(title, _panel(here, where, key, look), key=key) for title, where, here in lines.panels_of(rows)]


# Of values in descending order, along an axis "unit", what is less than this share of the largest is rounding.
ROUNDING = 1e-6


def _panel(rows, where, key, look):
    largest = max(row["mean"] for row in rows)
    least = ROUNDING * largest if rows[0]["axis"] == "unit" and largest > 0 else None
    if least is not None:
        rows = [
            {**row, "low": row["low"] if (row["low"] or 0) > least else None} for row in rows if row["mean"] > least
        ]
    scale, axis, added = value_scale(rows)
    title = rows[0]["label"] + added
    x = _x(rows)
    hue, dash = lines.colour(look, key), lines.dash(look, key)
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    base = lines.base("curves", **where).transform_filter(
        "isValid(datum.mean)" if least is None else f"datum.mean > {least!r}"
    )
    low = f"datum.low > {least or 0!r}" if scale["type"] == "log" else "isValid(datum.low)"
    band = base.transform_filter(low).mark_area()
    band = band.encode(x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=hue,
                       opacity=strength(look, 0.13, "entry"))  # fmt: skip
    named = any(row["name"] is not None for row in rows)
    if named:  # there is nothing between two names
        band = base.transform_filter(low).mark_rule(strokeWidth=look.stroke(1.6)).encode(
            x=x, y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2=alt.Y2("high:Q"), color=hue,
            opacity=strength(look, 0.7, "entry"),
        )  # fmt: skip
    line = base.mark_line(strokeWidth=look.stroke(1.8)).encode(
        x=x, y=y, color=hue, strokeDash=dash, opacity=strength(look, 1, "entry")
    )
    ends = [row[name] for row in rows for name in ("mean", "low", "high") if row[name] is not None]
    return layers(
        look,
        *([zero_line()] if min(ends) < 0 < max(ends) else []),
        *(where_known(rows, band) if named or lines.has_bands(rows) else []),
        *([] if named else [line]),
        base.mark_point(filled=True, size=look.area(30)).encode(
            x=x, y=y, color=hue, tooltip=_tooltip(rows[0]), opacity=strength(look, 1, "entry")
        ),
    )


def _x(rows):
    title = rows[0]["axis"] or "place"
    if any(row["name"] is not None for row in rows):
        places = sorted({(row["place"], row["name"]) for row in rows})
        names = [name for _, name in places]
        angle = 0 if sum(map(len, names)) <= MOST_LETTERS else -60
        overlap = False if len(names) <= MOST_NAMES else "parity"
        axis = alt.Axis(grid=False, labelAngle=angle, labelOverlap=overlap)
        return alt.X("name:N", title=title, sort=names, axis=axis)
    return alt.X(
        "place:Q", title=title, scale=alt.Scale(nice=False, padding=8), axis=alt.Axis(grid=False, labelExpr=PLAIN)
    )


def _tooltip(row):
    place = "name:N" if row["name"] is not None else "place:Q"
    return [
        alt.Tooltip("entry:N", title="line"),
        alt.Tooltip(place, title=row["axis"] or "place"),
        alt.Tooltip("mean:Q", title=row["label"], format=".4~g"),
        *interval_said(),
        alt.Tooltip("n:Q", title="runs"),
    ]
