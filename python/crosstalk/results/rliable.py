"""Scores in the form of rliable (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical
precipice"): a matrix of runs by tasks for each algorithm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .failures import failure, listed
from .tables import in_order

QUARTER = 0.75  # of a run's last measurement: where its last quarter begins, as in the report
AT = ("last", "quarter", "mean")


class Scores(dict):
    """{algorithm: (runs, tasks) float64}, as rliable's functions take it. `tasks`: the name of each column. `seeds`: of
    each row, the same for all algorithms."""

    def __init__(self, matrices: Mapping[object, np.ndarray], tasks: list, seeds: list) -> None:
        super().__init__(matrices)
        self.tasks, self.seeds = tasks, seeds


def _one_number(run: pd.DataFrame, at: str | int) -> float:
    """What of a run's measurements, sorted by step, is its score."""
    if at == "last":
        return run["value"].iloc[-1]
    if at == "mean":
        return run["value"].mean(skipna=False)
    if at == "quarter":
        return run["value"][run["step"] >= QUARTER * run["step"].iloc[-1]].mean(skipna=False)
    there = run["value"][run["step"] == at]
    return there.iloc[0] if len(there) else np.nan


def _refuse_other(differ: list[str], twice: pd.DataFrame, place: object) -> None:
    first = twice.iloc[0]
    raise failure(
        "config",
        f"{place}: several runs are of algorithm {first['algorithm']}, task {first['task']} and seed {first['seed']}"
        + (f": they differ in {listed(differ)}. Choose by where={{{differ[0]!r}: ...}}, or name the key as algorithm or task."
           if differ else "."),
    )  # fmt: skip


def _refuse_unfinished(runs: pd.DataFrame, place: object) -> None:
    left = runs["status"][runs["status"] != "done"].value_counts()
    if len(left):
        said = listed(f"{count} {status}" for status, count in left.items())
        raise failure(
            "config",
            f"{place}: not all of these {len(runs)} runs are done ({said}), and what such a run measured last is not its "
            'score. Choose others by where=, or say where={"status": "done"}.',
        )


def scores(rows: pd.DataFrame, at: str | int, keys: list[str], place: object) -> Scores:
    """`rows` of one measure with the columns run, step, value, seed, status, algorithm and task; `keys`: other columns, in which
    runs may differ."""
    if at not in AT and not isinstance(at, int):
        raise failure("config", f"{place}: at={at!r} is no part of a run; give {listed(AT)} or a step.")
    rows = rows.sort_values(["run", "step"])
    firsts = rows.drop_duplicates("run").set_index("run")
    _refuse_unfinished(firsts, place)
    values = pd.Series({run: _one_number(own, at) for run, own in rows.groupby("run", observed=True)}, name="score")
    table = firsts.assign(score=values)[["algorithm", "task", "seed", "score", *keys]]
    twice = table[table.duplicated(["algorithm", "task", "seed"], keep=False)]
    if len(twice):
        first = twice.iloc[0]
        same = twice[(twice["algorithm"] == first["algorithm"]) & (twice["task"] == first["task"])]
        _refuse_other([key for key in keys if same[key].nunique(dropna=False) > 1], twice, place)
    algorithms, tasks, seeds = (in_order(table[name].unique().tolist()) for name in ("algorithm", "task", "seed"))
    filled = table.set_index(["algorithm", "task", "seed"])["score"]
    matrices = {}
    for algorithm in algorithms:
        cells = [[filled.get((algorithm, task, seed), np.nan) for task in tasks] for seed in seeds]
        matrices[algorithm] = np.array(cells, dtype=np.float64)
        empty = np.argwhere(~np.isfinite(matrices[algorithm]))
        if len(empty):
            seed, task = (int(each) for each in empty[0])
            raise failure(
                "config",
                f"{place}: algorithm {algorithm} has no finite score for task {tasks[task]}, seed {seeds[seed]} "
                f"({len(empty)} such in all), and rliable's matrices have no holes. Choose runs by where=, or another at=.",
            )
    return Scores(matrices, tasks, seeds)
