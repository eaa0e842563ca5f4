"""Runs and their points, from `crosstalk export` and the configurations in study.sqlite (docs/figures.md, "A point")."""

import io
import json
import sqlite3
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pandas as pd

STATES = ["pending", "running", "done", "diverged", "failed"]
MOMENTS = ["quarter", "last", "early"]
# How each mean over pairs is called: measure, split, whether it enters by its logarithm.
PAIRS = {"train-train": ("function_interference", "train-train", True), "train-test": ("function_interference", "train-test", True),
         "stiffness": ("stiffness", "train-train", False), "function-stiffness": ("function_stiffness", "train-train", False)}  # fmt: skip
NETWORK = ["network.hidden", "network.depth", "network.head", "network.layers"]
NOTHING = pd.Series(dtype=float)
SIZES = {"task.examples", *NETWORK}  # they make no series


@dataclass(frozen=True)
class Kind:
    name: str
    panel: str
    measure: str  # whose splits train and test make the gap
    best_is_one: bool  # then an error is 1 - measure
    constant: str  # what needs no input gets
    rival: str  # whose that is
    gap: str

    @property
    def unit(self):
        """What its errors are counted in, where that is not its data's own."""
        return {"accuracy": "share of examples", "reward": "reward"}.get(self.measure)


_AGENTS = ("reward", True, "reward.blind", "the policy that never looks", "generalisation gap (reward, train - test)")
KINDS = {
    ("classify", "supervised"): Kind("classify", "supervised", "accuracy", True, "accuracy.constant", "the majority class",
                                     "generalisation gap (accuracy, train - test)"),
    ("regress", "supervised"): Kind("regress", "supervised", "squared_error", False, "squared_error.constant", "the mean of the targets",
                                    "generalisation gap (squared error, test - train)"),
    ("windowed", "double-dqn"): Kind("windowed", "value-based", *_AGENTS),
    ("windowed", "reinforce"): Kind("windowed", "policy gradient", *_AGENTS),
}  # fmt: skip


@dataclass
class Run:
    name: str
    of: str  # the experiment, as the study calls it
    seed: int
    state: str
    configuration: dict
    machine: dict
    seconds: float
    message: str
    number: int
    series: dict = field(default_factory=dict)  # (measure, split): pandas series by step
    experiment: str = ""  # with what makes it a series of its own
    moments: dict = field(default_factory=dict)
    learned: bool | None = None
    examples: float = 0
    capacity: float = 0

    @property
    def kind(self):
        return KINDS[self.configuration["task.kind"], self.configuration["learner.algorithm"]]

    @property
    def unit(self):
        return "parameters" if "network" in self.machine else "units"

    @cached_property
    def alike(self):
        """What two runs of one configuration share: all but the seed and the machine."""
        return json.dumps({k: v for k, v in self.configuration.items() if not k.startswith("runtime.")})

    @cached_property
    def cell(self):
        return json.dumps([self.examples] + [self.configuration[key] for key in NETWORK])

    def values(self, measure, split, first=-np.inf, last=np.inf):
        found = self.series.get((measure, split), NOTHING)
        return found[(found.index >= first) & (found.index <= last)]

    def mean(self, measure, split, first, last):
        values = self.values(measure, split, first, last)
        return float(np.mean(values)) if len(values) and np.isfinite(values).all() else None


@dataclass
class Results:
    study: dict
    runs: list
    arrays: list  # (run, name, step, matrix, axes)
    by: dict = field(default_factory=dict)

    @property
    def experiments(self):
        """{series: runs that are done}, in the order of names."""
        named = sorted((run for run in self.runs), key=lambda run: (run.experiment, run.name))
        return {
            name: [run for run in those if run.state == "done"]
            for name, those in groupby(named, lambda run: run.experiment)
        }


