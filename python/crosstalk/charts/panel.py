"""What a figure's module returns: panels, and the marks' key where it is not the experiments'. The page draws each panel
alone, as wide as it has room; a paper file sets them side by side."""

import json
import math
from dataclasses import dataclass, field, replace

import altair as alt

from . import theme


@dataclass(frozen=True)
class Look:
    """For whom a chart is drawn, and what it shares with the other charts of its report."""

    experiments: tuple  # all of the report's, in order: an experiment has one colour throughout
    sizes: tuple  # all numbers of examples, ascending
    reading: theme.Reading = theme.Reading()
    paper: bool = False
    drawn: tuple | None = None  # the experiments that this chart draws, where it is not all of them

    def only(self, rows):
        """The same for a chart of these rows alone: a key on paper names no other experiment."""
        there = {row["experiment"] for row in rows}
        return replace(self, drawn=tuple(name for name in self.experiments if name in there))

    def area(self, size):
        """A mark's area: paper is looked at from near."""
        return size * 0.45 if self.paper else size

    def stroke(self, width):
        return width * 0.7 if self.paper else width

    def key(self):
        """Entries of the experiments' key: what the page shows once for all charts."""
        return [{"label": name, **theme.style(i)} for i, name in enumerate(self.experiments)]

    def size_key(self, sizes=None):
        """Entries of the key where lines are numbers of examples: all of the report's, or those that a figure has."""
        sizes, dashes = self.sizes if sizes is None else sizes, theme.RAMP_DASHES
        return [{"label": f"{size:,.0f}", "colour": colour, "shape": None, "dash": dashes[i % len(dashes)]}
                for i, (size, colour) in enumerate(zip(sizes, theme.ramp(len(sizes)), strict=True))]  # fmt: skip


@dataclass
class Panel:
    title: str
    chart: dict  # Vega-Lite, from `layers`; its data are named tables: alt.NamedData("points")
    key: list = field(default_factory=list)  # marks' key of this panel alone
    height: int = 300
    abreast: int = 0  # so many in a row belong together


def data(table, **where):
    """A chart on the rows of a named table whose columns are as stated."""
    chart = alt.Chart(alt.NamedData(table))
    for column, value in where.items():
        chart = chart.transform_filter(is_one_of(column, [value]))
    return chart


def is_one_of(column, values):
    """A filter: the rows whose column has one of the values."""
    return f"indexof({array(values)}, datum[{literal(column)}]) >= 0"


def array(values):
    return "[" + ",".join(literal(value) for value in values) + "]"


def literal(value):
    """A value in Vega's expression language. A text is put together from two, for Vega takes a literal that is the name of a
    property of every object in JavaScript ("constructor") for one of its own names, and fails."""
    if isinstance(value, str) and len(value) > 1:
        return f"({json.dumps(value[0])} + {json.dumps(value[1:])})"
    return json.dumps(value)


def _scales(look):
    entries = look.key()
    names = [entry["label"] for entry in entries]
    return {
        "color": alt.Scale(domain=names, range=[entry["colour"] for entry in entries]),
        "shape": alt.Scale(domain=names, range=[entry["shape"] for entry in entries]),
        "dash": alt.Scale(domain=names, range=[entry["dash"] for entry in entries]),
    }


def _legend(look):
    if not look.paper:
        return None
    # Without strokes, which would have the experiments' dashes and tear the marks' edges.
    named = alt.Undefined if look.drawn is None else {"expr": array(look.drawn)}
    return alt.Legend(title=None, orient="bottom", direction="horizontal", symbolOpacity=1, symbolStrokeWidth=0,
                      symbolSize=look.area(80), values=named)  # fmt: skip


def colour(look):
    return alt.Color("experiment:N", scale=_scales(look)["color"], legend=_legend(look))


def fill(look):
    """As the stroke's colour; by its opacity a mark is filled or hollow."""
    return alt.Fill("experiment:N", scale=_scales(look)["color"], legend=None)


def _parts(panel):
    """A table's panel is one of the paper's, and behind a comma what the reader sets apart: "supervised, learner.optimizer adam"."""
    head, comma, apart = panel.partition(", ")
    return head, comma + apart


def panel_name(panel):
    head, apart = _parts(panel)
    return PANELS.get(head, head) + apart


def title_of(panel, kind):
    """What a panel of one kind of experiment is called: "Supervised, regression, learner.optimizer adam"."""
    head, apart = _parts(panel)
    return PANELS.get(head, head) + (f", {KINDS.get(kind, kind)}" if head == "supervised" else "") + apart


def in_order(pairs):
    """(panel, kind, ...) in the paper's order."""
    order = list(PANELS)

    def place(pair):
        head, apart = _parts(pair[0])
        return order.index(head) if head in order else len(order), head, apart, *map(str, pair[1:])

    return sorted(set(pairs), key=place)


