"""Tables of every r with both of its intervals, and how far each kind of interval can be trusted."""

from ..charts import theme
from . import words
from .markup import by_reading, details, join, section, table, tag

PAPERS = "the paper’s, over runs"


def _interval(row, low, high):
    return words.interval(row.get(low), row.get(high))


def _r(row, prefix=""):
    return words.decimal(row.get(prefix + "r"))


def _over_all(rows):
    return table(
        ["experiment", "runs", "configurations", "not learned", "r", "90%", PAPERS, "r given nT", "90%", "r within cells", "90%",
         "differs within a cell", "r of log nT and gap", "90%"],
        [[row["experiment"], words.value(row["n"]), words.value(row["configurations"]), _not_learned(row),
          _r(row), _interval(row, "low", "high"), _interval(row, "runs_low", "runs_high"),
          _r(row, "partial_"), _interval(row, "partial_low", "partial_high"),
          _r(row, "cell_"), _interval(row, "cell_low", "cell_high"), tag("span", row["cell_varies"] or "", class_="words"),
          _r(row, "examples_"), _interval(row, "examples_low", "examples_high")] for row in rows],
        "Over all runs of an experiment", numbers=(*range(1, 11), 12, 13))  # fmt: skip


def _not_learned(row):
    unknown = row["unknown_learned"]
    known = row["learned"] + row["not_learned"]
    return (
        "not known" if not known else words.value(row["not_learned"]) + (f" ({unknown:,} not known)" if unknown else "")
    )


def _by_size(rows):
    return table(
        ["experiment", "nT", "r", "90%", PAPERS, "runs", "configurations", "r given the network", "90%", "left out"],
        [[row["experiment"], words.value(row["nT"]), _r(row), _interval(row, "low", "high"),
          _interval(row, "runs_low", "runs_high"), words.value(row["n"]), words.value(row["configurations"]),
          _r(row, "network_"), _interval(row, "network_low", "network_high"),
          words.value((row.get("not_positive") or 0) + (row.get("missing") or 0))] for row in rows],
        "For each number of training examples nT", numbers=range(1, 10))  # fmt: skip


def _readings(rows):
    return table(
        ["experiment", "point", "interference", "r", "90%", PAPERS, "r given nT", "90%", "r within cells", "90%"],
        [[row["experiment"], theme.MEASUREMENTS.get(row["measurement"], row["measurement"]),
          theme.INTERFERENCES.get(row["interference"], row["interference"]), _r(row), _interval(row, "low", "high"),
          _interval(row, "runs_low", "runs_high"), _r(row, "partial_"), _interval(row, "partial_low", "partial_high"),
          _r(row, "cell_"), _interval(row, "cell_low", "cell_high")] for row in rows],
        "Every reading of the runs", numbers=range(3, 10))  # fmt: skip


def _coverage(rows):
    share = lambda value: "–" if value is None else f"{value:.0%}"  # noqa: E731
    return table(
        ["experiment", PAPERS, "this report’s", "simulated with"],
        [[row["experiment"], share(row["runs_coverage"]), share(row["configurations_coverage"]),
          f"{words.count(row['configurations'], 'configuration')} of {words.count(row['seeds'], 'seed')}, "
          f"{words.count(row['trials'], 'trial')}"] for row in rows],
        "How often a 90% interval holds the true r, in simulated studies of this shape", numbers=(1, 2))  # fmt: skip


def _shares(rows, title):
    """Mean shares over runs; a row a number of examples and kind of pairs, function and loss beside each other."""
    share = lambda row, sign: "–" if row is None else f"{row[sign]:.0%}"  # noqa: E731
    found = {(row["experiment"], row["nT"], row["split"], row["measure"]): row for row in rows}
    signs = ("positive", "zero", "negative")
    cells = []
    for experiment, size, split in dict.fromkeys(key[:3] for key in found):
        pair = [
            found.get((experiment, size, split, measure)) for measure in ("function_interference", "loss_interference")
        ]
        runs = next(row["n"] for row in pair if row is not None)
        cells.append(
            [
                experiment,
                words.value(size),
                split,
                *(share(row, sign) for row in pair for sign in signs),
                words.value(runs),
            ]
        )
    return table(["experiment", "nT", "pairs", "function: positive", "zero", "negative", "loss: positive", "zero", "negative", "runs"],
                 cells, title, numbers=(1, *range(3, 10)))  # fmt: skip


def _all_shares(rows):
    """Pairs of training samples, which the figures are about; the others where a reader asks."""
    title = "Which way pairs interfere, at the last measurement"
    main = [row for row in rows if row["split"] == "train-train"]
    others = [row for row in rows if row["split"] != "train-train"]
    return join(
        [_shares(main, title), details("The same of pairs with test samples", _shares(others, title)) if others else ""]
    )


# Once for the whole page: what is said of a number is part of it.
EXPLAINED = (
    "“90%” is an interval that leaves out one configuration with all its seeds at a time (Fisher’s z of r, t with one degree less than "
    "there are configurations), from four configurations on. Runs that differ in their seed alone are not independent, so the "
    "paper’s interval, which resamples runs, is too narrow; it stands beside. “Given nT”: partial r, given the number of examples, "
    "each on its own level. “Within cells”: given number of examples, width and depth, each cell on its own level.",
    "An r speaks of the configurations that were run. A grid that was chosen is no sample of all networks, and another grid has another "
    "r: the interval says how much r depends on which configurations of this kind were run, and nothing of other kinds. All intervals and "
    "the bands of the figures are pointwise: each holds with 90% for itself, not all of them at once, so that of ten one is "
    "expected to miss.",
)


def _of_reading(bundle, reading):
    """The tables of one reading of the runs."""
    lines, sizes = bundle.table("figure2", "lines"), bundle.table("figure1", "correlations")
    over_all = lines.reading(reading).records() if lines else []
    by_size = sizes.reading(reading).records() if sizes else []
    return join([_over_all(over_all) if over_all else "", _by_size(by_size) if by_size else ""])


def render(bundle):
    lines, sizes = bundle.table("figure2", "lines"), bundle.table("figure1", "correlations")
    coverage, shares = bundle.table("figure1", "coverage"), bundle.table("figureD2", "shares")
    if lines is None and sizes is None:
        return ""
    return section("correlations", "Correlations",
        *(tag("p", part) for part in EXPLAINED),
        by_reading(lambda reading: _of_reading(bundle, reading), theme.READINGS),
        _all_shares(shares.records()) if shares and shares.rows else "",
        _coverage(coverage.records()) if coverage and coverage.rows else "",
        details("All readings of the runs beside each other", _readings(lines.records())) if lines else ""
    )  # fmt: skip
