"""The tables of the section "Correlations", cell by cell, from numbers that were computed anew."""

from .page import number
from .sections import NAMES, POINTS

SIGNS = ("positive", "zero", "negative")


def _decimal(value):
    return "–" if value is None else number(value)


def _interval(row, low, high):
    return "–" if row[low] is None else f"{number(row[low])} to {number(row[high])}"


def _r(row, prefix="", papers=False):
    cells = [_decimal(row[prefix + "r"]), _interval(row, prefix + "low", prefix + "high")]
    return cells + ([_interval(row, "runs_low", "runs_high")] if papers else [])


def _not_learned(row):
    known, unknown = row["learned"] + row["not_learned"], row["unknown_learned"]
    return (
        "not known"
        if not known
        else number(row["not_learned"]) + (f" ({number(unknown)} not known)" if unknown else "")
    )


def _share(value):
    return number(100 * value) + "%"


def _shares(check, chosen):
    found = {}
    for row in check.made["figureD2-shares"]:
        if (row["split"] == "train-train") == chosen:
            found.setdefault((row["experiment"], row["nT"], row["split"]), {})[row["measure"]] = row
    cells = []
    for (experiment, size, split), pair in found.items():
        both = [pair.get(f"{what}_interference") for what in ("function", "loss")]
        shares = ["–" if row is None else _share(row[sign]) for row in both for sign in SIGNS]
        cells.append([experiment, number(size), split, *shares, number(next(row["n"] for row in both if row))])
    return cells


def table(title, reading, check):
    """Rows of cells that a table has to show in a reading; None for a table that nobody knows."""
    moment, _, pairs = reading.partition("/")
    of = {"measurement": moment, "interference": pairs}
    if title == "Over all runs of an experiment":
        return [[row["experiment"], number(row["n"]), number(row["configurations"]), _not_learned(row), *_r(row, papers=True),
                 *_r(row, "partial_"), *_r(row, "cell_"), row["cell_varies"], *_r(row, "examples_")]
                for row in check.words.rows("figure2-lines", **of)]  # fmt: skip
    if title == "For each number of training examples nT":
        return [[row["experiment"], number(row["nT"]), *_r(row, papers=True), number(row["n"]), number(row["configurations"]),
                 *_r(row, "network_"), number(row["not_positive"] + row["missing"])]
                for row in check.words.rows("figure1-correlations", **of)]  # fmt: skip
    if title == "Every reading of the runs":
        return [[row["experiment"], POINTS[row["measurement"]], NAMES[row["interference"]], *_r(row, papers=True), *_r(row, "partial_"),
                 *_r(row, "cell_")] for row in check.made["figure2-lines"]]  # fmt: skip
    if title == "Which way pairs interfere, at the last measurement":
        main = not any(one.tag == "details" for one in check.box.above)
        return _shares(check, main)
    if title.startswith("How often a 90% interval holds the true r"):
        shapes = {
            row["experiment"]: row for row in check.files["figure1-coverage"]
        }  # as simulated: looked at by check.coverage_differences
        return [[row["experiment"], *(_share(float(shapes[row["experiment"]][kind])) for kind in ("runs_coverage", "configurations_coverage")),
                 f"{number(row['configurations'])} configurations of {number(row['seeds'])} seed{'s' if row['seeds'] > 1 else ''}, {number(row['trials'])} trials"]
                for row in check.made["figure1-coverage"]]  # fmt: skip
    return None