def on_one_scale(rows):
    """[(names, what a title adds)]: the experiments whose gaps can stand on one axis, which have one unit. A squared error has that
    of its targets, and so a panel for each data set and scale."""
    units = {}
    for row in rows:
        units.setdefault(row["unit"], set()).add(row["experiment"])
    return [(sorted(names), f": {unit}" if len(units) > 1 else "") for unit, names in sorted(units.items())]


def zero_line():
    return alt.Chart(alt.sequence(1)).mark_rule(color=theme.QUIET, strokeWidth=1).encode(y=alt.YDatum(0))


def shape(look):
    return alt.Shape("experiment:N", scale=_scales(look)["shape"], legend=_legend(look))


def dash(look):
    return alt.StrokeDash("experiment:N", scale=_scales(look)["dash"], legend=None)


def _size_legend(look):
    if not look.paper:
        return None
    return alt.Legend(title="training examples", orient="bottom", direction="horizontal", symbolType="stroke",
                      symbolOpacity=1, symbolSize=160, symbolStrokeWidth=1.4)  # fmt: skip


def size_colour(look, entries):
    names = [entry["label"] for entry in entries]
    scale = alt.Scale(domain=names, range=[entry["colour"] for entry in entries])
    return alt.Color("size:N", sort=names, legend=_size_legend(look), scale=scale)


def size_dash(look, entries):
    names = [entry["label"] for entry in entries]
    scale = alt.Scale(domain=names, range=[entry["dash"] for entry in entries])
    return alt.StrokeDash("size:N", sort=names, legend=_size_legend(look), scale=scale)


def strength(look, full, *fields):
    """Opacity: `full`, or nearly nothing while the reader looks at another entry of the key. An entry is a value of one of
    the `fields` (of the experiment, where none is named)."""
    if look.paper:
        return alt.OpacityValue(full)
    chosen = " || ".join(f"datum.{field} == isolated" for field in fields or ("experiment",))
    return alt.OpacityValue(full * 0.06, condition={"test": f"isolated == null || {chosen}", "value": full})


def layers(look, *charts):
    """The charts on each other, as Vega-Lite; on screen with the signal by which the page isolates an entry of the key.
    (Altair's own `layer` copies and compares every part of every chart, which was half of a page's time.)"""
    parts = [chart.to_dict(validate=False) for chart in charts]
    spec = {"layer": [{name: part[name] for name in part if name not in ("$schema", "config")} for part in parts]}
    return spec if look.paper else {**spec, "params": [{"name": "isolated", "value": None}]}


def examples_axis(sizes, title="training examples nT (log scale)"):
    """A logarithmic axis whose ticks are the numbers of examples that were run; a paper file names those that have room."""
    domain = [min(sizes, default=1) / 1.25, max(sizes, default=10) * 1.25]
    return alt.X("place:Q", title=title, scale=alt.Scale(type="log", domain=domain, nice=False),
                 axis=alt.Axis(values=list(sizes), format=",.0f", grid=False, labelOverlap="greedy",
                               labelExpr=named_where_room(sizes, domain, 300, 11)))  # fmt: skip


def named_where_room(sizes, domain, width, font_size):
    """The labels of a logarithmic axis so wide, as an expression of Vega's: the largest number's always, and going down from
    it those that do not touch the one before. (Vega's own thinning goes up, and drops the largest.)"""
    named, left = [], math.inf
    for size in sorted(sizes, reverse=True):
        place = width * math.log(size / domain[0]) / math.log(domain[1] / domain[0])
        half = 0.28 * font_size * len(f"{size:,.0f}")
        if place + half + 0.6 * font_size <= left:
            named.append(size)
            left = place - half
    return f"indexof({json.dumps(named)}, datum.value) >= 0 ? datum.label : ''"


def interval_said(digits=".4~g"):
    """What the pointer says of an interval."""
    return [alt.Tooltip("low:Q", title="90%, one configuration left out, from", format=digits),
            alt.Tooltip("high:Q", title="to", format=digits)]  # fmt: skip


def where_known(rows, layer, column="low"):
    """The layer of intervals, or nothing where no row has one: a scale over no value at all is a warning."""
    return [layer] if any(row[column] is not None for row in rows) else []


def side_by_side(chart, rows):
    """Adds `place`: nT moved by a few percent, so that intervals of several experiments in one panel do not hide each other."""
    names = sorted({row["experiment"] for row in rows})
    middle = (len(names) - 1) / 2
    return chart.transform_calculate(
        place=f"datum.nT * pow(1.035, indexof({array(names)}, datum.experiment) - {middle})"
    )


