"""Tables of every r with both of its intervals, and how far each kind of interval can be trusted."""

from ..charts import theme
from . import words
from .markup import details, join, section, table, tag


def _interval(row, low, high):
    return words.interval(row.get(low), row.get(high))


def _r(row, prefix=""):
    return words.decimal(row.get(prefix + "r"))


def _over_all(rows):
    return table(
        ["experiment", "r", "90%, configurations", "90%, runs", "runs", "configurations", "r given size",
         "90%, configurations", "r of log nT and gap", "90%, configurations"],
        [[row["experiment"], _r(row), _interval(row, "low", "high"), _interval(row, "runs_low", "runs_high"),
          words.value(row["n"]), words.value(row["configurations"]), _r(row, "partial_"),
          _interval(row, "partial_low", "partial_high"), _r(row, "examples_"),
          _interval(row, "examples_low", "examples_high")] for row in rows],
        "Over all runs of an experiment", numbers=range(1, 10))  # fmt: skip


def _by_size(rows):
    return table(
        ["experiment", "nT", "r", "90%, configurations", "90%, runs", "runs", "configurations", "r given capacity",
         "left out"],
        [[row["experiment"], words.value(row["nT"]), _r(row), _interval(row, "low", "high"),
          _interval(row, "runs_low", "runs_high"), words.value(row["n"]), words.value(row["configurations"]),
          words.decimal(row.get("r_given_capacity")),
          words.value((row.get("not_positive") or 0) + (row.get("missing") or 0))] for row in rows],
        "For each number of training examples nT", numbers=range(1, 9))  # fmt: skip


def _readings(rows):
    names = {"last": "last measurement", "early": "best test error"}
    return table(
        ["experiment", "point", "interference", "r", "90%, configurations", "90%, runs", "r given size",
         "90%, configurations"],
        [[row["experiment"], names.get(row["measurement"], row["measurement"]), row["interference"], _r(row),
          _interval(row, "low", "high"), _interval(row, "runs_low", "runs_high"), _r(row, "partial_"),
          _interval(row, "partial_low", "partial_high")] for row in rows],
        "Every reading of the runs", numbers=range(3, 8))  # fmt: skip


def _coverage(rows):
    share = lambda value: "–" if value is None else f"{value:.0%}"  # noqa: E731
    return table(
        ["experiment", "by runs", "by configurations", "simulated with"],
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


def render(bundle):
    lines, sizes = bundle.table("figure2", "lines"), bundle.table("figure1", "correlations")
    coverage, shares = bundle.table("figure1", "coverage"), bundle.table("figureD2", "shares")
    if lines is None and sizes is None:
        return ""
    main = theme.Reading()
    return section("correlations", "Correlations",
        tag("p", "Runs that differ in their seed alone are not independent. Intervals that resample configurations with all "
                 "their seeds allow for it; the paper’s, which resample runs, do not and are too narrow. Below six "
                 "configurations there is none. “Given size”: partial r, given log nT and log capacity."),
        _over_all(lines.reading(main).records()) if lines else "",
        _by_size(sizes.reading(main).records()) if sizes else "",
        _all_shares(shares.records()) if shares and shares.rows else "",
        _coverage(coverage.records()) if coverage and coverage.rows else "",
        details("The same for early stopping, train–test pairs and stiffness", _readings(lines.records())) if lines else ""
    )  # fmt: skip
