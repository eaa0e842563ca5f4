"""Lines of runs without examples: what tells them apart, and the one scale of colours and dashes that all panels of a figure
share. A line is a series of the report, with its colour there, or one configuration of a series, on a ramp."""

import altair as alt

from . import theme
from .panel import data, is_one_of

DIVERGED = [1, 3]
MOST_BANDS = 6
CROSS = "M-1,-1L1,1M-1,1L1,-1"  # where a run was lost


def name_of(row):
    return row["line"] or row.get("experiment") or row["panel"]


def key_of(rows, look):
    """Entries of the figure's key: series as the report has them, then lines with a number, few to many, and other lines."""
    series = [name for name in look.experiments if any(not row["line"] and name_of(row) == name for row in rows)]
    entries = [{"label": name, **theme.style(look.experiments.index(name)), "shape": None} for name in series]
    named = {name_of(row): row["number"] for row in rows if row["line"]}
    numbered = sorted((name for name in named if named[name] is not None), key=named.get)
    dashes = theme.RAMP_DASHES
    entries += [{"label": name, "colour": colour, "shape": None, "dash": dashes[i % len(dashes)]}
                for i, (name, colour) in enumerate(zip(numbered, theme.ramp(len(numbered)), strict=True))]  # fmt: skip
    others = sorted(name for name in named if named[name] is None)
    entries += [{"label": name, **theme.style(i), "shape": None} for i, name in enumerate(others, len(series))]
    alone = {name_of(row) for row in rows} - {entry["label"] for entry in entries}
    return entries + [
        {"label": name, "colour": theme.INK, "shape": None, "dash": []} for name in sorted(alone)
    ]  # a figure's one line


def panels_of(rows):
    """[(title, where, rows)] in the order of the table: a panel of a measure each. `where`: as `data` takes it."""
    made = {}
    for row in rows:
        made.setdefault((row["panel"], row["label"]), []).append(row)
    return [(f"{panel}: {label}", {"panel": panel, "label": label}, here) for (panel, label), here in made.items()]


def base(table, **where):
    """The rows with `entry`: what the key calls their line."""
    entry = "datum.line ? datum.line : isValid(datum.experiment) ? datum.experiment : datum.panel"
    return data(table, **where).transform_calculate(entry=entry)


def _legend(look, entries):
    if not look.paper or len(entries) < 2:
        return None
    return alt.Legend(title=None, orient="bottom", direction="horizontal", symbolType="stroke", symbolOpacity=1,
                      symbolSize=160, symbolStrokeWidth=1.4)  # fmt: skip


def colour(look, entries):
    names = [entry["label"] for entry in entries]
    scale = alt.Scale(domain=names, range=[entry["colour"] for entry in entries])
    return alt.Color("entry:N", sort=names, legend=_legend(look, entries), scale=scale)


def dash(look, entries):
    names = [entry["label"] for entry in entries]
    scale = alt.Scale(domain=names, range=[entry["dash"] for entry in entries])
    return alt.StrokeDash("entry:N", sort=names, legend=_legend(look, entries), scale=scale)


def lost(chart, look, x, entries, names, tooltip):
    """Crosses at the panel's upper edge for runs that diverged, those of each line a little lower than the last one's."""
    order = [entry["label"] for entry in entries if entry["label"] in names]
    step = 6 if look.paper else 9
    for at, name in enumerate(order):
        mark = chart.transform_filter(is_one_of("entry", [name]))
        mark = mark.mark_point(shape=CROSS, filled=False, size=look.area(46), strokeWidth=look.stroke(1.8))
        yield mark.encode(x=x, y=alt.YValue(step * (at + 0.7)), color=colour(look, entries), tooltip=tooltip)


def seen(chart, scale, *columns):
    """The columns as `seen_COLUMN`, what lies beyond the axis drawn near to it: a line leaves the panel all the same, and what
    diverges has values for which a picture has no coordinates."""
    domain = scale.to_dict().get("domain")
    for name in columns:
        value = f"datum.{name}"
        if domain:
            low, high = domain
            room = (high / low, 0) if scale.to_dict()["type"] == "log" else (1, high - low)
            value = f"isValid({value}) ? clamp({value}, {low / room[0] - room[1]}, {high * room[0] + room[1]}) : null"
        chart = chart.transform_calculate(**{f"seen_{name}": value})
    return chart


def has_bands(rows):
    """More bands than these hide each other, and the lines."""
    return len({name_of(row) for row in rows}) <= MOST_BANDS
