"""What runs without examples came to: each line of a figure at its last measurement, and how many of its runs diverged."""

from ..charts.lines import name_of
from . import words
from .markup import details, join, table, tag

MOST_MEASURES = 4  # columns that a page has room for
MOST_ROWS = 24


def _value(row):
    if row is None or row["last"] is None:
        return "–"
    interval = f" ({words.value(row['low'])} to {words.value(row['high'])})" if row["low"] is not None else ""
    return words.value(row["last"]) + interval


def _rows(ends, labels):
    """A row a line: its series, what tells it apart, its runs, how many diverged, its values."""
    found = {}
    for row in ends:
        found.setdefault((row["experiment"], row["line"]), {})[row["label"]] = row
    for (experiment, line), measured in found.items():
        one = next(iter(measured.values()))
        yield [experiment, line, words.value(one["runs"]), words.value(one["diverged"]),
               *(_value(measured.get(label)) for label in labels)]  # fmt: skip


def _table(ends, whole):
    labels = list(dict.fromkeys(row["label"] for row in ends))[:MOST_MEASURES]
    rows = list(_rows(ends, labels))
    head = ["experiment", "line", "runs", "diverged", *labels]
    if not any(row[1] for row in rows):
        head, rows = [head[0], *head[2:]], [[row[0], *row[2:]] for row in rows]
    title = f"{whole}: mean over the runs at the last measurement (90% interval)"
    shown = table(head, rows, title, numbers=range(len(head) - len(labels) - 2, len(head)))
    return shown if len(rows) <= MOST_ROWS else details(f"{title}, {words.count(len(rows), 'line')}", shown)


def render(bundle):
    """Sentences, and a table an experiment; "" where no run is without examples."""
    ends = bundle.table("figureMeasures", "ends")
    if ends is None:
        return ""
    said = [figure.alternative for figure in map(bundle.figure, ("figureSweep", "figureMeasures")) if figure]
    wholes = {}
    for row in ends.records():
        wholes.setdefault(_whole(row), []).append(row)
    return join([*(tag("p", one, class_="lead") for one in said if one),
                 *(_table(rows, whole) for whole, rows in wholes.items())])  # fmt: skip


def _whole(row):
    """The experiment that a series is one of: its name without what the series adds."""
    return name_of({**row, "line": ""}).partition(" (")[0]
