"""The tables behind the figures of points (1, 2, 9, 10), in long form, by docs/figures.md. A row is a dictionary; cells of text are those
of the report, cells of numbers are computed here. The paper's intervals are left as what they would resample."""

import numpy as np

from . import statistics
from .runs import MOMENTS, PAIRS, SIZES

VARIANTS = [(moment, pairs) for pairs in PAIRS for moment in MOMENTS]


class Resampled:
    """One end of an interval that the report drew with random numbers: any value in what another drawing allows is right."""

    def __init__(self, columns, statistic, share):
        self.columns, self.statistic, self.share = columns, statistic, share

    def holds(self, value, kept={}):  # noqa: B006  # both ends of an interval are of the same resamples
        key = (self.columns.tobytes(), self.statistic)
        if key not in kept:
            kept[key] = statistics.resampled(self.columns, self.statistic, seed=len(kept))
        return statistics.is_quantile(value, kept[key], self.share)


def _runs_interval(columns, statistic):
    return {"runs_low": Resampled(columns, statistic, 0.05), "runs_high": Resampled(columns, statistic, 0.95)}


def _mean_of_resamples(drawn):
    return drawn[..., 0].mean(axis=1)


def _relation(x, y, configurations, levels=None, papers=False):
    found = statistics.relation(x, y, configurations, levels) | {"runs_low": None, "runs_high": None}
    if papers and found["r"] is not None and found["configurations"] >= statistics.LEAST:
        x, y = ((np.asarray(column) - np.mean(column)) / np.std(column) for column in (x, y))
        found |= _runs_interval(np.stack([x, y], 1), statistics.r_of_resamples)
    return found


def _prefixed(prefix, found):
    return {prefix + name: value for name, value in found.items()}


class Sample:
    """The runs of an experiment whose moment has a gap and a mean over pairs that can be used."""

    def __init__(self, runs, moment, pairs):
        logarithm = PAIRS[pairs][2]
        there = [run for run in runs if None not in (run.moments[moment][pairs], run.moments[moment]["gap"])]
        self.missing = len(runs) - len(there)
        self.runs = [run for run in there if not logarithm or run.moments[moment][pairs] > 0]
        self.not_positive = len(there) - len(self.runs)
        self.measured = np.array([run.moments[moment][pairs] for run in self.runs])
        self.interference = np.log(self.measured) if logarithm else self.measured
        self.gap = np.array([run.moments[moment]["gap"] for run in self.runs])
        self.examples = np.log([run.examples for run in self.runs])
        self.capacity = np.log([max(1, run.capacity) for run in self.runs])
        self.configurations, self.sizes, self.cells = (np.array([getattr(run, name) for run in self.runs])
                                                       for name in ("alike", "examples", "cell"))  # fmt: skip


def sizes_of(runs):
    return sorted({run.examples for run in runs})


def head(name, runs):
    return {"experiment": name, "panel": runs[0].kind.panel, "kind": runs[0].kind.name}


def _variant(moment, pairs):
    return {"variant": f"{moment}/{pairs}", "measurement": moment, "interference": pairs}


def _each(results):
    """Each experiment with runs that are done, in each reading."""
    for name, runs in results.experiments.items():
        for moment, pairs in VARIANTS if runs else ():
            yield name, runs, moment, pairs


def correlations(results):
    for name, runs, moment, pairs in _each(results):
        for size in sizes_of(runs):
            one = Sample([run for run in runs if run.examples == size], moment, pairs)
            yield {**head(name, runs), "nT": size, **_variant(moment, pairs),
                   **_relation(one.interference, one.gap, one.configurations, papers=True),
                   **_prefixed("network_", _relation(one.interference, one.gap, one.configurations, one.cells)),
                   "not_positive": one.not_positive, "missing": one.missing}  # fmt: skip