def capacity(configuration, data):
    """Parameters of the paper's networks, layer by layer: what the engine said when the run began is not looked at."""
    assert not configuration["network.layers"], "these studies have the paper's networks"
    hidden, depth, outputs = configuration["network.hidden"], configuration["network.depth"], data["outputs"]
    shape = list(data["input_shape"])
    if len(shape) == 1:
        widths = [shape[0], *[hidden] * (depth + 1), outputs]
        return sum((a + 1) * b for a, b in pairwise(widths))
    if configuration["task.kind"] == "windowed":
        shape[0], outputs = 4, outputs + 4
    channels, *picture = shape
    total = 0
    convolutions = [(hidden, 5, 2, 0), (2 * hidden, 3, 1, 0), (4 * hidden, 3, 1, 0), *[(4 * hidden, 3, 1, 1)] * depth]
    for width, kernel, stride, pad in convolutions:
        total += width * (channels * kernel**2 + 1)
        picture = [(side + 2 * pad - kernel) // stride + 1 for side in picture]
        channels = width
    head = configuration["network.head"] * hidden
    return total + head * (channels * picture[0] * picture[1] + 1) + outputs * (head + 1)


def _measure(run):
    """The run's three moments, and whether it learned."""
    kind, names = (
        run.kind,
        [("gap", "train-test"), (run.kind.measure, "test"), ("function_interference", "train-train")],
    )
    last = max(max(series.index, default=-1) for series in run.series.values())
    tested = run.values(kind.measure, "test", first=min(run.values(*names[2]).index, default=0))
    tested = tested[np.isfinite(tested)]
    best = tested.idxmax() if kind.best_is_one else tested.idxmin()  # the first of equals
    error = (lambda value: 1 - value) if kind.best_is_one else float
    for moment, first, end in (("quarter", 0.75 * last, last), ("last", last, last), ("early", best, best)):
        found = {"step": end} | {
            pairs: run.mean(measure, split, first, end) for pairs, (measure, split, _) in PAIRS.items()
        }
        for split in ("train", "test"):
            found[f"{split}_error"] = error(run.mean(kind.measure, split, first, end))
        found["gap"] = run.mean("gap", "train-test", first, end)
        if found["gap"] is None:
            found["gap"] = found["test_error"] - found["train_error"]
        run.moments[moment] = found
    constant = run.mean(kind.constant, "train", 0.75 * last, last)
    run.learned = None if constant is None else run.moments["quarter"]["train_error"] < 0.9 * error(constant)


def _keys_of_series(runs, by):
    """The keys by which an experiment's runs are told apart: texts first, then what has few values."""
    values = {key: {json.dumps(run.configuration[key]) for run in runs} for key in runs[0].configuration}
    differing = {key for key in values if len(values[key]) > 1 and key not in SIZES and not key.startswith("runtime.")}
    assert len({tuple(json.dumps(run.configuration[key]) for key in sorted(differing)) for run in runs}) <= 8, (
        "too many series"
    )
    number = lambda key: isinstance(runs[0].configuration[key], (int, float))
    if by is not None:
        return [key for key in by if len(values[key]) > 1]
    return sorted(differing, key=lambda key: (number(key), len(values[key]), key))


def exported(folder, crosstalk):
    text = subprocess.run(
        [crosstalk, "export", str(folder), "--format", "csv"], capture_output=True, text=True, check=True, timeout=120
    )
    rows = pd.read_csv(
        io.StringIO(text.stdout), usecols=["run", "step", "measure", "split", "value"], dtype={"run": str}
    )
    return rows[~rows["measure"].str.contains(r"\.q\d\d$")]  # no figure has quantiles


def read(folder, crosstalk, by=None):
    """`by`: keys that make series, where the report was asked for some (an empty list: none)."""
    with sqlite3.connect(f"file:{Path(folder) / 'study.sqlite'}?mode=ro", uri=True) as store:
        study = json.loads(store.execute("select value from meta where key = 'study'").fetchone()[0])
        rows = store.execute(
            "select run, experiment, seed, status, configuration, machine, seconds, message, number from runs where named"
        )
        runs = [Run(name, of, seed, STATES[state], json.loads(configuration), json.loads(machine), seconds, message, number)
                for name, of, seed, state, configuration, machine, seconds, message, number in rows]  # fmt: skip
        arrays = store.execute("select runs.run, names.name, step, shape, value, axes from arrays join runs on runs.number = arrays.run "
                               "join names on names.number = arrays.name").fetchall()  # fmt: skip
    store.close()
    named = {run.name: run for run in runs}
    for (name, measure, split), part in (
        exported(folder, crosstalk).sort_values("step").groupby(["run", "measure", "split"], sort=False)
    ):
        if name in named:
            named[name].series[measure, split] = pd.Series(part["value"].to_numpy(), part["step"].to_numpy())
    for of in {run.of for run in runs}:
        those = [run for run in runs if run.of == of]
        keys = _keys_of_series(those, by)
        for run in those:
            parts = [
                f"{key} {value if isinstance(value := run.configuration[key], str) else json.dumps(value)}"
                for key in keys
            ]
            run.experiment = of + (f" ({', '.join(parts)})" if parts else "")
    for run in runs:
        data = next(one for one in study["data"].values() if one["dataset"] == run.configuration["task.dataset"])
        examples = run.configuration["task.examples"]
        run.examples = data["train_rows"] if examples == "all" else examples
        run.capacity = capacity(run.configuration, data)
        if run.state == "done":
            _measure(run)
    return Results(study, runs, [(run, name, step, np.frombuffer(value).reshape(json.loads(shape)), json.loads(axes))
                                 for run, name, step, shape, value, axes in arrays])  # fmt: skip
