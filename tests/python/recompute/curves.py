"""The tables behind the figures over training (D.2, learning, reward, churn), by docs/figures.md."""

import numpy as np
import pandas as pd

from . import statistics
from .tables import head, sizes_of

SPLITS = ["train", "test"]
AGENTS = {"figureReward": ["reward", "accuracy", "first_guess"], "figureChurn": ["policy_churn", "value_churn"]}
POLICIES = {"random": "random policy", "blind": "policy that never looks"}
INTERFERENCE = ["train-train", "train-test"]


def _curve(runs, measure, split, size):
    """(step, values, configurations) over training; values that are not finite are left out."""
    rows = pd.DataFrame([(step, value, run.alike) for run in runs if run.examples == size
                         for step, value in run.values(measure, split).items() if np.isfinite(value)],
                        columns=["step", "value", "alike"])  # fmt: skip
    for step, part in rows.groupby("step"):
        yield step, part["value"].to_numpy(), part["alike"].to_numpy()


def _curves(name, runs, measures):
    for measure in measures:
        for split in SPLITS:
            for size in sizes_of(runs):
                for step, values, alike in _curve(runs, measure, split, size):
                    yield {**head(name, runs), "measure": measure, "split": split, "nT": size, "step": step,
                           **statistics.mean(values, alike)}  # fmt: skip


def is_agent(runs):
    return runs[0].kind.measure == "reward"


def judged(runs):
    """The measure on which supervised runs are judged."""
    normalised = ("squared_error_normalised", "train") in runs[0].series
    return (
        "squared_error_normalised" if runs[0].kind.measure == "squared_error" and normalised else runs[0].kind.measure
    )


def measures_of(figure, runs):
    if figure == "figureLearning":
        return [] if is_agent(runs) else ["loss", judged(runs)]
    return AGENTS[figure] if is_agent(runs) else []


def curves(results, figure):
    return [
        row
        for name, runs in results.experiments.items()
        if runs
        for row in _curves(name, runs, measures_of(figure, runs))
    ]


def lines(results, figure):
    """What needs no input gets at each run's last measurement: mean, least and most."""
    for name, runs in results.experiments.items():
        policies = POLICIES if figure == "figureReward" else {"constant": runs[0].kind.rival} if runs else {}
        for measure in [one for one in (measures_of(figure, runs) if runs else []) if one != "loss"]:
            for split in SPLITS:
                for policy, label in policies.items():
                    series = [run.values(f"{measure}.{policy}", split) for run in runs]
                    values = [
                        one[run.moments["last"]["step"]] for one, run in zip(series, runs, strict=True) if len(one)
                    ]
                    if values:
                        yield {**head(name, runs), "measure": measure, "split": split, "policy": policy, "label": label,
                               "value": np.mean(values), "min": min(values), "max": max(values), "n": len(values)}  # fmt: skip


def over_training(results):
    """Figure D.2's curves."""
    for name, runs in results.experiments.items():
        for split in INTERFERENCE:
            for size in sizes_of(runs):
                for step, values, alike in _curve(runs, "function_interference", split, size):
                    geometric = np.exp(np.log(values).mean()) if (values > 0).all() else None
                    yield {**head(name, runs), "interference": split, "nT": size, "step": step, **statistics.mean(values, alike),
                           "geometric_mean": geometric, "median": np.median(values)}  # fmt: skip


def shares(results):
    """Which way pairs interfere at the last measurement: mean shares over runs."""
    signs = ["positive", "zero", "negative"]
    for name, runs in results.experiments.items():
        for measure in ("function_interference", "loss_interference"):
            for split in ("train-train", "train-test", "test-test"):
                for size in sizes_of(runs):
                    found = [[run.values(f"{measure}.{sign}", split).get(run.moments["last"]["step"]) for sign in signs]
                             for run in runs if run.examples == size]  # fmt: skip
                    found = [row for row in found if None not in row]
                    if found:
                        yield {**head(name, runs), "measure": measure, "split": split, "nT": size,
                               **dict(zip(signs, np.mean(found, axis=0), strict=True)), "n": len(found)}  # fmt: skip