def within_share(values, configurations):
    """One-way analysis of variance: the share of the variance that lies within configurations."""
    names = sorted(set(configurations))
    if len(values) <= len(names) or len(names) < 2 or not np.ptp(values):
        return 0.0
    inside = sum(np.sum((part - part.mean()) ** 2) for part in (values[configurations == one] for one in names))
    return min(1.0, inside / (len(values) - len(names)) / np.var(values, ddof=1))


def coverage(results):
    """The shapes that are simulated, an experiment each; the shares themselves are looked at apart."""
    for name, runs in results.experiments.items():
        samples = [Sample([run for run in runs if run.examples == size], *VARIANTS[0]) for size in sizes_of(runs)]
        shapes = [(len(set(one.configurations)), len(one.runs), within_share(one.interference, one.configurations))
                  for one in samples if len(set(one.configurations)) >= statistics.LEAST]  # fmt: skip
        if shapes:
            of, seeds, within = np.median([(of, count / of, share) for of, count, share in shapes], axis=0)
            yield {"experiment": name, "configurations": min(48, int(of)), "seeds": min(10, max(1, int(seeds + 0.5))),
                   "within": int(within * 10 + 0.5) / 10, "trials": 500}  # fmt: skip


def _varies_in_cells(runs):
    cells = {}
    for run in runs:
        cells.setdefault(run.cell, []).append(run)
    keys = {key for those in cells.values() for key in differing(those)}
    return listed(["the seed", *sorted(keys)]) if keys else "the seed alone"


def listed(parts):
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def differing(runs):
    """The keys in which runs differ."""
    values = {}
    for configuration in {run.alike: run.configuration for run in runs}.values():
        for key, value in configuration.items():
            values.setdefault(key, set()).add(str(value))
    return sorted(key for key, those in values.items() if len(those) > 1 and not key.startswith("runtime."))


def pooled_in(runs):
    """The keys in which an experiment's runs differ, other than sizes."""
    return listed([key for key in differing(runs) if key not in SIZES])


def unit_of_gaps(runs):
    """That of a regression's targets is its data's, at their scale."""
    own = sorted({f"{run.configuration['task.dataset']}, {run.configuration['task.normalise']}" for run in runs})
    return runs[0].kind.unit or "; ".join(own)


def cautions(results):
    """What must be read before any number: the sentences, in order."""
    regressions = {name: unit_of_gaps(runs) for name, runs in results.experiments.items() if runs and runs[0].kind.unit is None}
    said = [f"{name} pools squared errors in several units ({unit}): its r and its lines mix them and say nothing."
            for name, unit in regressions.items() if ";" in unit]  # fmt: skip
    if len(set(regressions.values())) > 1:
        parts = [f"{name} ({unit})" for name, unit in regressions.items()]
        said.append(f"Squared errors are in the units of their targets, which differ: {listed(parts)}. In these units their gaps are "
                    "not to be compared with each other.")  # fmt: skip
    return said


def standardised(sample):
    centre, deviation = (sample.interference.mean(), sample.interference.std()) if sample.runs else (0, 0)
    return (sample.interference - centre) / (deviation or 1), centre, deviation


def points(results):
    for name, runs, moment, pairs in _each(results):
        sample = Sample(runs, moment, pairs)
        for run, x in zip(sample.runs, standardised(sample)[0], strict=True):
            at = run.moments[moment]
            yield {"run": run.name, **head(name, runs), **_variant(moment, pairs), "seed": run.seed, "nT": run.examples,
                   "hidden": run.configuration["network.hidden"], "depth": run.configuration["network.depth"],
                   "capacity": run.capacity, "capacity_unit": run.unit, "step": at["step"], "mean": at[pairs], "x": x, "gap": at["gap"],
                   "train_error": at["train_error"], "test_error": at["test_error"], "learned": run.learned,
                   "unit": unit_of_gaps(runs)}  # fmt: skip


LINE = ["intercept", "slope", "slope_low", "slope_high", "x_from", "x_to", "log_mean", "log_deviation"]


