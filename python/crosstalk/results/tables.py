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


def _rank(value: object) -> tuple[int, Any]:
    if isinstance(value, tuple):
        return 2, str(value)
    return (1, value) if isinstance(value, str) else (0, value)


def in_order(values: Iterable[Any]) -> list:
    """Sorted: numbers, then texts, then lists."""
    return sorted(values, key=_rank)


def _categorical(words: Sequence[Any], numbers: np.ndarray) -> pd.Categorical:
    """A column of words by their numbers (-1: none), its categories in order."""
    order = in_order(words)
    places = {word: place for place, word in enumerate(order)}
    codes = np.array([*(places[word] for word in words), -1], dtype=np.int32)
    return pd.Categorical.from_codes(codes[numbers], categories=pd.Index(order, tupleize_cols=False))


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
            words = [word for word in pd.unique(column.astype(object)) if word is not None]
            numbers = {word: number for number, word in enumerate(words)}
            return _categorical(words, np.array([numbers.get(word, -1) for word in column], dtype=np.int32)[of_row])
        return column.to_numpy()[of_row] if isinstance(column.dtype, np.dtype) else column.take(of_row).array

    table = {name: spread(name) for name in ("run", "experiment", "seed")}
    table["step"] = columns["step"]
    for name in ("measure", "split"):
        table[name] = _categorical(*columns[name])
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


def check_columns(names: Iterable[str], runs: pd.DataFrame, place: object) -> None:
    for name in names:
        if name not in runs.columns:
            raise unknown("column of the runs", name, runs.columns, place)


def joined(rows: pd.DataFrame, runs: pd.DataFrame, names: Sequence[str], place: object) -> pd.DataFrame:
    """The rows with those columns of their runs that they have not yet."""
    check_columns(names, runs, place)
    missing = [name for name in dict.fromkeys(names) if name not in rows.columns]
    return rows.merge(runs[["run", *missing]], on="run") if missing else rows


def where_equal(rows: pd.DataFrame, runs: pd.DataFrame, where: Mapping[str, object], place: object) -> pd.DataFrame:
    """The rows of the runs that have these values."""
    check_columns(where, runs, place)
    chosen = np.ones(len(runs), dtype=bool)
    for name, value in where.items():
        fits = np.array([each is not pd.NA and each == _cell(value) for each in runs[name]], dtype=bool)
        if not fits.any():
            values = sorted({str(each) for each in runs[name]})
            raise failure("config", f"{place}: no run has {name} = {value!r}; there are {listed(values)}.")
        chosen &= fits
    found = rows[rows["run"].isin(runs["run"][chosen])]
    if found.empty:
        said = " and ".join(f"{name} = {value!r}" for name, value in where.items())
        raise failure("config", f"{place}: no run with {said} has measured this.")
    return found


def wide(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """A row for each combination of values of `by` (of none: one row, "all"), a column for each step: the mean over the
    runs. A mean over a value that is not a number is none."""
    names = [*by, "step"]
    means = rows.groupby(names, observed=True, sort=True)["value"].mean()
    holes = rows["value"].isna().groupby([rows[name] for name in names], observed=True, sort=True).any()
    means = means.mask(holes)
    return means.unstack("step") if by else means.to_frame("all").T