def log_ticks(low, high):
    """Powers of ten between the two, thinned where there are many; with their doubles and fivefolds where few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / 6))
    steps = (1, 2, 5) if math.log10(high / low) < 1.7 else (1, 3) if math.log10(high / low) < 2.6 else (1,)
    return [m * 10.0**k for k in range(first, last + 1, step) for m in steps if low <= m * 10.0**k <= high]


# An axis' label: 0.05, 700, 20,000; millions as 2M, and powers only of what is tiny or huge, 5e-4, 1e+24.
PLAIN = ("datum.value == 0 ? '0' : abs(datum.value) >= 1e6 && abs(datum.value) < 1e12 ? format(datum.value, '.4~s') : "
         "abs(datum.value) < 1e-3 || abs(datum.value) >= 1e12 ? format(datum.value, '.3~e') : format(datum.value, ',.6~r')")  # fmt: skip


def value_scale(rows):
    """Logarithmic where means and the ends of their intervals are positive and span more than a factor of 30, else
    linear. With its axis and what the axis' title has to add."""
    there = [row[name] for row in rows for name in ("mean", "low", "high") if row[name] is not None]
    if there and min(there) > 0 and max(there) / min(there) > 30:
        domain = [min(there) / 1.15, max(there) * 1.15]
        scale = alt.Scale(type="log", domain=domain, nice=False)
        return scale, alt.Axis(labelExpr=PLAIN, values=log_ticks(*domain), labelOverlap="greedy"), " (log scale)"
    return alt.Scale(type="linear", zero=False, nice=True), alt.Axis(labelExpr=PLAIN, tickCount=6), ""


def measured(look, rows, size, curves, *fields, clip=False):
    """A mark at each measurement of curves over training. Where they are so many that they would cover the curves' dashes,
    none is seen, and on the page they answer the pointer all the same."""
    many = len({row["step"] for row in rows}) >= 12
    if many and look.paper:
        return []
    opacity = alt.OpacityValue(0) if many else strength(look, 1, *fields)
    return [curves.mark_point(filled=True, size=look.area(size), clip=clip).encode(opacity=opacity)]


def log_axis(rows, column, title, ticks=None):
    """A logarithmic axis over a column's values, with ticks at powers of ten and parts of them, or at the values themselves."""
    values = [row[column] for row in rows]
    domain = [min(values) / 1.3, max(values) * 1.3]
    return alt.X(f"{column}:Q", title=f"{title}, log scale)", scale=alt.Scale(type="log", domain=domain, nice=False),
                 axis=alt.Axis(format="~s", values=ticks or log_ticks(*domain), grid=False, labelOverlap="greedy"))  # fmt: skip


def experiments_of(rows):
    """[(where, title, rows)] of each experiment in each panel, the paper's panels in its order: "digits-ddqn (value-based)".
    `where`: its name and panel, as `data` takes them."""
    made = []
    for panel, name in in_order((row["panel"], row["experiment"]) for row in rows):
        head, apart = _parts(panel)
        apart = "" if apart.removeprefix(", ") in name else apart  # a series may have the key in its name already
        said = apart.removeprefix(", ") if head == "supervised" else PANELS.get(head, head).lower() + apart
        here = [row for row in rows if (row["panel"], row["experiment"]) == (panel, name)]
        made.append(({"experiment": name, "panel": panel}, f"{name} ({said})" if said else name, here))
    return made


def varying(rows, column):
    """Those of the experiments that have two or more values in a column: one alone makes no line, and the figure's notes name
    the experiment."""
    return [one for one in experiments_of(rows) if len({row[column] for row in one[2]}) > 1]


def round_ticks(last, most):
    """0 and the multiples of 1, 2 or 5 times a power of ten up to `last`, at most so many."""
    power = 10.0 ** math.floor(math.log10(last / most))
    step = next(m * power for m in (1, 2, 5, 10) if last // (m * power) <= most)
    return [i * step for i in range(int(last // step) + 1)]


def unit_of(kind):
    """Supervised learning counts its updates, an agent its steps in the environment."""
    return "steps" if kind == "windowed" else "updates"


def steps_axis(look, unit, last=None, margin=1.0):
    """Time in training, of what is counted. `margin`: how much longer the axis is than the time until `last`, for words beside
    the curves."""
    title = TIME.get(unit, unit)
    ticks = {"values": round_ticks(last, (3 if margin == 1 else 2) if look.paper else 5)} if last else {"tickCount": 4 if look.paper else 6}
    # Written by the expression: as an axis' own format, ~s rounds all labels to the largest one's unit, and 500 became 1k.
    axis = alt.Axis(grid=False, labelExpr="datum.value == 0 ? '0' : format(datum.value, '~s')", **ticks)
    scale = alt.Scale(domain=[0, last * margin], nice=False) if last else alt.Scale(nice=False)
    return alt.X("step:Q", title=title, scale=scale, axis=axis)


TIME = {"updates": "training step (updates)", "steps": "environment steps", "episodes": "episodes"}
PANELS = {"supervised": "Supervised", "value-based": "Value-based", "policy gradient": "Policy gradient", "offline": "Offline"}
GAP = {"classify": "generalisation gap (share of examples)", "regress": "generalisation gap (squared error)",
       "windowed": "generalisation gap (reward, train − test)"}  # fmt: skip
KINDS = {"classify": "classification", "regress": "regression", "windowed": "agents"}
