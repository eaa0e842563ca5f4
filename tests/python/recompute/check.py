"""The report's CSV files beside the tables that were computed anew."""

import csv
from pathlib import Path

import numpy as np

from . import curves, statistics, tables
from .tables import Resampled

KEYS = [
    "run",
    "experiment",
    "variant",
    "measurement",
    "interference",
    "measure",
    "split",
    "policy",
    "nT",
    "depth",
    "hidden",
    "capacity",
    "step",
]


def recomputed(results):
    """{file's stem: rows} of every table that a report of one folder can have, in the report's order of columns or not."""
    lines, bands = tables.lines_and_bands(results)
    made = {"figure1-correlations": tables.correlations(results), "figure1-coverage": tables.coverage(results),
            "figure2-points": tables.points(results), "figure2-lines": lines, "figure2-bands": bands,
            "figure9": tables.gaps(results), "figure10": tables.interference(results),
            "figureD2-curves": curves.over_training(results), "figureD2-shares": curves.shares(results)}  # fmt: skip
    for figure in ("figureLearning", "figureReward"):
        made |= {f"{figure}-curves": curves.curves(results, figure), f"{figure}-lines": curves.lines(results, figure)}
    made["figureChurn"] = curves.curves(results, "figureChurn")
    return {stem: list(rows) for stem, rows in made.items()}


def written(folder):
    """{stem: rows} as the report wrote them: cells are texts."""
    found = {}
    for file in sorted((Path(folder) / "figures").glob("*.csv")):
        with file.open(newline="") as lines:
            found[file.stem] = list(csv.DictReader(lines))
    return found


def is_cell(cell, value):
    """Whether a cell of the file says this value."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return cell == ("" if value is None else str(bool(value)).lower())
    if isinstance(value, Resampled):
        return cell != "" and value.holds(float(cell))
    if isinstance(value, str):
        return cell == value
    try:
        read = float(cell)
    except ValueError:
        return False
    return abs(read - value) <= 1e-11 + 1e-7 * abs(value)


def key_of(row):
    parts = [row.get(key) for key in KEYS]
    if "run" not in row and "x" in row:  # a place of a band
        parts.append(round(float(row["x"]), 6))
    return tuple(
        "" if part in (None, "") else part if isinstance(part, str) and not _is_number(part) else float(part)
        for part in parts
    )


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def differences(stem, rows, file):
    """Sentences on what a file says otherwise than the rows; each cell of each is looked at."""
    ours, theirs = {key_of(row): row for row in rows}, {key_of(row): row for row in file}
    assert len(ours) == len(rows) and len(theirs) == len(file), f"{stem}: rows with the same keys"
    found = [
        f"{stem}: {key} stands only {'in the file' if key in theirs else 'here'}"
        for key in sorted(set(ours) ^ set(theirs), key=str)
    ]
    simulated = {"runs_coverage", "configurations_coverage"} if stem == "figure1-coverage" else set()
    for key in ours.keys() & theirs.keys():
        mine, read = ours[key], theirs[key]
        columns = set(mine) ^ (set(read) - simulated)
        found += [
            f"{stem}: column {column} stands only {'in the file' if column in read else 'here'}"
            for column in sorted(columns)
        ]
        found += [f"{stem}: {key}: {column} is {read[column]!r} in the file and {mine[column]!r} here"
                  for column in mine.keys() & read.keys() if not is_cell(read[column], mine[column])]  # fmt: skip
    return found


def coverage_differences(file, trials=400):
    """The shares of simulated studies, beside a simulation of the same shape: both are binomial, and may differ by five standard
    errors of their difference."""
    found, known = [], {}
    for row in file:
        shape = tuple(float(row[name]) for name in ("configurations", "seeds", "within"))
        if shape not in known:
            known[shape] = statistics.coverage(int(shape[0]), int(shape[1]), shape[2], 0.5, trials, seed=len(known))
        for column, ours in zip(("configurations_coverage", "runs_coverage"), known[shape], strict=True):
            theirs = float(row[column])
            share = (ours * trials + theirs * float(row["trials"])) / (trials + float(row["trials"]))
            error = np.sqrt(share * (1 - share) * (1 / trials + 1 / float(row["trials"])))
            if abs(ours - theirs) > statistics.STANDARD_ERRORS * error + 1e-9:
                found.append(f"figure1-coverage: {row['experiment']}: {column} is {theirs} in the file and {ours} here")
    return found


def settled(made, files):
    """The tables with the file's own number in place of what was drawn at random and found possible."""
    read = {stem: {key_of(row): row for row in rows} for stem, rows in files.items()}
    return {stem: [{name: float(read[stem][key_of(row)][name]) if isinstance(cell, Resampled) else cell for name, cell in row.items()} for row in rows]
            for stem, rows in made.items()}  # fmt: skip