def lines_and_bands(results):
    """(rows of lines, rows of bands) of figure 2."""
    lines, bands = [], []
    for name, runs, moment, pairs in _each(results):
        sample, by_size = Sample(runs, moment, pairs), Sample(runs, moment, "train-train")
        x, centre, deviation = standardised(sample)
        row = {**head(name, runs), **_variant(moment, pairs), **dict.fromkeys(LINE)}
        if len(x) >= 3 and np.ptp(x):
            places = np.linspace(x.min(), x.max(), 21)
            (intercept, slope), ends, heights = statistics.line(x, sample.gap, sample.configurations, places)
            row |= dict(zip(LINE, [intercept, slope, *ends, x.min(), x.max(), centre, deviation], strict=True))
            bands += [{"experiment": name, "variant": row["variant"], "x": place, "y": intercept + slope * place,
                       "low": low, "high": high} for place, (low, high) in zip(places, heights, strict=True)]  # fmt: skip
        pair = (sample.interference, sample.gap, sample.configurations)
        known = [run.learned for run in runs if run.learned is not None]
        lines.append(row | _relation(*pair, papers=True) | _prefixed("partial_", _relation(*pair, sample.sizes))
                     | _prefixed("cell_", _relation(*pair, sample.cells))
                     | _prefixed("examples_", _relation(by_size.examples, by_size.gap, by_size.configurations, papers=True))
                     | {"learned": sum(known), "not_learned": len(known) - sum(known), "unknown_learned": len(runs) - len(known),
                        "pooled": pooled_in(runs), "cell_varies": _varies_in_cells(sample.runs)})  # fmt: skip
    return lines, bands


def gaps(results):
    for name, runs in results.experiments.items():
        for moment in MOMENTS:
            for size in sizes_of(runs):
                there = [run for run in runs if run.examples == size and run.moments[moment]["gap"] is not None]
                values, configurations = (np.array([one(run) for run in there]) for one in
                                          (lambda run, at=moment: run.moments[at]["gap"], lambda run: run.alike))  # fmt: skip
                found = statistics.mean(values, configurations) | {"runs_low": None, "runs_high": None}
                if found["configurations"] >= statistics.LEAST:
                    found |= _runs_interval(values[:, None], _mean_of_resamples)
                yield {**head(name, runs), "unit": unit_of_gaps(runs), "gap_label": runs[0].kind.gap, "measurement": moment, "nT": size, **found,
                       "sd": np.std(values, ddof=1) if len(values) > 1 else None, "min": values.min(), "max": values.max()}  # fmt: skip


def interference(results):
    """Figure 10: geometric means by network, of cosines arithmetic ones."""
    for name, runs, moment, pairs in _each(results):
        for size in [None, *sizes_of(runs)]:
            sample = Sample([run for run in runs if size in (None, run.examples)], moment, pairs)
            networks = [(None, None, run.capacity) if run.configuration["network.layers"] else
                        (run.configuration["network.depth"], run.configuration["network.hidden"], run.capacity) for run in sample.runs]  # fmt: skip
            for network in dict.fromkeys(networks):
                at = np.array([one == network for one in networks])
                found = statistics.mean(sample.interference[at], sample.configurations[at])
                if PAIRS[pairs][2]:
                    found |= {key: np.exp(found[key]) for key in ("mean", "low", "high") if found[key] is not None}
                yield {**head(name, runs), **_variant(moment, pairs), "nT": size, "depth": network[0], "hidden": network[1],
                       "capacity": network[2], "capacity_unit": sample.runs[0].unit, **found}  # fmt: skip


def capacity_relation(runs, moment, pairs):
    """r of log capacity and interference given the number of examples: it stands in figure 10's words alone."""
    sample = Sample(runs, moment, pairs)
    return _relation(sample.capacity, sample.interference, sample.configurations, sample.sizes)
