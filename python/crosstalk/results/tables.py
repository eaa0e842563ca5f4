"""Runs and rows as pandas tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .failures import failure, listed, unknown

OF_A_RUN = ("run", "experiment", "seed", "status")


def _cell(value: object) -> object:
    """A key's value as a table has it: a list as a tuple, which can be grouped by."""
    return tuple(_cell(each) for each in value) if isinstance(value, list) else value


def _column(values: list) -> pd.Series:
    """Of the narrowest type that all values are of: bool, int64, float64, else object. A run without the key has None,
    and its column a type that knows missing values."""
    there = {type(value) for value in values if value is not None}
    missing = any(value is None for value in values)
    if there == {bool}:
        return pd.Series(values, dtype="boolean" if missing else bool)
    if there == {int}:
        return pd.Series(values, dtype="Int64" if missing else "int64")
    if there and there <= {int, float}:
        return pd.Series(values, dtype="float64")
    return pd.Series([_cell(value) for value in values], dtype="object")


def varying_keys(runs: Sequence[Mapping[str, Any]], swept: Sequence[str]) -> list[str]:
    """The swept keys in the study's order, then the others whose values differ between runs."""
    names = {name for run in runs for name in run["configuration"]}
    differ = [name for name in sorted(names) if len({repr(run["configuration"].get(name)) for run in runs}) > 1]
    return [*swept, *(name for name in differ if name not in swept and name not in OF_A_RUN)]


def runs_table(runs: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> pd.DataFrame:
    """One row a run: run, experiment, seed, status, the keys, seconds, message."""
    columns = {name: _column([run[name] for run in runs]) for name in OF_A_RUN}
    columns |= {key: _column([run["configuration"].get(key) for run in runs]) for key in keys}
    columns |= {name: _column([run[name] for run in runs]) for name in ("seconds", "message")}
    return pd.DataFrame(columns)


def rows_table(columns: Mapping[str, Any], runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The long table of `crosstalk export`: run, experiment, seed, step, measure, split, value and the keys. Texts that
    come again and again are categories."""
    names, of_row = columns["run"]
    of_run = runs.set_index("run").loc[names].reset_index()

    def spread(name: str) -> Any:
        column = of_run[name]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            words = pd.unique(column.astype(object))
            numbers = {word: number for number, word in enumerate(words)}
            codes = np.array([-1 if word is None else numbers[word] for word in column], dtype=np.int32)
            known = [word for word in words if word is not None]
            return pd.Categorical.from_codes(codes[of_row], categories=pd.Index(known, tupleize_cols=False))
        return column.to_numpy()[of_row] if isinstance(column.dtype, np.dtype) else column.take(of_row).array

    table = {name: spread(name) for name in ("run", "experiment", "seed")}
    table["step"] = columns["step"]
    for name in ("measure", "split"):
        words, numbers = columns[name]
        table[name] = pd.Categorical.from_codes(numbers, categories=words)
    table["value"] = columns["value"]
    return pd.DataFrame(table | {key: spread(key) for key in keys})


def of_measure(rows: pd.DataFrame, measure: str, split: str | None, place: object) -> pd.DataFrame:
    """The rows of one measure and one split; without a split, of the one that the measure has."""
    known = rows["measure"].cat.categories
    if measure not in known:
        raise unknown("measure", measure, known, place)
    rows = rows[rows["measure"] == measure]
    splits = sorted(rows["split"].unique())
    if split is None and len(splits) > 1:
        raise failure(
            "config", f"{place}: {measure} was measured of {listed(splits)}. Say of which: split={splits[0]!r}."
        )
    if split is not None and split not in splits:
        raise unknown(f"split of {measure}", split, splits, place)
    return rows if split is None else rows[rows["split"] == split]


def joined(rows: pd.DataFrame, runs: pd.DataFrame, keys: Iterable[str], place: object) -> pd.DataFrame:
    """The rows with the columns of their runs that are named and not there yet."""
    for key in keys:
        if key not in runs.columns:
            raise unknown("column of the runs", key, runs.columns, place)
    missing = [key for key in keys if key not in rows.columns]
    return rows.merge(runs[["run", *missing]], on="run") if missing else rows


def where_equal(rows: pd.DataFrame, runs: pd.DataFrame, where: Mapping[str, object], place: object) -> pd.DataFrame:
    """The rows of the runs that have these values."""
    chosen = np.ones(len(runs), dtype=bool)
    for key, value in where.items():
        if key not in runs.columns:
            raise unknown("column of the runs", key, runs.columns, place)
        fits = np.array([each == _cell(value) for each in runs[key]], dtype=bool)
        if not fits.any():
            values = sorted({str(each) for each in runs[key]})
            raise failure("config", f"{place}: no run has {key} = {value!r}; there are {listed(values)}.")
        chosen &= fits
    return rows[rows["run"].isin(runs["run"][chosen])]


def wide(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """A row for each combination of values of `by`, a column for each step: the mean over the runs. A mean over a value
    that is not a number is none."""
    names = [*by, "step"]
    means = rows.groupby(names, observed=True, sort=True)["value"].mean()
    holes = rows["value"].isna().groupby([rows[name] for name in names], observed=True, sort=True).any()
    return means.mask(holes).unstack("step")
