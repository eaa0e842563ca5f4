"""What `crosstalk.load` returns: everything that a results folder holds, as tables, arrays, charts and networks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crosstalk import _cli

from . import arrays, figures, kept
from .failures import failure, listed, unknown
from .shown import as_html, as_text

if TYPE_CHECKING:
    import altair
    import numpy as np
    import pandas as pd
    import torch

    from .rliable import Scores


class Results:
    """The results of one study. Runs that the study no longer names are left out.

    The runs are read at once, everything else when it is first asked for; what was read is kept. Every method raises
    crosstalk.Error, which names the folder and the mend: for a name that is not there, and where the store is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._stored = _cli.Results(self.folder)
        self._records = {record["run"]: record for record in json.loads(self._stored.runs())}
        self.study: dict[str, Any] = json.loads(self._stored.study())
        self._kept: dict[str, Any] = {}  # what was read and computed, by what it is

    @property
    def keys(self) -> list[str]:
        """The keys in which runs differ: the swept ones in the study's order, then all others."""
        from .tables import varying_keys

        return varying_keys(list(self._records.values()), self.swept)

    @property
    def swept(self) -> list[str]:
        """The keys that the study sweeps."""
        return list(self.study.get("swept", []))

    def configuration(self, run: str) -> dict[str, Any]:
        """Every key of a run with its value. `run`: an identifier, or the beginning of one."""
        return dict(self._record(run)["configuration"])

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run: run, experiment, seed, status (pending, running, done, diverged, failed), a column for each of
        `keys`, seconds (of work on it), message (why it failed or diverged)."""
        from .tables import runs_table

        if "runs" not in self._kept:
            self._kept["runs"] = runs_table(list(self._records.values()), self.keys)
        return self._kept["runs"].copy(deep=False)

    @property
    def rows(self) -> pd.DataFrame:
        """Every measured number, as `crosstalk export` prints them: run, experiment, seed, step, measure, split, value and
        a column for each swept key. Sorted by run, step, measure, split."""
        from .tables import rows_table

        if "rows" not in self._kept:
            columns = self._stored.rows()
            self._check_known(columns["run"][0])
            self._kept["rows"] = rows_table(columns, self.runs, self.swept)
        return self._kept["rows"].copy(deep=False)

    @property
    def measures(self) -> dict[str, list[str]]:
        """{measure: [split, ...]} of the rows."""
        pairs = self.rows[["measure", "split"]].drop_duplicates()
        found: dict[str, list[str]] = {}
        for measure, split in sorted(pairs.astype(str).itertuples(index=False)):
            found.setdefault(measure, []).append(split)
        return found

    def table(
        self,
        measure: str,
        split: str | None = None,
        by: Sequence[str] | None = None,
        where: Mapping[str, object] | None = None,
    ) -> pd.DataFrame:
        """One measure in wide form: a column for each step.

        `by`: columns of `runs` or keys; a row is the mean over the runs that are equal in them ([]: one row; default: a
        row for each run). In a mean are the runs that are done: of one that diverged only the good steps would be. Where
        `by` or `where` names "status", it decides. A mean over a value that is not a number is not a number.
        `split`: needed where the measure has several. `where`: only runs that have these values, {"seed": 0}.
        """
        from . import tables

        keys = ["run"] if by is None else [by] if isinstance(by, str) else list(by)
        if by is not None and "status" not in keys:
            where = {"status": "done"} | dict(where or {})
        rows = self._rows_of(measure, split, where)
        return tables.wide(tables.joined(rows, self._runs_with(keys), keys, self.folder), keys)

    @property
    def array_names(self) -> dict[str, list[str]]:
        """{array: [split, ...]} of the arrays that were measured."""
        found: dict[str, set[str]] = {}
        for _, name, split, _ in self._array_forms():
            found.setdefault(name, set()).add(split)
        return {name: sorted(found[name]) for name in sorted(found)}

    def arrays(
        self, measure: str, split: str | None = None, run: str | None = None, step: int | None = None
    ) -> list[arrays.MeasuredArray]:
        """The arrays of one measure, with what their axes are; sorted by run, step and split.

        Only those of a split, of a run (an identifier, or the beginning of one) and of a step, where these are given.
        """
        forms = self._array_forms()
        if measure not in self.array_names:
            raise unknown("array", measure, self.array_names, self.folder)
        if split is not None and split not in self.array_names[measure]:
            raise unknown(f"split of {measure}", split, self.array_names[measure], self.folder)
        chosen = None if run is None else self._record(run)["run"]
        runs = sorted({of for of, name, _, _ in forms if name == measure and chosen in (None, of)})
        found = [arrays.array_of(measure, of, stored) for of in runs for stored in self._stored.arrays(of, measure)]
        found = [one for one in found if split in (None, one.split)]
        steps = sorted({one.step for one in found})
        if step is not None and step not in steps:
            raise failure(
                "config", f"{self.folder}: no {measure} was measured at step {step}; it was at {listed(steps)}."
            )
        return [one for one in found if step in (None, one.step)]

    @property
    def figures(self) -> dict[str, str]:
        """{name: title} of the figures that these results have, in the report's order."""
        return figures.figure_names(self._bundle(None, None, None))

    def figure(
        self,
        name: str,
        *,
        by: Sequence[str] | None = None,
        panel: str | None = None,
        where: Mapping[str, object] | None = None,
        measurement: str = "quarter",
        interference: str = "train-train",
        inches: float = 6.5,
    ) -> altair.ConcatChart | altair.LayerChart:
        """A figure of the report as an Altair chart, about `inches` wide (at 72 pixels an inch).

        `by`, `panel`, `where`: as `crosstalk report` has them. `by`: the swept keys whose values are series of their own,
        [] for none; `panel`: a key whose values have panels of their own; `where`: only runs that have these values.
        `measurement`: "quarter", "last" or "early"; `interference`: "train-train", "train-test", "stiffness" or
        "function-stiffness": how a run is read as a point (docs/reports.md).
        """
        bundle = self._bundle(by, panel, where)
        figure = figures.figure_of(bundle, name, self.folder)
        return figures.chart_of(figure, bundle, measurement, interference, inches, self.folder)

    def figure_table(
        self,
        name: str,
        table: str | None = None,
        *,
        by: Sequence[str] | None = None,
        panel: str | None = None,
        where: Mapping[str, object] | None = None,
    ) -> pd.DataFrame:
        """A table behind a figure, as the report writes it to figures/NAME-TABLE.csv (docs/figures.md has the columns).
        `table`: needed where the figure has several."""
        return figures.table_of(
            figures.figure_of(self._bundle(by, panel, where), name, self.folder), table, self.folder
        )

    def rliable(
        self,
        measure: str,
        split: str | None = None,
        *,
        algorithm: str = "learner.algorithm",
        task: str = "experiment",
        at: str | int = "last",
        where: Mapping[str, object] | None = None,
    ) -> Scores:
        """{algorithm: (seeds, tasks) float64}, the form that rliable's functions take.

        `algorithm`, `task`: columns of `runs`, or keys. `at`: a run's score is its "last" measurement, the mean of those in its
        last "quarter", the "mean" of all, or the measurement at a step. The result has `.tasks`, the columns' names, and
        `.seeds`, the rows'. Error where a run is not done, where two runs have one place in a matrix, or none has.
        """
        from . import tables
        from .rliable import scores

        if algorithm == task:
            raise failure("config", f"{self.folder}: algorithm and task are both {task}. Give two columns.")
        rows = self._rows_of(measure, split, where)
        others = [key for key in self.keys if key not in (algorithm, task)]
        runs = self._runs_with([algorithm, task])
        rows = tables.joined(rows, runs, [algorithm, task, "status", *others], self.folder)
        named = rows.assign(algorithm=rows[algorithm].astype(object), task=rows[task].astype(object))
        return scores(named, at, others, self.folder)

    def kept_steps(self, run: str) -> list[int]:
        """The steps of which a run has kept its parameters (probe.keep), ascending."""
        record = self._record(run)
        return kept.kept_steps(self._stored, record["run"], record["configuration"], self.folder)

    def parameters(self, run: str, step: int | None = None, network: str = "online") -> dict[str, np.ndarray]:
        """{"0.weight": array, ...}: the parameters that a run has kept, with the shapes that PyTorch gives them.

        `run`: an identifier, or the beginning of one. `step`: of the measurement; the last one kept, if not given.
        `network`: "online"; or "target", "target-1", ... where the learner has target networks.
        """
        return self._kept_of(run, step).parameters(network, self.folder)

    def samples(self, run: str, step: int | None = None) -> dict[str, np.ndarray]:
        """{"train/inputs": array, ...}: the samples that a run has kept; docs/recompute.md lists the names."""
        return self._kept_of(run, step).samples()

    def module(self, run: str, step: int | None = None, network: str = "online") -> torch.nn.Sequential:
        """The run's network in PyTorch, with the parameters that it kept, in the precision in which it learned.

        It takes (N, ...) inputs as the run's network did, and gives (N, outputs). Error for a noisy layer.
        """
        from .network import module_of

        found = self._kept_of(run, step)
        return module_of(
            found.about["layers"], found.parameters(network, self.folder), f"{self.folder}: run {found.run}"
        )

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)

    def _record(self, run: str) -> dict[str, Any]:
        fitting = [name for name in self._records if name.startswith(run)] if run else []
        if run in self._records or len(fitting) == 1:
            return self._records[run if run in self._records else fitting[0]]
        if fitting:
            raise failure(
                "config", f"{self.folder}: {len(fitting)} runs begin with {run}: {listed(fitting)}. Give more of one."
            )
        raise unknown("run", run, self._records, self.folder)

    def _runs_with(self, names: Iterable[str]) -> pd.DataFrame:
        """The runs with columns for these keys too, in which no runs differ."""
        from .tables import runs_table

        records = list(self._records.values())
        known = {name for record in records for name in record["configuration"]}
        more = [name for name in dict.fromkeys(names) if name in known and name not in self.keys]
        return runs_table(records, [*self.keys, *more]) if more else self.runs

    def _rows_of(self, measure: str, split: str | None, where: Mapping[str, object] | None) -> pd.DataFrame:
        from . import tables

        rows = tables.of_measure(self.rows, measure, split, self.folder)
        return tables.where_equal(rows, self._runs_with(where), where, self.folder) if where else rows

    def _check_known(self, runs: Sequence[str]) -> None:
        if not set(runs) <= self._records.keys():
            raise failure("store", f"{self.folder}: the study has changed since it was loaded. Load it again.")

    def _array_forms(self) -> list[tuple[str, str, str, list[int]]]:
        if "forms" not in self._kept:
            forms = self._stored.array_forms()
            self._check_known([run for run, _, _, _ in forms])
            self._kept["forms"] = forms
        return self._kept["forms"]

    def _kept_of(self, run: str, step: int | None) -> kept.Kept:
        record = self._record(run)
        return kept.kept_of(self._stored, record["run"], record["configuration"], step, self.folder)

    def _bundle(self, by: Sequence[str] | None, panel: str | None, where: Mapping[str, object] | None) -> Any:
        asked = "bundle " + json.dumps([by, panel, where], default=str)
        if asked not in self._kept:
            self._kept[asked] = figures.bundle_of(self.folder, by, panel, where)
        return self._kept[asked]
